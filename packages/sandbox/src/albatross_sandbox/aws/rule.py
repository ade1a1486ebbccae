"""Rules: create, describe, change, order, delete."""

from albatross_sandbox.aws import account, action, condition, tag
from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.store import Listener, Request, Result, Rule, Store, page, token


def create(store: Store, request: Request) -> Result:
    """CreateRule."""
    listener = store.listener(request["ListenerArn"])
    lb = listener.load_balancer
    if lb.kind != "application":
        raise Fault("UnsupportedProtocol", f"Rules are unsupported for listeners of load balancers of type '{lb.kind}'")
    tags = tag.read(request.get("Tags"))
    conditions = condition.read(store, request["Conditions"])
    if not conditions:
        raise invalid("A rule must have at least one condition")
    actions = action.read(store, lb, listener.protocol, request["Actions"])
    transforms = condition.read_transforms(request.get("Transforms", []))
    priority = request["Priority"]
    if any(held.priority == priority for held in listener.rules.values()):
        raise Fault("PriorityInUse", f"Priority '{priority}' is currently in use")
    count = sum(len(other.rules) - 1 for other in lb.listeners.values())
    said = f"The maximum number of rules on load balancer '{lb.arn}' has been reached"
    account.enforce(store, "rules-per-application-load-balancer", count + 1, "TooManyRules", said)
    suffix = listener.arn.partition(":listener/")[2]
    rule = Rule(store.arn("listener-rule", f"{suffix}/{token()}"), listener, priority, conditions, [], transforms, tags)
    listener.rules[rule.arn] = store.rules[rule.arn] = rule
    action.bind(store, rule, actions)
    return {"Rules": [shown(rule)]}


def shown(rule: Rule) -> Result:
    """A rule as Describe shows it."""
    return {
        "RuleArn": rule.arn,
        "Priority": "default" if rule.priority is None else str(rule.priority),
        "Conditions": rule.conditions,
        "Actions": rule.actions,
        "IsDefault": rule.priority is None,
        "Transforms": rule.transforms,
    }


def ordered(listener: Listener) -> list[Rule]:
    """A listener's rules by priority, the default one last."""
    return sorted(listener.rules.values(), key=lambda rule: rule.priority or 1_000_000)


def describe(store: Store, request: Request) -> Result:
    """DescribeRules."""
    arns, owner = request.get("RuleArns"), request.get("ListenerArn")
    if bool(arns) == bool(owner):
        raise invalid("You must specify either listener rule ARNs or a listener ARN")
    if arns:
        return {"Rules": [shown(store.rule(arn)) for arn in dict.fromkeys(arns)]}
    rows, marker = page(request, ordered(store.listener(owner or "")), lambda rule: rule.arn)
    return {"Rules": [shown(rule) for rule in rows], "NextMarker": marker}


def modify(store: Store, request: Request) -> Result:
    """ModifyRule; what is not given stays."""
    rule = store.rule(request["RuleArn"])
    if rule.priority is None:
        raise Fault("OperationNotPermitted", f"Default rule '{rule.arn}' cannot be modified")
    if request.get("Transforms") and request.get("ResetTransforms"):
        raise invalid("Transforms and ResetTransforms cannot be specified at the same time")
    listener = rule.listener
    conditions = condition.read(store, request["Conditions"]) if request.get("Conditions") else rule.conditions
    actions = action.read(store, listener.load_balancer, listener.protocol, request["Actions"]) if request.get("Actions") else rule.actions
    transforms = condition.read_transforms(request["Transforms"]) if request.get("Transforms") else rule.transforms
    rule.conditions = conditions
    rule.transforms = [] if request.get("ResetTransforms") else transforms
    action.bind(store, rule, actions)
    return {"Rules": [shown(rule)]}


def set_priorities(store: Store, request: Request) -> Result:
    """SetRulePriorities: all of them or none."""
    pairs = [(store.rule(row.get("RuleArn", "")), row.get("Priority")) for row in request["RulePriorities"]]
    wanted = {rule.arn: priority for rule, priority in pairs}
    if len(wanted) < len(pairs) or None in wanted.values():
        raise invalid("Each rule must be specified exactly once, with a priority")
    if any(rule.priority is None for rule, _ in pairs):
        raise Fault("OperationNotPermitted", "The priority of a default rule cannot be set")
    if len({rule.listener.arn for rule, _ in pairs}) > 1:
        raise invalid("All rules must belong to the same listener")
    listener = pairs[0][0].listener if pairs else None
    taken = [wanted.get(rule.arn, rule.priority) for rule in (listener.rules.values() if listener else [])]
    for priority in wanted.values():
        if taken.count(priority) > 1:
            raise Fault("PriorityInUse", f"Priority '{priority}' is currently in use")
    for rule, priority in pairs:
        rule.priority = priority
    return {"Rules": [shown(rule) for rule, _ in pairs]}


def delete(store: Store, request: Request) -> Result:
    """DeleteRule."""
    rule = store.rule(request["RuleArn"])
    if rule.priority is None:
        raise Fault("OperationNotPermitted", f"Default rule '{rule.arn}' cannot be deleted")
    action.bind(store, rule, [])
    del store.rules[rule.arn]
    del rule.listener.rules[rule.arn]
    return {}
