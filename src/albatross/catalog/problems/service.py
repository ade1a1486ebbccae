"""Problems of Services that become network load balancers, of every kind: input, cluster, facts and limits."""

from collections.abc import Mapping

from albatross.catalog.problems.example import CERTIFICATE
from albatross.catalog.problems.row import Example, ProblemRow

_P = "service.beta.kubernetes.io/"
_NLB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/"
_TCP = "  - {name: http, protocol: TCP, port: 80, targetPort: 8080, nodePort: 30080}\n"
_DNS = "  - {name: dns, protocol: UDP, port: 53, targetPort: 8053, nodePort: 30053}\n"
_DNS_TCP = "  - {name: dns-tcp, protocol: TCP, port: 53, targetPort: 8053, nodePort: 30054}\n"
_SCTP = "  - {name: sctp, protocol: SCTP, port: 3868, targetPort: 3868, nodePort: 30868}\n"
_TO_WEB = (
    '{"type": "forward", "forwardConfig": {"baseServiceWeight": 1,'
    ' "targetGroups": [{"serviceName": "web", "servicePort": 80, "weight": 1}]}}'
)
_CLASS = "  loadBalancerClass: service.k8s.aws/nlb\n"
_SIXES = _CLASS + "  ipFamilies: [IPv6]\n"
_PRIVATE = "aws-load-balancer-private-ipv4-addresses"
_SUBNETS = {"aws-load-balancer-subnets": "private-a,private-b"}
_SIX = "aws-load-balancer-ip-address-type"
_DUAL = {_SIX: "dualstack", "aws-load-balancer-subnets": "six-a"}
_BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/web/1"
_VPC = "vpc-bb5e6cc5b903172e8"
_SIX_A = f"""ec2.DescribeSubnets:
- SubnetId: subnet-6
  VpcId: {_VPC}
  AvailabilityZone: ap-northeast-2a
  AvailabilityZoneId: apne2-az1
  CidrBlock: 192.168.0.0/20
  AvailableIpAddressCount: 100
  Tags: [{{Key: Name, Value: six-a}}]
  Ipv6CidrBlockAssociationSet: [{{Ipv6CidrBlock: '2001:db8:1::/64', Ipv6CidrBlockState: {{State: associated}}}}]
- SubnetId: subnet-7
  VpcId: {_VPC}
  AvailabilityZone: ap-northeast-2b
  AvailabilityZoneId: apne2-az2
  CidrBlock: 192.168.16.0/20
  AvailableIpAddressCount: 100
"""
_NTP = "  - {name: ntp, protocol: UDP, port: 123, targetPort: 8123, nodePort: 30123}\n"
_QUIC = {"aws-load-balancer-quic-enabled-ports": "dns", "aws-load-balancer-nlb-target-type": "ip"}
_OPEN = {"aws-load-balancer-disable-nlb-sg": "true"}
_NAT = "aws-load-balancer-enable-prefix-for-ipv6-source-nat"
_PREFIXES = "aws-load-balancer-source-nat-ipv6-prefixes"


def service(annotations: Mapping[str, str], ports: str = _TCP, body: str = _CLASS, type: str = "LoadBalancer") -> str:
    """The Service `net`, with a load balancer of ours; the names of the annotations are without their prefix."""
    lines = "".join(f"    {_P}{key}: '{value}'\n" for key, value in annotations.items())
    head = "kind: Service\nmetadata:\n  name: net\n" + (f"  annotations:\n{lines}" if lines else "")
    return head + f"spec:\n  type: {type}\n{body}" + (f"  ports:\n{ports}" if ports else "  ports: []\n")


def noted(name: str, broken: str, fixed: str, **others: str) -> Example:
    """One annotation with a bad and a good value, without the start `aws-load-balancer-`; others stay."""
    beside = {f"aws-load-balancer-{key.replace('_', '-')}": value for key, value in others.items()}
    name = f"aws-load-balancer-{name}"
    return Example(service({name: broken, **beside}), service({name: fixed, **beside}))


def _existing(groups: str) -> str:
    """An account with a load balancer of the Service `shop/net`, in the form of a merge patch."""
    tags = "{Key: elbv2.k8s.aws/cluster, Value: prod-eks}, {Key: service.k8s.aws/stack, Value: shop/net}"
    return f"""elasticloadbalancingv2.DescribeLoadBalancers:
- LoadBalancerArn: {_BALANCER}
  VpcId: {_VPC}
  Type: network
  Scheme: internal
  SecurityGroups: {groups}
  AvailabilityZones: [{{SubnetId: subnet-22f567805bc5d60c5}}]
elasticloadbalancingv2.DescribeTags:
- ResourceArn: {_BALANCER}
  Tags: [{tags}]
"""


