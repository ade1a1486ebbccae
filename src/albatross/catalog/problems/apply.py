"""LB5##: load balancers that a plan deletes, and errors of AWS or the cluster during a plan."""

from albatross.catalog.problems.row import ProblemRow

_ERRORS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonErrors.html"
_EXISTING = "it depends on the resources that are already in AWS, which are not in a manifest"
_REFUSED = "it depends on the answer of AWS, which is not in a manifest"
_CALL = '{what}: {call} failed with {code}: "{said}"'
_DENIED = "{what}: {call} failed with {aws_code}: {identity} is not allowed to do {action} on {resource}"
_DENIALS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"
_MANY_LOST = "a wrong file, class or cluster name is the usual cause of so many deletions at once"

DANGERS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB501",
        slug="load-balancer-replaced",
        severity="warning",
        summary="load balancer {name} will be replaced, because AWS cannot change its {fields}; its DNS name {dns} will be deleted, "
        "and the new load balancer gets another one",
        why="a DNS name cannot move from one load balancer to another, so clients of the old DNS name do not recover by themselves; LB446 "
        "and LB447 say whether requests fail in between",
        fix="let DNS follow the address in the Ingress status, for example with external-dns; or create a second Ingress with the new "
        "{fields}, move the traffic to it, and then delete this one",
        unshown=_EXISTING,
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
    ),
    ProblemRow(
        code="LB502",
        slug="many-load-balancers-lost",
        severity="warning",
        summary="{lost} of {standing} load balancers will be deleted or replaced: {names}",
        why=_MANY_LOST,
        fix="check that these DNS names are no longer needed: {dns}",
        unshown=_EXISTING,
    ),
)

LOST: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB506",
        slug="load-balancer-lost",
        severity="warning",
        summary="load balancer {name} will be deleted, because nothing in {group} needs it any more; its DNS name {dns} goes with it",
        why="its last object is in another group now, is not ours any more, or has switched this load balancer off, but still exists",
        fix="let DNS records that point to {dns} follow the address in the status of the object, for example with external-dns; or undo "
        "the change to keep the load balancer",
        unshown=_EXISTING,
    ),
)

CHANGED: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB524",
        slug="load-balancer-left",
        severity="warning",
        summary="{object} leaves {group}, so the load balancer with the DNS name {dns} does not answer for it any more",
        why="it is in another group now, or is not ours any more; the load balancer stays for the other members of the group",
        fix="let the DNS records of its hosts that point to {dns} follow the address in its status: external-dns does this, and you change "
        "alias and CNAME records of your own; or undo the change",
        unshown=_EXISTING,
    ),
    ProblemRow(
        code="LB525",
        slug="address-changed",
        severity="warning",
        summary="the address of {object} is {new} now, and no longer {old}",
        why="its load balancer was replaced, or it has joined or left a group, so another load balancer answers for it",
        fix="let every alias or CNAME record that points to {old} point to {new}: external-dns and the records of albatross.dev/dns "
        "follow by themselves",
        unshown=_EXISTING,
    ),
    ProblemRow(
        code="LB526",
        slug="addresses-lost",
        severity="warning",
        summary="load balancer {name} loses {addresses}; its DNS name {dns} stays",
        why="the subnets, the Elastic IPs or the address type of the load balancer change, and AWS gives its old addresses back",
        fix="clients and firewalls that know these addresses must follow; everything that uses the DNS name follows by itself",
        unshown=_EXISTING,
    ),
)

AWAITED: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB523",
        slug="targets-not-healthy",
        severity="warning",
        summary="{rule} now forwards to {groups}, although it has no healthy target after {seconds} s",
        why="the old target groups answered until now; requests to a target group without targets are answered with 503",
        fix="make the pods of the new Service ready and their health checks succeed (`albatross status` shows the reason of each target), "
        "or undo the change; --targets-before-rules sets the longest time to wait",
        unshown="it depends on the health of targets, which is not in a manifest",
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-503-issues",
    ),
)

PROTECTED: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB503",
        slug="protected-load-balancer-replaced",
        severity="error",
        summary="load balancer {name} is protected from deletion, but AWS cannot change its {fields} without deleting it",
        why="deletion protection is set here, so the load balancer is not changed and keeps its DNS name, its listeners and its rules",
        fix="set deletion_protection.enabled=false in load-balancer-attributes to allow the replacement, or restore the old {fields}",
        unshown=_EXISTING,
    ),
    ProblemRow(
        code="LB504",
        slug="deletion-protection-removed",
        severity="warning",
        summary="load balancer {name} will be deleted although its deletion protection is on; the protection is switched off first",
        why="no annotation sets the protection: somebody switched it on by hand, or the annotation was removed",
        fix="nothing, if the load balancer is no longer needed; to keep it, undo the change that deletes it and set "
        "deletion_protection.enabled=true in load-balancer-attributes",
        unshown=_EXISTING,
    ),
    ProblemRow(
        code="LB505",
        slug="too-many-load-balancers-lost",
        severity="error",
        summary="refused: {lost} of {standing} load balancers would be deleted or replaced {when}, among them {names}",
        why=f"{_MANY_LOST}; more than --allow-deletions and more than 30 % of all need a confirmation",
        fix="check that these DNS names are no longer needed: {dns}; then pass --allow-deletions={lost} or --allow-deletions=all; `run` "
        "retries, and continues when the earlier deletions are more than ten minutes ago",
        unshown=_EXISTING,
    ),
)

