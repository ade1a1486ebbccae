"""Actions of rules and listeners: checked as AWS checks them, stored as AWS shows them."""

from typing import Any

from albatross_sandbox.aws import account, quic
from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.store import Listener, LoadBalancer, Rule, Store, TargetGroup

Action = dict[str, Any]

_FINAL = ("forward", "redirect", "fixed-response")
_SETTINGS = {
    "forward": "ForwardConfig",
    "redirect": "RedirectConfig",
    "fixed-response": "FixedResponseConfig",
    "authenticate-oidc": "AuthenticateOidcConfig",
    "authenticate-cognito": "AuthenticateCognitoConfig",
    "jwt-validation": "JwtValidationConfig",
}
_REDIRECT = {"Protocol": "#{protocol}", "Port": "#{port}", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"}
_SESSION = {
    "SessionCookieName": "AWSELBAuthSessionCookie",
    "Scope": "openid",
    "SessionTimeout": 604800,
    "OnUnauthenticatedRequest": "authenticate",
}
# Which target group protocols a listener may forward to: user guide of network load balancers, "Routing configuration" of target groups.
# That table does not speak of QUIC, which is treated like UDP here.
_COMPATIBLE = {
    "HTTP": ("HTTP", "HTTPS"),
    "HTTPS": ("HTTP", "HTTPS"),
    "TCP": ("TCP", "TCP_UDP"),
    "TLS": ("TCP", "TLS"),
    "UDP": ("UDP", "TCP_UDP"),
    "TCP_UDP": ("TCP_UDP",),
    "QUIC": ("QUIC", "TCP_QUIC"),
    "TCP_QUIC": ("TCP_QUIC",),
    None: ("GENEVE",),
}


def read(store: Store, lb: LoadBalancer, protocol: str | None, given: list[Action]) -> list[Action]:
    """A request's actions in AWS's stored form; raises the faults AWS has for bad ones."""
    if not given:
        raise invalid("You must specify an action")
    actions = [_normal({**action, "Order": action.get("Order", index)}) for index, action in enumerate(given, 1)]
    actions.sort(key=lambda action: action["Order"])
    _check_sequence(lb, protocol, actions)
    for action in actions:
        _check(action)
        if action["Type"] == "forward":
            _check_forward(store, lb, protocol, action)
    return actions


def _check_sequence(lb: LoadBalancer, protocol: str | None, actions: list[Action]) -> None:
    kinds = [action["Type"] for action in actions]
    if len({action["Order"] for action in actions}) < len(actions):
        raise invalid("Action order must be unique")
    if lb.kind != "application" and kinds != ["forward"]:
        raise Fault("InvalidLoadBalancerAction", f"Load balancers of type '{lb.kind}' support one forward action only")
    if kinds[-1] not in _FINAL or any(kind in _FINAL for kind in kinds[:-1]):
        raise Fault("InvalidLoadBalancerAction", f"The last action must be one of '{', '.join(_FINAL)}', and the only one of them")
    if len(kinds) > len(set(kinds)) or {"authenticate-oidc", "authenticate-cognito"} <= set(kinds):
        raise Fault("TooManyActions", "You cannot specify more than one action of the same kind")
    if protocol != "HTTPS" and any(kind.startswith("authenticate-") or kind == "jwt-validation" for kind in kinds):
        raise invalid(f"Actions of type '{kinds[0]}' are supported only on HTTPS listeners")


def _check(action: Action) -> None:
    kind = action["Type"]
    if any(setting in action for name, setting in _SETTINGS.items() if name != kind):
        raise invalid(f"An action of type '{kind}' must not carry the settings of another type")
    if not action.get(_SETTINGS[kind]):
        raise invalid(f"You must specify '{_SETTINGS[kind]}' for an action of type '{kind}'")
    if kind == "redirect":
        _check_redirect(action["RedirectConfig"])
    if kind == "fixed-response":
        _check_fixed(action["FixedResponseConfig"])


def _check_redirect(config: Action) -> None:
    if config["Protocol"] not in ("HTTP", "HTTPS", "#{protocol}"):
        raise invalid(f"The redirect protocol '{config['Protocol']}' must be one of 'HTTP, HTTPS, #{{protocol}}'")
    port = config["Port"]
    if port != "#{port}" and not (port.isdigit() and 1 <= int(port) <= 65535):
        raise invalid(f"The redirect port '{port}' must be a number from 1 to 65535 or '#{{port}}'")
    if not config["Path"].startswith("/"):
        holders = "'#{path}', '#{host}', '#{port}'"
        said = f"should start with a '/', and may contain up to one of each of these placeholders: {holders}"
        raise invalid(f"The Path parameter must be a valid path, {said}.")
    if config["Query"].startswith("?"):
        raise invalid("The redirect query must not begin with '?'")
    if all(config[key] == default for key, default in _REDIRECT.items()):
        raise Fault("InvalidLoadBalancerAction", "The RedirectConfig must change at least one of protocol, port, host, path and query")


def _check_fixed(config: Action) -> None:
    allowed = ("text/plain", "text/css", "text/html", "application/javascript", "application/json")
    kind = config.get("ContentType")
    if kind and kind not in allowed:
        raise invalid(f"The content type '{kind}' must be one of '{', '.join(allowed)}'")


def _normal(action: Action) -> Action:
    """The action with what AWS fills in and without what it never gives back."""
    kind = action["Type"]
    if kind == "forward":
        return _forward(action)
    if kind == "redirect":
        return {**action, "RedirectConfig": {**_REDIRECT, **_written(action.get("RedirectConfig"))}}
    if kind in ("authenticate-oidc", "authenticate-cognito"):
        config = {**_SESSION, **_written(action.get(_SETTINGS[kind]))}
        config.pop("ClientSecret", None)
        config.pop("UseExistingClientSecret", None)
        return {**action, _SETTINGS[kind]: config}
    return action


def _written(config: Action | None) -> Action:
    return {key: value for key, value in (config or {}).items() if value not in ("", None)}


def _forward(action: Action) -> Action:
    config = dict(action.get("ForwardConfig") or {})
    single = action.get("TargetGroupArn")
    groups = config.get("TargetGroups") or ([{"TargetGroupArn": single}] if single else [])
    rows = [{**row, "Weight": row.get("Weight", 1)} for row in groups]
    if single and [row.get("TargetGroupArn") for row in rows] != [single]:
        raise invalid("TargetGroupArn and the target groups of ForwardConfig must be the same")
    stickiness = config.get("TargetGroupStickinessConfig") or {}
    config = {"TargetGroups": rows, "TargetGroupStickinessConfig": {"Enabled": False, **stickiness}}
    out = {**action, "ForwardConfig": config}
    if len(rows) == 1:
        out["TargetGroupArn"] = rows[0].get("TargetGroupArn")
    return out


def _check_forward(store: Store, lb: LoadBalancer, protocol: str | None, action: Action) -> None:
    config = action["ForwardConfig"]
    rows = config["TargetGroups"]
    if not rows:
        raise invalid("You must specify at least one target group")
    if len({row.get("TargetGroupArn") for row in rows}) < len(rows):
        raise invalid("Each target group must be specified exactly once")
    quota = f"target-groups-per-action-on-{'network' if lb.kind == 'network' else 'application'}-load-balancer"
    account.enforce(
        store, quota, len(rows), "TooManyTargetGroups", f"The maximum number of target groups per action is {account.limit(store, quota)}"
    )
    for row in rows:
        if not 0 <= row["Weight"] <= 999:
            raise invalid(f"The weight '{row['Weight']}' must be from 0 to 999")
        _check_group(store, lb, protocol, store.target_group(row.get("TargetGroupArn", "")))
    sticky = config["TargetGroupStickinessConfig"]
    if sticky["Enabled"] and lb.kind == "application" and not 1 <= sticky.get("DurationSeconds", 0) <= 604800:
        raise invalid("Target group stickiness duration must be from 1 to 604800 seconds")
    if lb.kind == "application" and len(rows) > 1 and not sticky["Enabled"]:
        _check_sticky(store, [row["TargetGroupArn"] for row in rows])


def _check_sticky(store: Store, arns: list[str]) -> None:
    """The words of AWS: argoproj/argo-rollouts#1572."""
    if any(store.target_group(arn).attributes.get("stickiness.enabled") == "true" for arn in arns):
        said = "You must enable group stickiness on a rule if you enabled target stickiness on one of its target groups"
        raise Fault("InvalidLoadBalancerAction", said)


def _check_group(store: Store, lb: LoadBalancer, protocol: str | None, group: TargetGroup) -> None:
    if group.kind == "lambda":
        if lb.kind != "application":
            raise Fault("IncompatibleProtocols", "Target groups of type lambda are supported by Application Load Balancers only")
    elif group.protocol not in _COMPATIBLE.get(protocol, ()):
        said = f"listener protocol '{protocol}' and target group protocol '{group.protocol}' are not compatible"
        raise Fault("IncompatibleProtocols", f"The {said}: '{group.arn}'")
    quic.check_family(protocol, lb.kind == "network" and lb.ip_address_type != "ipv4", group)
    if group.vpc_id and group.vpc_id != lb.vpc_id:
        raise invalid(f"The target group '{group.arn}' is not in the VPC of the load balancer '{lb.arn}'")
    if group.version == "GRPC" and protocol != "HTTPS":
        said = f"Listener protocol '{protocol}' is not supported with a target group with the protocol-version 'GRPC'"
        raise Fault("InvalidLoadBalancerAction", said)
    others = [arn for arn in group.load_balancers if arn != lb.arn]
    if others:
        said = "The following target groups cannot be associated with more than one load balancer"
        raise Fault("TargetGroupAssociationLimit", f"{said}: {group.arn}")
    used = {arn for listener in lb.listeners.values() for rule in listener.rules.values() for arn in groups(rule.actions)} | {group.arn}
    said = "The maximum number of unique target groups per load balancer has been reached"
    account.enforce(store, "target-groups-per-application-load-balancer", len(used), "TooManyUniqueTargetGroupsPerLoadBalancer", said)


def groups(actions: list[Action]) -> list[str]:
    """ARNs of the target groups that the actions forward to."""
    return [row["TargetGroupArn"] for action in actions for row in (action.get("ForwardConfig") or {}).get("TargetGroups", [])]


def bind(store: Store, rule: Rule, actions: list[Action]) -> None:
    """Give a rule its actions and tell the target groups that come and go."""
    before, after = set(groups(rule.actions)), set(groups(actions))
    rule.actions = actions
    for arn in before - after:
        group = store.target_groups.get(arn)
        if group is not None and rule.arn in group.rules:
            del group.rules[rule.arn]
            if not group.rules:
                group.poke()
    for arn in after:
        group = store.target_groups[arn]
        idle = not group.rules
        group.rules[rule.arn] = rule
        if idle:
            group.poke()


def recheck(store: Store, listener: Listener, protocol: str | None) -> None:
    """Check every rule's forwards again under another listener protocol."""
    for rule in listener.rules.values():
        for action in rule.actions:
            if action["Type"] == "forward":
                _check_forward(store, listener.load_balancer, protocol, action)