INPUT: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB124",
        slug="ports-not-mergeable",
        severity="error",
        summary="the ports with number {port} cannot become one TCP_UDP listener: {reason}",
        why="a listener has one port number, and TCP_UDP is the only protocol for two ports",
        fix="use only one TCP port and one UDP port with this number",
        example=Example(
            service({"aws-load-balancer-enable-tcp-udp-listener": "true"}, _DNS + _SCTP.replace("3868, target", "53, target")),
            service({"aws-load-balancer-enable-tcp-udp-listener": "true"}, _DNS + _DNS_TCP),
        ),
    ),
    ProblemRow(
        code="LB128",
        slug="quic-needs-udp",
        severity="error",
        summary="port {port} cannot become a QUIC listener: its protocol is {protocol}",
        why="QUIC uses UDP: UDP becomes QUIC, and TCP_UDP becomes TCP_QUIC",
        fix="remove the port from aws-load-balancer-quic-enabled-ports, or change its protocol to UDP",
        example=Example(service({"aws-load-balancer-quic-enabled-ports": "80"}), service({})),
    ),
    ProblemRow(
        code="LB129",
        slug="no-such-port",
        severity="error",
        summary='{annotation} names "{port}", which is not a port of the Service; its ports: {known}',
        why="the name or the number does not match any port, so the setting would have no effect",
        fix="write names or numbers of: {known}",
        example=noted("ssl-ports", "https", "http", ssl_cert=CERTIFICATE),
    ),
    ProblemRow(
        code="LB160",
        slug="address-per-subnet",
        severity="error",
        summary="the number of {what} ({count}) is not the number of subnets ({subnets})",
        why="each subnet needs exactly one",
        fix="write {subnets}, or name as many subnets in aws-load-balancer-subnets",
        example=Example(service({**_SUBNETS, _PRIVATE: "192.168.48.10"}), service({**_SUBNETS, _PRIVATE: "192.168.48.10,192.168.64.10"})),
    ),
    ProblemRow(
        code="LB165",
        slug="setting-does-not-fit",
        severity="error",
        summary="{what} needs {needed}, but it is {found}",
        why="AWS accepts the setting only together with the other one",
        fix="change the other setting to {needed}, or remove this one",
        example=Example(
            service({**_SUBNETS, _PRIVATE: "192.168.48.10,192.168.64.10", "aws-load-balancer-scheme": "internet-facing"}),
            service({**_SUBNETS, _PRIVATE: "192.168.48.10,192.168.64.10", "aws-load-balancer-scheme": "internal"}),
        ),
    ),
    ProblemRow(
        code="LB230",
        slug="no-address",
        severity="error",
        summary='"{value}" is not an IPv{version} address',
        why="AWS needs one address of this family in each subnet",
        fix="write an IPv{version} address that is inside the subnet and not in use",
        example=Example(service({**_SUBNETS, _PRIVATE: "192.168.48.10,b"}), service({**_SUBNETS, _PRIVATE: "192.168.48.10,192.168.64.10"})),
    ),
    ProblemRow(
        code="LB231",
        slug="no-source-nat-prefix",
        severity="error",
        summary='"{value}" is not a prefix for source NAT',
        why="AWS accepts an IPv6 prefix of length 80 inside the subnet, or auto_assigned",
        fix="write auto_assigned",
        example=Example(
            service({**_DUAL, _NAT: "on", _PREFIXES: "2001:db8:1::/64"}),
            service({**_DUAL, _NAT: "on", _PREFIXES: "auto_assigned"}),
            account=_SIX_A,
        ),
    ),
    ProblemRow(
        code="LB232",
        slug="value-ignored",
        severity="warning",
        summary='{annotation} has the value "{value}", which is ignored',
        why="the controller does not know this value, and behaves as if the annotation was not there",
        fix="write {meant}, or remove the annotation",
        example=noted("backend-protocol", "tls", "ssl", ssl_cert=CERTIFICATE),
    ),
)

