"""LB7##: the identity of the controller in AWS, and its permissions in the cluster."""

from albatross.catalog.problems.row import Example, ProblemRow

_ACCOUNT = "kind: ServiceAccount\nmetadata: {name: lb, annotations: {%s}}"
_RIGHT = _ACCOUNT % "eks.amazonaws.com/role-arn: arn:aws:iam::123456789012:role/lb"
_START = "it depends on the credentials that the controller has at start, which are not in a manifest"
_CLUSTER = "it depends on the roles that are bound in the cluster, which are checked at start"
_IRSA = "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html"
_RBAC = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/"
_RESTART = "then restart the pods: a running pod keeps the identity that it started with"

ACCOUNT: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB701",
        slug="unknown-annotation-for-role",
        at_key=True,
        severity="warning",
        summary='EKS does not read the annotation "{key}" of a ServiceAccount, so it gives the pods no role',
        why="EKS reads only eks.amazonaws.com/role-arn; without it the pods silently use the role of the node, which usually may not "
        "create load balancers",
        fix=f"`{{command}} eks.amazonaws.com/role-arn={{role}} {{remove}}`; {_RESTART}",
        example=Example(_ACCOUNT % "eks.amazonaws.com/policy-arn: arn:aws:iam::123456789012:policy/lb", _RIGHT),
        source=_IRSA,
    ),
    ProblemRow(
        code="LB702",
        slug="role-arn-malformed",
        severity="error",
        summary='"{value}" is not the ARN of an IAM role: {reason}',
        why="the pods ask STS for this role; STS refuses the name, so the controller has no credentials",
        fix=f"`{{command}} eks.amazonaws.com/role-arn={{role}}`; {_RESTART}",
        example=Example(_ACCOUNT % "eks.amazonaws.com/role-arn: 'arn:aws:iam::{{ACCOUNT}}:role/lb'", _RIGHT),
        source=_IRSA,
    ),
    ProblemRow(
        code="LB703",
        slug="policy-instead-of-role",
        severity="error",
        summary='"{value}" is the ARN of a policy, and EKS needs the ARN of a role',
        why="a pod can only assume a role; the policy must be attached to this role",
        fix=f"attach the policy to a role that trusts this ServiceAccount (`albatross iam role` writes both), and run "
        f"`{{command}} eks.amazonaws.com/role-arn=ROLE_ARN`; {_RESTART}",
        example=Example(_ACCOUNT % "eks.amazonaws.com/role-arn: arn:aws:iam::123456789012:policy/lb", _RIGHT),
        source=_IRSA,
    ),
)

START: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB704",
        slug="other-identity-used",
        severity="warning",
        summary="the ServiceAccount {account} names the role {role}, but the controller is {identity}",
        why="EKS sets the role when a pod starts: the annotation is newer than the pod, the webhook of EKS was not running, or other "
        "credentials in the environment win",
        fix="restart the pods (`{restart}`); if it stays so, look for AWS_ROLE_ARN and other AWS_ variables in the pod",
        unshown=_START,
        source=_IRSA,
    ),
    ProblemRow(
        code="LB705",
        slug="node-role-used",
        severity="warning",
        summary="the controller is {identity}; the ServiceAccount {account} has no role of its own",
        why="every pod on the node can use the role of the node, and it usually may not create load balancers",
        fix="make a role for the ServiceAccount: `albatross iam role` writes policy and trust for EKS Pod Identity and IRSA",
        unshown=_START,
        source="https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html",
    ),
)

PERMISSIONS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB710",
        slug="required-access-missing",
        severity="error",
        summary="{user} may not {access}; the controller cannot work without it ({reason})",
        why="no role that is bound to this user in the cluster has the rule",
        fix="add the rule to the {role} of the controller:\n{rule}\nthe controller waits, and starts when the rule is there",
        unshown=_CLUSTER,
        source=_RBAC,
    ),
    ProblemRow(
        code="LB711",
        slug="optional-access-missing",
        severity="warning",
        summary="{user} may not {access}; without it {without}",
        why="no role that is bound to this user in the cluster has the rule; everything else works",
        fix="add the rule to the {role} of the controller, and restart it:\n{rule}",
        unshown=_CLUSTER,
        source=_RBAC,
    ),
    ProblemRow(
        code="LB712",
        slug="feature-disabled",
        severity="warning",
        summary="{feature} is off, because AWS denies {action} to {identity}; only objects that ask for it are affected",
        why="the IAM identity of the controller does not have this optional permission",
        fix="allow {action} in the IAM policy (`albatross iam policy --features {feature}` writes it); the feature comes back by itself",
        unshown="it depends on the answer of AWS, which is not in a manifest",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
    ),
    ProblemRow(
        code="LB713",
        slug="requested-feature-denied",
        severity="warning",
        summary="{feature} stays as it is in AWS, because the IAM identity of the controller may not read it",
        why="the controller does everything else of this object; it does not change what it cannot read",
        fix="allow the actions of {feature} in the IAM policy (`albatross iam policy --features {feature}` writes them), or remove this "
        "annotation",
        unshown="it depends on the answer of AWS, which is not in a manifest",
    ),
    ProblemRow(
        code="LB714",
        slug="secret-not-readable",
        severity="error",
        summary="the controller may not read Secret {secret} of namespace {namespace}",
        why="nothing allows the controller to read Secrets by default; each Secret of an OIDC client needs a rule for its name",
        fix="add the rule to a Role in namespace {namespace} that is bound to the controller's ServiceAccount; the controller finds it by "
        "itself:\n{rule}",
        unshown=_CLUSTER,
        source=_RBAC,
    ),
)

CREDENTIALS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB715",
        slug="role-not-assumed",
        severity="error",
        summary="AWS gives the pods no credentials of the role of their ServiceAccount: {said}",
        why="the trust policy of a role names the ServiceAccounts that may use it, with their namespace; this ServiceAccount is not one of "
        "them, or the role does not exist",
        fix="check that the trust policy of the role names the namespace and the name of the ServiceAccount; `albatross iam role` prints "
        "it",
        unshown=_START,
        source=_IRSA,
    ),
)

ROWS: tuple[ProblemRow, ...] = (*ACCOUNT, *START, *PERMISSIONS, *CREDENTIALS)