REFUSALS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB510",
        slug="throttled",
        severity="error",
        summary=_CALL,
        why="all clients of the account share its rate of API calls, and the rate is used up; the controller has retried many times",
        fix="wait: the controller retries with growing delays; if the problem lasts, find other clients with many calls, or lower "
        "--aws-api-throttle",
        unshown=_REFUSED,
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/throttling.html",
    ),
    ProblemRow(
        code="LB511",
        slug="permission-missing",
        severity="error",
        summary=_DENIED,
        why="no policy of this identity allows the action for this resource: the statement is missing, or its resource or condition does "
        "not match, for example because the resource does not have the tag of this cluster",
        fix="add {statements} to the policies of {holder}: {commands}",
        unshown=_REFUSED,
        source=_DENIALS,
    ),
    ProblemRow(
        code="LB720",
        slug="permission-denied",
        severity="error",
        summary=_DENIED + ": an explicit deny",
        why="a statement with Effect Deny matches the call; no other permission can allow it again",
        fix="find the Deny statement for {action} in {owner}, and remove it or exclude {holder}; more permissions do not help{decode}",
        unshown=_REFUSED,
        source=_DENIALS,
    ),
    ProblemRow(
        code="LB721",
        slug="permission-capped",
        severity="error",
        summary=_DENIED + ", because {owner} does not allow it",
        why="such a policy limits what the policies of the identity can allow; both must allow the action",
        fix="allow {action} in {owner}; {statements} in the policies of {holder} is necessary too, but it is not enough",
        unshown=_REFUSED,
        source=_DENIALS,
    ),
    ProblemRow(
        code="LB722",
        slug="role-not-trusted",
        severity="error",
        summary="{what}: {call} failed with {aws_code}: the role {resource} does not let {identity} in",
        why="the role exists in the other account only for the identities that its trust policy names, and often only with an external id; "
        "AWS does not tell which of the two is wrong, or whether the role exists",
        fix="in account {account}: check that the role exists, and allow {holder} (or its account) sts:AssumeRole in its trust policy; "
        "if the trust policy has a condition for sts:ExternalId, set spec.assumeRoleExternalId of the TargetGroupBinding to its text; the "
        "policies of {holder} are not the cause",
        unshown=_REFUSED,
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
    ),
    ProblemRow(
        code="LB512",
        slug="credentials-refused",
        severity="error",
        summary=_CALL,
        why="the credentials are expired or wrong, or the account has not enabled this service or region",
        fix="check which identity is used (EKS Pod Identity, IRSA, AWS_PROFILE, keys in the environment), renew it, and check the region",
        unshown=_REFUSED,
        source=_ERRORS,
    ),
    ProblemRow(
        code="LB513",
        slug="aws-resource-gone",
        severity="error",
        summary=_CALL,
        why="a resource in the call does not exist: somebody deleted it, or it was never in this account and region",
        fix="correct the annotation that names the resource; the controller creates its own resources again when it retries",
        unshown=_REFUSED,
    ),
    ProblemRow(
        code="LB514",
        slug="name-taken",
        severity="error",
        summary=_CALL,
        why="another resource, outside this group, already has the name, port or priority",
        fix="delete or rename the other resource, or use another name here",
        unshown=_REFUSED,
    ),
    ProblemRow(
        code="LB515",
        slug="quota-reached",
        severity="error",
        summary=_CALL,
        why="the account limits the number of these resources",
        fix="{remedy}; quota: {quota}",
        unshown=_REFUSED,
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html",
    ),
    ProblemRow(
        code="LB516",
        slug="resource-held",
        severity="error",
        summary=_CALL,
        why="another resource still uses it, or AWS is still changing it",
        fix="find what refers to it: a rule of another security group, a network interface, a listener that is not ours; the "
        "controller retries",
        unshown=_REFUSED,
    ),
    ProblemRow(
        code="LB517",
        slug="request-refused",
        severity="error",
        summary=_CALL,
        why="AWS does not accept these settings together, or not here",
        fix="change the annotation that the AWS message mentions",
        unshown=_REFUSED,
        source=_ERRORS,
    ),
    ProblemRow(
        code="LB518",
        slug="aws-unavailable",
        severity="error",
        summary='{what}: {call} got no valid answer: {code} "{said}"',
        why="AWS failed, or it cannot be reached from here; AWS may have made the change all the same",
        fix="wait: the controller reads the state again and retries; if the problem lasts, check the connection to AWS (endpoints, "
        "proxy, DNS) and the AWS status page",
        unshown=_REFUSED,
        source="https://health.aws.amazon.com/health/status",
    ),
    ProblemRow(
        code="LB519",
        slug="unknown-aws-error",
        severity="error",
        summary=_CALL,
        why="AWS does not document this code for this call",
        fix="do what the AWS message says; the controller retries",
        unshown=_REFUSED,
        source=_ERRORS,
    ),
    ProblemRow(
        code="LB520",
        slug="cluster-refused",
        severity="error",
        summary="{what}: {said}",
        why="the Kubernetes API did not make the change that the plan needs",
        fix="{remedy}; the controller retries",
        unshown="it depends on the answer of the cluster, which is not in a manifest",
    ),
    ProblemRow(
        code="LB521",
        slug="internal-fault",
        severity="error",
        summary="{what}: {said}",
        why="this is a bug in the controller",
        fix="report it, with the lines around it in the controller's log; the controller retries",
        unshown="no known manifest causes it",
    ),
)

ROWS: tuple[ProblemRow, ...] = (*DANGERS, *LOST, *CHANGED, *AWAITED, *PROTECTED, *REFUSALS)