CLUSTER: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB217",
        slug="nobody-balances",
        severity="warning",
        summary="nobody creates a load balancer for the Service: the type is external, but aws-load-balancer-nlb-target-type is {value}",
        why="with type external, the cloud provider of the cluster leaves the Service alone, and this controller needs ip or instance",
        fix="set aws-load-balancer-nlb-target-type to ip or instance",
        example=Example(
            service({"aws-load-balancer-type": "external"}, body=""),
            service({"aws-load-balancer-type": "external", "aws-load-balancer-nlb-target-type": "ip"}, body=""),
        ),
    ),
    ProblemRow(
        code="LB218",
        slug="address-not-shown",
        severity="warning",
        summary="the Service gets a load balancer, but its status cannot show the address: its type is {type}",
        why="Kubernetes accepts an address in the status only for type LoadBalancer",
        fix="set spec.type to LoadBalancer, or remove the annotations that ask for a load balancer",
        example=Example(
            service({"aws-load-balancer-type": "external", "aws-load-balancer-nlb-target-type": "ip"}, body="", type="NodePort"),
            service({"aws-load-balancer-type": "external", "aws-load-balancer-nlb-target-type": "ip"}, body=""),
        ),
    ),
    ProblemRow(
        code="LB219",
        slug="no-ports",
        severity="warning",
        summary="the Service has no ports, so its load balancer has no listeners",
        why="each port becomes a listener",
        fix="add a port to spec.ports",
        example=Example(service({}, ports=""), service({})),
    ),
    ProblemRow(
        code="LB220",
        slug="port-dropped",
        severity="warning",
        summary="port {port} with protocol {protocol} gets no listener: {first} uses the same number",
        why="a listener has one protocol, so of several ports with one number only the first is used",
        fix="set aws-load-balancer-enable-tcp-udp-listener to true to serve TCP and UDP, or use another port number",
        example=Example(service({}, _DNS + _DNS_TCP), service({"aws-load-balancer-enable-tcp-udp-listener": "true"}, _DNS + _DNS_TCP)),
    ),
)

FACTS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB340",
        slug="address-outside",
        severity="error",
        summary="{count} of the addresses are inside subnet {subnet} ({cidrs}); each subnet needs exactly one",
        why="an address belongs to the subnet with its range",
        fix="write one address from {cidrs}",
        example=Example(
            service({**_SUBNETS, _PRIVATE: "192.168.48.10,192.168.48.11"}), service({**_SUBNETS, _PRIVATE: "192.168.48.10,192.168.64.10"})
        ),
    ),
    ProblemRow(
        code="LB341",
        slug="security-groups-stay",
        severity="error",
        summary="the load balancer cannot lose its security groups: {groups}",
        why="AWS does not remove all security groups from a load balancer that was created with some",
        fix="remove aws-load-balancer-disable-nlb-sg, or delete the Service and create it again",
        example=Example(service({"aws-load-balancer-disable-nlb-sg": "true"}), service({}), account=_existing("[sg-1]")),
        source=_NLB + "load-balancer-security-groups.html",
    ),
    ProblemRow(
        code="LB342",
        slug="prefix-outside",
        severity="error",
        summary="prefix {prefix} is not inside subnet {subnet} ({cidrs})",
        why="the prefixes are in the order of the subnets, and each one is a part of its subnet",
        fix="write a /80 prefix from {cidrs}, or auto_assigned",
        example=Example(
            service({**_DUAL, _NAT: "on", _PREFIXES: "2001:db8:ffff::/80"}),
            service({**_DUAL, _NAT: "on", _PREFIXES: "auto_assigned"}),
            account=_SIX_A,
        ),
    ),
    ProblemRow(
        code="LB343",
        slug="no-security-groups-ever",
        severity="note",
        summary="the load balancer was created without security groups, so it never gets any",
        why="AWS does not add security groups to a network load balancer that was created without; rules of the targets are used instead",
        fix="to have security groups, delete the Service and create it again",
        example=Example(service({}), service({"aws-load-balancer-disable-nlb-sg": "true"}), account=_existing("[]")),
        source=_NLB + "load-balancer-security-groups.html",
    ),
)

