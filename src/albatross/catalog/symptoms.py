"""Error texts that users of load balancer controllers report, with the problem that causes each, and the check that sees it.

The texts are those of the AWS Load Balancer Controller, of Kubernetes and of AWS. `why` finds one in an event and names its cause;
`docs/doctor.md` is the table. Variable parts of a text are `…`.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """One error text. `code` is the problem that causes it; `checks` are the names of the checks that see it; `fix` removes it."""

    text: str
    code: str
    checks: tuple[str, ...]
    fix: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """The fixed parts of the text, in their order."""
        return re.compile(".*?".join(re.escape(part) for part in self.text.split("…")), re.DOTALL | re.IGNORECASE)


def _rows(code: str, checks: str, fix: str, *texts: str) -> tuple[Symptom, ...]:
    return tuple(Symptom(text=text, code=code, checks=tuple(checks.split(", ")), fix=fix) for text in texts)


_ROLE = "give the ServiceAccount a role of its own: `albatross iam role` prints it; then restart the pods"
_POLICY = "replace the IAM policy by the one of `albatross iam policy --from-cluster`; `albatross iam diff ROLE` lists what is missing"
_SUBNETS = "`albatross doctor` shows every subnet with its verdict; tag the right ones with kubernetes.io/role/elb=1"
_OPEN = "allow the port of the webhooks from the cluster security group to the nodes: `albatross doctor` prints the command"
_CA = "restart the controller after the CA changed, and let only one tool make it: `albatross doctor` compares both"
_QUOTA = "delete what is not needed, or request more in Service Quotas: `albatross doctor` shows how near each quota is"
_NODE_PORT = "set alb.ingress.kubernetes.io/target-type: ip, or make the Service of type NodePort"
_CERTIFICATE = "issue a certificate for the host in the region of the load balancer, or name one in certificate-arn"
_INSTALL = "`albatross install` creates everything in the right order"
_RBAC = "bind the roles of this version: `albatross render` prints them"

IDENTITY = (
    *_rows(
        "LB645",
        "role, identity",
        _ROLE,
        "no EC2 IMDS role found",
        "NoCredentialProviders: no valid providers in chain",
        "Unable to locate credentials",
        "failed to refresh cached credentials",
    ),
    *_rows(
        "LB646",
        "hop limit",
        "pass --aws-region and --aws-vpc-id, and give the controller a role of its own; or raise the hop limit of the instances",
        "failed to introspect vpcID from EC2Metadata",
        "failed to introspect region from EC2Metadata",
        "failed to fetch VPC ID from instance metadata",
        "EC2MetadataError: failed to make EC2Metadata request",
        "169.254.169.254/latest/api/token",
    ),
    *_rows(
        "LB642",
        "trust policy, OIDC provider",
        "correct the trust policy of the role: `albatross doctor` shows the difference",
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        "InvalidIdentityToken: No OpenIDConnect provider found in your account",
        "InvalidIdentityToken: Couldn't retrieve verification key",
    ),
    *_rows("LB705", "identity", _ROLE, "assumed-role/…/i-… is not authorized to perform"),
    *_rows(
        "LB701",
        "service account",
        "annotate the ServiceAccount with eks.amazonaws.com/role-arn, and restart the pods",
        "eks.amazonaws.com/policy-arn",
        "eks.amazon.com/role-arn",
    ),
    *_rows(
        "LB518",
        "events",
        "create the service-linked role once: `aws iam create-service-linked-role --aws-service-name elasticloadbalancing.amazonaws.com`",
        "iam:CreateServiceLinkedRole",
    ),
    *_rows(
        "LB517",
        "events",
        "ask AWS Support: the account may not create load balancers, and no permission changes that",
        "OperationNotPermitted: This AWS account currently does not support creating load balancers",
    ),
    *_rows("LB644", "policy, events", _POLICY, "is not authorized to perform: …", "UnauthorizedOperation: You are not authorized"),
)

INSTALLATION = (
    *_rows("LB632", "definitions", _INSTALL, 'no matches for kind "IngressClassParams"', 'no matches for kind "TargetGroupBinding"'),
    *_rows("LB640", "service account", _INSTALL, "error looking up service account …: serviceaccount … not found"),
    *_rows(
        "LB601",
        "ownership",
        "create the IngressClass, or name one that exists: `kubectl get ingressclass`",
        'invalid ingress class: IngressClass.networking.k8s.io "…" not found',
    ),
    *_rows(
        "LB203",
        "object",
        "create the IngressClassParams, or remove spec.parameters from the class",
        'invalid ingress class: IngressClassParams.elbv2.k8s.aws "…" not found',
    ),
    *_rows("LB204", "object", "add the labels to the namespace", "namespaceSelector of IngressClassParams … mismatch"),
    *_rows(
        "LB710",
        "controllers, events",
        _RBAC,
        'leases.coordination.k8s.io "…" is forbidden',
        "cannot list resource",
        "cannot get resource",
        "error retrieving resource lock",
    ),
    *_rows("LB631", "versions", "upgrade the controller", "failed to get ingress list: resource not found"),
)

WEBHOOKS = (
    *_rows(
        "LB663",
        "webhooks",
        _CA,
        "x509: certificate signed by unknown authority",
        "x509: certificate is valid for …, not …",
    ),
    *_rows("LB662", "webhooks", _CA, "x509: certificate has expired or is not yet valid"),
    *_rows(
        "LB664",
        "webhooks",
        "start the controller; or delete the webhook configuration of one that was removed: `kubectl get validatingwebhookconfigurations`",
        'no endpoints available for service "…webhook-service"',
        "connect: connection refused",
    ),
    *_rows("LB656", "webhook port", _OPEN, "failed calling webhook … context deadline exceeded"),
    *_rows("LB657", "pod network", "run the controller with hostNetwork, or without webhooks", "Address is not allowed"),
    *_rows(
        "LB664",
        "webhooks",
        "remove the webhook configuration of another version: `kubectl get validatingwebhookconfigurations`",
        "failed calling webhook … the server could not find the requested resource",
        "failed calling webhook",
    ),
)

NETWORK = (
    *_rows(
        "LB650",
        "subnets, object",
        _SUBNETS,
        "couldn't auto-discover subnets: unable to discover at least one subnet",
        "unable to resolve at least one subnet",
        "failed to resolve 2 qualified subnets",
    ),
    *_rows(
        "LB651",
        "subnets, object",
        "free addresses in the subnet, or use a larger one",
        "with at least 8 free IP Addresses",
        "InvalidSubnet: Not enough IP space available",
        "not enough free addresses",
    ),
    *_rows(
        "LB303",
        "object",
        "name one subnet of each zone",
        "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
    ),
    *_rows("LB654", "subnets, object", _SUBNETS, "At least two subnets in two different Availability Zones must be specified"),
    *_rows("LB652", "subnets, events", "use subnets with a route to an internet gateway", "has no internet gateway"),
    *_rows(
        "LB655",
        "security groups",
        "keep the tag kubernetes.io/cluster/… on only one security group of the nodes",
        "expect exactly one securityGroup tagged with kubernetes.io/cluster/",
        "expect one securityGroup tagged with kubernetes.io/cluster/",
    ),
    *_rows("LB515", "quotas, events", _QUOTA, "RulesPerSecurityGroupLimitExceeded", "SecurityGroupsPerInterfaceLimitExceeded"),
    *_rows(
        "LB657",
        "pod network",
        "use instance targets, or the VPC CNI",
        "must be 'all' for Application Load Balancer target groups, when not within the VPC",
        "The Availability Zone is required for IP address … because it is not in the VPC",
    ),
)

MODEL = (
    *_rows("LB309", "object, certificates", _CERTIFICATE, "none certificate found for host", "no certificate found for host"),
    *_rows(
        "LB185",
        "object, certificates",
        _CERTIFICATE,
        "CertificateNotFound: Certificate … not found",
        "Certificate ARN … is not valid",
    ),
    *_rows("LB316", "object, events", _CERTIFICATE, "A certificate must be specified for HTTPS listeners"),
    *_rows("LB660", "certificates", _CERTIFICATE, "UnsupportedCertificate"),
    *_rows("LB123", "object", "let all members of the group agree", "conflicting scheme", "conflicting loadBalancerAttribute"),
    *_rows(
        "LB514",
        "events",
        "delete the old resource of this name, or choose another name",
        "DuplicateTargetGroupName: A target group with the same name … exists, but with different settings",
        "DuplicateLoadBalancerName",
    ),
    *_rows(
        "LB206",
        "object",
        "create the Service, or correct its name",
        "Backend service does not exist",
        'Service "…" not found',
    ),
    *_rows("LB208", "object", "name a port of the Service", "unable to find port … on service", "Unable to find … port on service"),
    *_rows("LB213", "object", "add the actions annotation", "was configured with … but an action annotation for … is not set"),
    *_rows("LB108", "object", "write the value as one JSON text", "JSON structure was invalid", "failed to parse json annotation"),
    *_rows(
        "LB209",
        "object",
        _NODE_PORT,
        "minimum field value of 1, CreateTargetGroupInput.Port",
        "Value '0' at 'port' failed to satisfy constraint",
        "TargetGroup port is empty. When using Instance targets",
    ),
    *_rows("LB142", "object", "write / with pathType Prefix: `albatross lint --fix`", "prefix path shouldn't contain wildcards"),
    *_rows("LB137", "object", "correct group.name", "invalid ingress group: groupName must consist of"),
    *_rows("LB156", "object", "use a name of at most 32 characters", "load balancer name cannot be longer than 32 characters"),
    *_rows(
        "LB515",
        "quotas, events",
        _QUOTA,
        "TooManyLoadBalancers",
        "TooManyRules",
        "TooManyTargetGroups",
        "TooManyUniqueTargetGroupsPerLoadBalancer",
        "TooManyListeners",
        "TooManyCertificates",
        "TooManyTargets",
        "TargetGroupAssociationLimit",
        "TooManyRegistrationsForTargetId",
        "The maximum number of targets per load balancer … has been reached",
    ),
    *_rows("LB517", "events", "let AWS write to the bucket", "Access Denied for bucket"),
    *_rows("LB131", "object", "correct the name of the annotation: `albatross lint --fix`", "alb.ingress.kubernetes.io/group-name"),
)

TARGETS = (
    *_rows("LB617", "targets", "wait", "Target registration is in progress", "Initial health checks in progress"),
    *_rows(
        "LB610",
        "targets",
        "check a path at which the application answers 200",
        "Health checks failed with these codes",
    ),
    *_rows("LB611", "targets", "let the pod answer at the port of the health check", "Health checks failed"),
    *_rows("LB612", "targets", "let the application answer in time; look at the security groups too", "Request timed out"),
    *_rows(
        "LB614",
        "targets",
        "let a rule lead to the target group",
        "Target group is not configured to receive traffic",
    ),
    *_rows(
        "LB513",
        "events",
        "let the controller make the target group again: delete the TargetGroupBinding",
        "TargetGroupNotFound: Target groups … not found",
        "One or more target groups not found",
        "ListenerNotFound: One or more listeners not found",
    ),
    *_rows("LB606", "targets", "let the selector of the Service match ready pods", "503 Service Temporarily Unavailable"),
)

REST = (
    *_rows(
        "LB516",
        "events, finalizers",
        "wait until AWS has released it; `albatross uninstall --drain` deletes in the right order",
        "DependencyViolation: resource sg-… has a dependent object",
        "failed to delete targetGroup: timed out waiting for the condition",
        "has some mapped public address(es)",
    ),
    *_rows("LB602", "finalizers", "start a controller that removes the finalizer", "ingress.k8s.aws/resources"),
    *_rows(
        "LB510", "events", "wait; find other clients with many calls", "ThrottlingException: Rate exceeded", "Throttling: Rate exceeded"
    ),
    *_rows(
        "LB620",
        "DNS",
        "point the record to the new load balancer, or let the controller keep it",
        "alias keeps the name of a deleted load balancer",
    ),
    *_rows("LB512", "events", "renew the credentials of the controller", "ExpiredToken", "InvalidClientTokenId"),
)

SYMPTOMS: tuple[Symptom, ...] = (*IDENTITY, *INSTALLATION, *WEBHOOKS, *NETWORK, *MODEL, *TARGETS, *REST)
"""In the order in which they are tried: a text with more words is in front of a part of it."""


def find(text: str) -> Symptom | None:
    """The first error text that occurs in a longer text; None if none does."""
    return next((each for each in SYMPTOMS if each.pattern.search(text)), None)
