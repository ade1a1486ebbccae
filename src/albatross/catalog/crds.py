"""The two custom kinds, TargetGroupBinding and IngressClassParams, as CustomResourceDefinitions.

Names, schemas, printer columns and versions are those of kubernetes-sigs/aws-load-balancer-controller v3.5.0, so both controllers read
the same objects.
"""

from albatross.catalog.parameters import PARAMETERS
from albatross.catalog.schema import Schema, choice, fields, items, port, selector, text

GROUP = "elbv2.k8s.aws"
PROTOCOLS = ("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC")


def _root(spec: Schema, status: Schema | None = None) -> Schema:
    properties: Schema = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}, "spec": spec}
    return fields(properties | ({"status": status} if status else {}))


# TargetGroupBinding ------------------------------------------------------------------------------------------------


def _networking() -> Schema:
    peer = fields(
        {
            "ipBlock": fields({"cidr": text("An IPv4 or IPv6 CIDR.")}, "cidr"),
            "securityGroup": fields({"groupID": text("The id of an EC2 security group.")}, "groupID"),
        },
        description="Either a CIDR or a security group.",
    )
    where = fields(
        {
            "port": port("A number, or for ip targets the name of a container port; all ports if absent."),
            "protocol": choice("TCP if absent.", "TCP", "UDP"),
        }
    )
    rule = fields(
        {"from": items(peer, "Sources that may reach the targets."), "ports": items(where, "Ports that the sources may reach.")},
        "from",
        "ports",
    )
    return fields(
        {"ingress": items(rule, "The rules; each one allows more.")},
        description="The traffic that the security groups of the targets must allow.",
    )


def _binding_spec(full: bool) -> Schema:
    properties: Schema = {
        "assumeRoleExternalId": text("The external id for iamRoleArnToAssume."),
        "iamRoleArnToAssume": text("The IAM role of another account to assume."),
        "multiClusterTargetGroup": {"type": "boolean", "description": "Whether several clusters share the target group."},
        "networking": _networking(),
        "serviceRef": fields(
            {"name": text("The Service, in the same namespace."), "port": port("The number or name of its port.")},
            "name",
            "port",
            description="The Service. Its endpoints become targets.",
        ),
        "targetGroupARN": text("The target group's ARN; this or targetGroupName."),
        "targetGroupName": text("The target group's name."),
        "targetType": choice("The type of the targets; read from AWS if absent.", "instance", "ip"),
    }
    if full:
        properties |= {
            "ipAddressType": choice("The target group's address family; read from AWS if absent.", "ipv4", "ipv6"),
            "nodeSelector": selector("Only these nodes, for instance targets."),
            "targetGroupProtocol": choice("The target group's protocol; read from AWS if absent.", *PROTOCOLS),
            "vpcID": text("The target group's VPC.", pattern="^vpc-([0-9a-f]{8}|[0-9a-f]{17}|[0-9a-f]{32})$"),
        }
    return fields(properties, "serviceRef", description="Registers the endpoints of a Service in a target group.")


def _binding_status(full: bool) -> Schema:
    properties: Schema = {
        "observedGeneration": {"type": "integer", "format": "int64", "description": "The generation that was reconciled last."}
    }
    condition = fields(
        {
            "type": {"type": "string", "maxLength": 316},
            "status": {"type": "string", "enum": ["True", "False", "Unknown"]},
            "reason": {"type": "string", "minLength": 1, "maxLength": 1024},
            "message": {"type": "string", "maxLength": 32768},
            "lastTransitionTime": {"type": "string", "format": "date-time"},
            "observedGeneration": {"type": "integer", "format": "int64", "minimum": 0},
        },
        *("type", "status", "reason", "message", "lastTransitionTime"),
    )
    return fields(properties | ({"conditions": items(condition)} if full else {}))


BINDING_COLUMNS = (
    {"name": "SERVICE-NAME", "type": "string", "jsonPath": ".spec.serviceRef.name", "description": "The Kubernetes Service's name"},
    {"name": "SERVICE-PORT", "type": "string", "jsonPath": ".spec.serviceRef.port", "description": "The Kubernetes Service's port"},
    {"name": "TARGET-TYPE", "type": "string", "jsonPath": ".spec.targetType", "description": "The AWS TargetGroup's TargetType"},
    {"name": "ARN", "type": "string", "jsonPath": ".spec.targetGroupARN", "description": "The target group's ARN", "priority": 1},
    {"name": "NAME", "type": "string", "jsonPath": ".spec.targetGroupName", "description": "The target group's name", "priority": 2},
    {"name": "AGE", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
)


def _binding_version(name: str, full: bool) -> Schema:
    return {
        "name": name,
        "served": True,
        "storage": full,
        "subresources": {"status": {}},
        "additionalPrinterColumns": [dict(column) for column in BINDING_COLUMNS],
        "schema": {"openAPIV3Schema": _root(_binding_spec(full), _binding_status(full))},
    }


def target_group_binding() -> Schema:
    """The CustomResourceDefinition of TargetGroupBinding: v1beta1 is stored; the smaller v1alpha1 is served too."""
    names = {
        "kind": "TargetGroupBinding",
        "listKind": "TargetGroupBindingList",
        "plural": "targetgroupbindings",
        "singular": "targetgroupbinding",
    }
    return _definition(names, "Namespaced", [_binding_version("v1alpha1", False), _binding_version("v1beta1", True)])


# IngressClassParams ------------------------------------------------------------------------------------------------


def _params_spec() -> Schema:
    properties: Schema = {row.name: row.schema for row in PARAMETERS.values()}
    rule = {
        "message": "cannot specify both 'prefixListsIDs' and 'PrefixListsIDs' fields",
        "rule": "!(has(self.prefixListsIDs) && has(self.PrefixListsIDs))",
    }
    description = "Settings for all Ingresses of the classes that refer to it."
    return fields(properties, description=description, **{"x-kubernetes-validations": [rule]})


def ingress_class_params() -> Schema:
    """The CustomResourceDefinition of IngressClassParams."""
    names = {
        "kind": "IngressClassParams",
        "listKind": "IngressClassParamsList",
        "plural": "ingressclassparams",
        "singular": "ingressclassparam",
    }
    columns = [
        {"name": "GROUP-NAME", "type": "string", "jsonPath": ".spec.group.name", "description": "The Ingress Group name"},
        {"name": "SCHEME", "type": "string", "jsonPath": ".spec.scheme", "description": "The AWS Load Balancer scheme"},
        {
            "name": "IP-ADDRESS-TYPE",
            "type": "string",
            "jsonPath": ".spec.ipAddressType",
            "description": "The load balancer's ipAddressType",
        },
        {"name": "AGE", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
    ]
    schema = {"openAPIV3Schema": _root(_params_spec())}
    version = {
        "name": "v1beta1",
        "served": True,
        "storage": True,
        "subresources": {},
        "additionalPrinterColumns": columns,
        "schema": schema,
    }
    return _definition(names, "Cluster", [version])


def _definition(names: Schema, scope: str, versions: list[Schema]) -> Schema:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{names['plural']}.{GROUP}"},
        "spec": {"group": GROUP, "names": names, "scope": scope, "versions": versions},
    }


def definitions() -> tuple[Schema, ...]:
    """Both definitions."""
    return (target_group_binding(), ingress_class_params())