LIMITS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB414",
        slug="protocol-not-balanced",
        severity="warning",
        summary="no load balancer of AWS has listeners for {protocol}",
        why="network load balancers know TCP, UDP, TLS, TCP_UDP, QUIC and TCP_QUIC; AWS refuses the target group",
        fix="remove the port from the Service, or publish it in another way",
        example=Example(service({}, _TCP + _SCTP), service({}, _TCP)),
        source=_NLB + "load-balancer-listeners.html",
    ),
    ProblemRow(
        code="LB415",
        slug="private-link-without-groups",
        severity="warning",
        summary="aws-load-balancer-inbound-sg-rules-on-private-link-traffic is set, but the load balancer has no security groups",
        why="there are no rules that could apply to the traffic; AWS refuses the setting, so it is left out",
        fix="remove the annotation, or remove aws-load-balancer-disable-nlb-sg",
        example=Example(
            service({"aws-load-balancer-disable-nlb-sg": "true", "aws-load-balancer-inbound-sg-rules-on-private-link-traffic": "off"}),
            service({"aws-load-balancer-inbound-sg-rules-on-private-link-traffic": "off"}),
        ),
        source=_NLB + "load-balancer-security-groups.html",
    ),
    ProblemRow(
        code="LB416",
        slug="dualstack-without-source-nat",
        severity="warning",
        summary="port {port} is {protocol} on a dualstack load balancer without prefixes for source NAT",
        why="AWS accepts a UDP listener on a dualstack load balancer only if it has IPv6 prefixes for source NAT",
        fix="set aws-load-balancer-enable-prefix-for-ipv6-source-nat to on, or aws-load-balancer-ip-address-type to ipv4",
        example=Example(service(_DUAL, _DNS, body=_SIXES), service({**_DUAL, _NAT: "on"}, _DNS, body=_SIXES), account=_SIX_A),
        source=_NLB + "create-network-load-balancer.html",
    ),
    ProblemRow(
        code="LB417",
        slug="protocols-differ",
        severity="warning",
        summary="the listener on port {port} is {listener}, but target group {id} is {protocol}",
        why="all listeners share the target group of one port of a Service, and it has the protocol of the first of them; "
        "TCP can forward to TCP and TCP_UDP, TLS to TCP and TLS, UDP to UDP and TCP_UDP, any other protocol only to its own",
        fix="use another port of the Service for one of the listeners",
        example=Example(
            service({"actions.TCP-80": _TO_WEB, "actions.UDP-53": _TO_WEB}, _TCP + _DNS), service({"actions.TCP-80": _TO_WEB}, _TCP + _DNS)
        ),
        source=_NLB + "load-balancer-target-groups.html#target-group-routing-configuration",
    ),
    ProblemRow(
        code="LB419",
        slug="quic-with-security-groups",
        severity="warning",
        summary="port {port} is {protocol}, but the load balancer has security groups",
        why="AWS refuses QUIC listeners on load balancers with security groups, and a load balancer keeps having some once it has one",
        fix="set aws-load-balancer-disable-nlb-sg to true; if the load balancer exists already, create the Service again",
        example=Example(service(_QUIC, _DNS), service({**_QUIC, **_OPEN}, _DNS)),
        source=_NLB + "create-listener.html",
    ),
    ProblemRow(
        code="LB420",
        slug="quic-on-dualstack",
        severity="warning",
        summary="port {port} is {protocol} on a dualstack load balancer",
        why="AWS refuses QUIC listeners on dualstack load balancers",
        fix="set aws-load-balancer-ip-address-type to ipv4",
        example=Example(service({**_QUIC, **_OPEN, **_DUAL}, _DNS), service({**_QUIC, **_OPEN}, _DNS), account=_SIX_A),
        source=_NLB + "create-listener.html",
    ),
    ProblemRow(
        code="LB421",
        slug="quic-beside-datagrams",
        severity="warning",
        summary="port {port} is {protocol}, but port {other} of the same load balancer is {second}",
        why="AWS allows one QUIC or TCP_QUIC listener on a load balancer, and no UDP or TCP_UDP listener together with it",
        fix="publish the other port with another Service",
        example=Example(service({**_QUIC, **_OPEN}, _DNS + _NTP), service({**_QUIC, **_OPEN}, _DNS)),
        source=_NLB + "create-listener.html",
    ),
    ProblemRow(
        code="LB422",
        slug="quic-with-instances",
        severity="warning",
        summary="port {port} is {protocol}, but its targets are instances",
        why="a QUIC target needs the server id of its pod, and the target group binding of instances is refused",
        fix="set aws-load-balancer-nlb-target-type to ip",
        example=Example(
            service({**_QUIC, **_OPEN, "aws-load-balancer-nlb-target-type": "instance"}, _DNS), service({**_QUIC, **_OPEN}, _DNS)
        ),
        source="https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/use_cases/quic/",
    ),
    ProblemRow(
        code="LB423",
        slug="dualstack-datagrams-to-ipv4",
        severity="warning",
        summary="port {port} is {protocol} on a dualstack load balancer, but target group {id} has IPv4 targets",
        why="AWS accepts a UDP listener on a dualstack load balancer only with IPv6 target groups",
        fix="set spec.ipFamilies of the Service to IPv6, or aws-load-balancer-ip-address-type to ipv4",
        example=Example(
            service({**_DUAL, _NAT: "on"}, _DNS),
            service({**_DUAL, _NAT: "on"}, _DNS, body=_SIXES),
            account=_SIX_A,
        ),
        source=_NLB + "create-listener.html",
    ),
    ProblemRow(
        code="LB424",
        slug="source-ranges-not-applied",
        severity="warning",
        summary="spec.loadBalancerSourceRanges has no effect, because aws-load-balancer-security-groups is set",
        why="source ranges become rules of the managed security group, and there is none; the given security groups decide who gets in",
        fix="put the ranges into the given security groups, or remove aws-load-balancer-security-groups",
        example=Example(
            service({"aws-load-balancer-security-groups": "web-sg"}, body=_CLASS + "  loadBalancerSourceRanges: [203.0.113.0/24]\n"),
            service({}, body=_CLASS + "  loadBalancerSourceRanges: [203.0.113.0/24]\n"),
        ),
        source=_NLB + "load-balancer-security-groups.html",
    ),
)
