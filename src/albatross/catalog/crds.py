"""The two custom kinds, TargetGroupBinding and IngressClassParams, as CustomResourceDefinitions.

Names, schemas, printer columns and versions are those of kubernetes-sigs/aws-load-balancer-controller v3.5.0, so that its objects are ours.
"""

from typing import Any

Schema = dict[str, Any]

GROUP = "elbv2.k8s.aws"
PROTOCOLS = ("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC")


def _text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def _choice(description: str, *values: str) -> Schema:
    return _text(description, enum=list(values))


def _list(items: Schema, description: str = "", **more: Any) -> Schema:
    return {"type": "array", "items": items, **({"description": description} if description else {}), **more}


def _map(properties: Schema, *required: str, **more: Any) -> Schema:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {}), **more}


def _port(description: str) -> Schema:
    return {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True, "description": description}


def _pairs(description: str) -> Schema:
    return _list(_map({"key": {"type": "string"}, "value": {"type": "string"}}, "key", "value"), description)


def _selector(description: str) -> Schema:
    requirement = _map(
        {
            "key": _text("The label."),
            "operator": _text("In, NotIn, Exists or DoesNotExist."),
            "values": _list({"type": "string"}, "For In and NotIn.", **{"x-kubernetes-list-type": "atomic"}),
        },
        "key",
        "operator",
    )
    properties = {
        "matchExpressions": _list(requirement, "All must hold.", **{"x-kubernetes-list-type": "atomic"}),
        "matchLabels": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Labels with their values."},
    }
    return _map(properties, description=description, **{"x-kubernetes-map-type": "atomic"})


def _root(spec: Schema, status: Schema | None = None) -> Schema:
    properties: Schema = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}, "spec": spec}
    return _map(properties | ({"status": status} if status else {}))


# TargetGroupBinding ------------------------------------------------------------------------------------------------


def _networking() -> Schema:
    peer = _map(
        {
            "ipBlock": _map({"cidr": _text("An IPv4 or IPv6 CIDR.")}, "cidr"),
            "securityGroup": _map({"groupID": _text("The id of an EC2 security group.")}, "groupID"),
        },
        description="Either a CIDR or a security group.",
    )
    port = _map(
        {
            "port": _port("A number, or for ip targets the name of a container port; all ports when absent."),
            "protocol": _choice("TCP when absent.", "TCP", "UDP"),
        }
    )
    rule = _map({"from": _list(peer, "Who may reach the targets."), "ports": _list(port, "Where they may reach them.")}, "from", "ports")
    return _map({"ingress": _list(rule, "Rules added up.")}, description="What the targets' security groups must let in.")


def _binding_spec(full: bool) -> Schema:
    properties: Schema = {
        "assumeRoleExternalId": _text("The external id for iamRoleArnToAssume."),
        "iamRoleArnToAssume": _text("The role of another account to act as."),
        "multiClusterTargetGroup": {"type": "boolean", "description": "Whether several clusters share the target group."},
        "networking": _networking(),
        "serviceRef": _map(
            {"name": _text("The Service, in the same namespace."), "port": _port("The number or name of its port.")},
            "name",
            "port",
            description="The Service whose endpoints become targets.",
        ),
        "targetGroupARN": _text("The target group's ARN; this or targetGroupName."),
        "targetGroupName": _text("The target group's name."),
        "targetType": _choice("What the target group holds; taken from AWS when absent.", "instance", "ip"),
    }
    if full:
        properties |= {
            "ipAddressType": _choice("The target group's address family; taken from AWS when absent.", "ipv4", "ipv6"),
            "nodeSelector": _selector("Only these nodes, for instance targets."),
            "targetGroupProtocol": _choice("The target group's protocol; taken from AWS when absent.", *PROTOCOLS),
            "vpcID": _text("The target group's VPC.", pattern="^vpc-([0-9a-f]{8}|[0-9a-f]{17}|[0-9a-f]{32})$"),
        }
    return _map(properties, "serviceRef", description="Which Service's endpoints a target group holds.")


def _binding_status(full: bool) -> Schema:
    properties: Schema = {"observedGeneration": {"type": "integer", "format": "int64", "description": "The generation that was acted on."}}
    condition = _map(
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
    return _map(properties | ({"conditions": _list(condition)} if full else {}))


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
    """The CustomResourceDefinition of TargetGroupBinding: v1beta1 is stored, the smaller v1alpha1 served too."""
    names = {
        "kind": "TargetGroupBinding",
        "listKind": "TargetGroupBindingList",
        "plural": "targetgroupbindings",
        "singular": "targetgroupbinding",
    }
    return _definition(names, "Namespaced", [_binding_version("v1alpha1", False), _binding_version("v1beta1", True)])


# IngressClassParams ------------------------------------------------------------------------------------------------


def _params_spec() -> Schema:
    texts = {"type": "string"}
    listener = _map(
        {
            "protocol": _text("HTTP or HTTPS."),
            "port": {"type": "integer", "format": "int32"},
            "listenerAttributes": _pairs("Its attributes."),
        }
    )
    properties: Schema = {
        "PrefixListsIDs": _list(texts, "The old spelling of prefixListsIDs."),
        "certificateArn": _list(texts, "Certificates of all listeners with TLS."),
        "group": _map({"name": _text("The group's name.")}, "name", description="The group of every Ingress of the class."),
        "inboundCIDRs": _list(texts, "Who may reach the load balancer."),
        "ipAddressType": _choice("The address family.", "ipv4", "dualstack", "dualstack-without-public-ipv4"),
        "ipamConfiguration": _map({"ipv4IPAMPoolId": _text("The IPAM pool of the public IPv4 addresses.")}),
        "listeners": _list(listener, "Attributes of listeners."),
        "loadBalancerAttributes": _pairs("Attributes of the load balancer."),
        "loadBalancerName": _text("The load balancer's name."),
        "minimumLoadBalancerCapacity": _map({"capacityUnits": {"type": "integer", "format": "int32"}}, "capacityUnits"),
        "namespaceSelector": _selector("The namespaces whose Ingresses may use the class; all when absent or empty."),
        "prefixListsIDs": _list(texts, "Managed prefix lists that may reach the load balancer."),
        "scheme": _choice("Whether the load balancer has public addresses.", "internal", "internet-facing"),
        "sslPolicy": _text("The security policy of listeners with TLS."),
        "sslRedirectPort": _text("The HTTPS port that plain listeners redirect to."),
        "subnets": _map(
            {
                "ids": _list({"type": "string", "pattern": "subnet-[0-9a-f]+"}, "Ids; either these or tags.", minItems=1),
                "tags": {"type": "object", "additionalProperties": _list(texts), "description": "Tags, each with the values that fit."},
            },
            description="The subnets of the load balancer.",
        ),
        "tags": _pairs("Tags of all AWS resources."),
        "targetType": _choice("What target groups hold.", "instance", "ip"),
        "wafv2AclArn": _text("The ARN of a WAFv2 web ACL."),
        "wafv2AclName": _text("The name of a WAFv2 web ACL."),
    }
    rule = {
        "message": "cannot specify both 'prefixListsIDs' and 'PrefixListsIDs' fields",
        "rule": "!(has(self.prefixListsIDs) && has(self.PrefixListsIDs))",
    }
    description = "Settings of all Ingresses of the classes that name it."
    return _map(properties, description=description, **{"x-kubernetes-validations": [rule]})


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
