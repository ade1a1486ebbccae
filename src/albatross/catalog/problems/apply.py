"""LB5##: what a plan takes down, and what AWS or the cluster refuses while one is carried out."""

from albatross.catalog.problems.row import ProblemRow

_ERRORS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonErrors.html"
_STANDS = "it depends on what stands in AWS already, which no manifest says"
_REFUSED = "it depends on what AWS answers, which no manifest says"
_CALL = '{what}: {call} answered {code} "{said}"'
_MANY_LOST = "so many at once come of a wrong file, class or cluster name more often than of a wish"

DANGERS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB501",
        slug="load-balancer-replaced",
        severity="warning",
        summary="load balancer {name} will be replaced, for AWS cannot change its {fields}: {dns} goes, and another DNS name comes",
        why="the old one is deleted before the new one is made, so nothing answers for the minutes that AWS takes, and clients of the "
        "old DNS name never come back by themselves",
        fix="have DNS follow the address of the Ingress (external-dns does), or make a second Ingress with the new {fields}, move the "
        "traffic over, and delete this one then",
        unshown=_STANDS,
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
    ),
    ProblemRow(
        code="LB502",
        slug="many-load-balancers-lost",
        severity="warning",
        summary="{lost} of {standing} load balancers will be deleted or replaced: {names}",
        why=_MANY_LOST,
        fix="look whether these DNS names may go: {dns}",
        unshown=_STANDS,
    ),
)

PROTECTED: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB503",
        slug="protected-load-balancer-replaced",
        severity="error",
        summary="load balancer {name} is protected from deletion, but AWS cannot change its {fields} without deleting it",
        why="deletion protection is asked for here, so the load balancer stays as it is, with its DNS name and everything behind it",
        fix="set deletion_protection.enabled=false in load-balancer-attributes if it may be replaced, else set {fields} as before",
        unshown=_STANDS,
    ),
    ProblemRow(
        code="LB504",
        slug="deletion-protection-removed",
        severity="warning",
        summary="load balancer {name} is deleted though its deletion protection is on; that is switched off first",
        why="no annotation asks for the protection any more, so it was switched on by hand or its annotation was taken away",
        fix="nothing, if it may go; to keep it, undo what deletes it and set deletion_protection.enabled=true in load-balancer-attributes",
        unshown=_STANDS,
    ),
    ProblemRow(
        code="LB505",
        slug="too-many-load-balancers-lost",
        severity="error",
        summary="refused: {lost} of {standing} load balancers would be deleted or replaced {when}, among them {names}",
        why=f"{_MANY_LOST}; above --allow-deletions and above 30 % of all, somebody has to say that it is meant",
        fix="look whether these DNS names may go: {dns}; if so, pass --allow-deletions={lost} or --allow-deletions=all; what is refused by "
        "`run` is tried again, and goes once the earlier deletions are ten minutes ago",
        unshown=_STANDS,
    ),
)

REFUSALS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB510",
        slug="throttled",
        severity="error",
        summary=_CALL,
        why="the account's rate of calls, which all its clients share, is used up; the client has tried many times already",
        fix="nothing, it is tried again ever more slowly; if it lasts, see who else calls so often, or lower --aws-api-throttle",
        unshown=_REFUSED,
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/throttling.html",
    ),
    ProblemRow(
        code="LB511",
        slug="permission-missing",
        severity="error",
        summary=_CALL,
        why="the controller's IAM identity may not do it, or a policy above it (organisation, boundary, session) forbids it",
        fix="allow {actions} in its IAM policy, with no condition that this resource fails to meet",
        unshown=_REFUSED,
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
    ),
    ProblemRow(
        code="LB512",
        slug="credentials-refused",
        severity="error",
        summary=_CALL,
        why="the credentials are expired or wrong, or the account is not signed up for this service or region",
        fix="see which identity is in use (EKS Pod Identity, IRSA, AWS_PROFILE, keys in the environment), renew it, and check the region",
        unshown=_REFUSED,
        source=_ERRORS,
    ),
    ProblemRow(
        code="LB513",
        slug="aws-resource-gone",
        severity="error",
        summary=_CALL,
        why="something that the call names is not there: someone deleted it, or it was never in this account and region",
        fix="what was ours is found out and made again in the next pass; what an annotation names must be corrected there",
        unshown=_REFUSED,
    ),
    ProblemRow(
        code="LB514",
        slug="name-taken",
        severity="error",
        summary=_CALL,
        why="another resource, not of this group, has the name, port or priority already",
        fix="delete or rename the other one, or choose another name here",
        unshown=_REFUSED,
    ),
    ProblemRow(
        code="LB515",
        slug="quota-reached",
        severity="error",
        summary=_CALL,
        why="the account has a limit of how many there may be",
        fix="the quota of {quota}: {remedy}",
        unshown=_REFUSED,
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html",
    ),
    ProblemRow(
        code="LB516",
        slug="resource-held",
        severity="error",
        summary=_CALL,
        why="something else uses it still, or works on it",
        fix="see what refers to it: a rule of another security group, a network interface, a listener that is not ours; it is tried again",
        unshown=_REFUSED,
    ),
    ProblemRow(
        code="LB517",
        slug="request-refused",
        severity="error",
        summary=_CALL,
        why="AWS does not take these settings together, or here",
        fix="change the annotation that the answer speaks of",
        unshown=_REFUSED,
        source=_ERRORS,
    ),
    ProblemRow(
        code="LB518",
        slug="aws-unavailable",
        severity="error",
        summary='{what}: {call} got no good answer: {code} "{said}"',
        why="AWS failed, or cannot be reached from here; what was asked for may have been done all the same",
        fix="nothing, it is looked at anew and tried again; if it lasts, see the way to AWS (endpoints, proxy, DNS) and its status page",
        unshown=_REFUSED,
        source="https://health.aws.amazon.com/health/status",
    ),
    ProblemRow(
        code="LB519",
        slug="unknown-aws-error",
        severity="error",
        summary=_CALL,
        why="this code is in no list that AWS publishes of this call",
        fix="see what the answer says; it is tried again",
        unshown=_REFUSED,
        source=_ERRORS,
    ),
    ProblemRow(
        code="LB520",
        slug="cluster-refused",
        severity="error",
        summary="{what}: {said}",
        why="the Kubernetes API did not do what the plan needs",
        fix="see whether the controller's role allows it and the object's schema is installed; it is tried again",
        unshown="it depends on what the cluster answers, which no manifest says",
    ),
    ProblemRow(
        code="LB521",
        slug="internal-fault",
        severity="error",
        summary="{what}: {said}",
        why="this is a fault of the controller's own",
        fix="report it with the lines around it in the controller's log; it is tried again",
        unshown="no manifest is known to cause one",
    ),
)

ROWS: tuple[ProblemRow, ...] = (*DANGERS, *PROTECTED, *REFUSALS)
