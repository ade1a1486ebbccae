"""Targets and their health, probed for real."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import h2.config
import h2.connection
import h2.events
import pytest

Account = Any
pytestmark = pytest.mark.xdist_group("sandbox-aws")  # one account serves them all


class Server:
    """A real HTTP server on an address of the VPC, whose answer a test can change."""

    def __init__(self, host: str) -> None:
        self.status = 200
        self.asked: list[tuple[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, self.headers["User-Agent"]))
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer((host, 0), Handler)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def allow(account: Account, cidr: str, verb: str = "authorize") -> None:
    """Open or close the ports of the nodes."""
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 65535, "IpRanges": [{"CidrIp": cidr}]}
    change = getattr(account.ec2, f"{verb}_security_group_ingress")
    change(GroupId=account.ready["security_groups"]["node"], IpPermissions=[rule])


@pytest.fixture(scope="module", autouse=True)
def opened(_account: Account) -> None:
    """The security group of the nodes lets everybody in."""
    allow(_account, "0.0.0.0/0")


@pytest.fixture
def server(account: Account) -> Iterator[Server]:
    made = Server(account.ready["nodes"][0]["private_ip"])
    yield made
    made.close()


def states(account: Account, arn: str, **more: Any) -> list[tuple[str, str]]:
    rows = account.elb.describe_target_health(TargetGroupArn=arn, **more)["TargetHealthDescriptions"]
    return [(row["TargetHealth"]["State"], row["TargetHealth"].get("Reason", "")) for row in rows]


def until(look: Callable[[], Any], wanted: Any, seconds: float = 5) -> None:
    """Look until it is as wanted."""
    deadline = time.monotonic() + seconds
    while (seen := look()) != wanted:
        assert time.monotonic() < deadline, f"still {seen}"


def used(account: Account, **more: Any) -> str:
    """A target group that a listener forwards to."""
    arn = str(account.target_group(**more)["TargetGroupArn"])
    account.listener(DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}])
    return arn


def register(account: Account, arn: str, *targets: dict[str, Any]) -> None:
    account.elb.register_targets(TargetGroupArn=arn, Targets=list(targets))


def test_becomes_healthy_and_back(account: Account, server: Server) -> None:
    arn = used(account, HealthCheckPath="/ping")
    register(account, arn, {"Id": account.ready["nodes"][0]["private_ip"], "Port": server.port})
    until(lambda: states(account, arn), [("healthy", "")])
    assert server.asked[0] == ("/ping", "ELB-HealthChecker/2.0")
    server.status = 503
    account.advance(31)
    until(lambda: len(server.asked), 2)
    account.advance(31)
    until(lambda: states(account, arn), [("unhealthy", "Target.ResponseCodeMismatch")])
    told = account.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"][0]
    assert told["TargetHealth"]["Description"] == "Health checks failed with these codes: [503]"
    assert told["HealthCheckPort"] == str(server.port)
    server.status = 200
    for count in range(4, 9):
        account.advance(31)
        until(lambda: len(server.asked), count)
    until(lambda: states(account, arn), [("healthy", "")])


def test_security_groups_of_targets_let_health_checks_in(account: Account, server: Server) -> None:
    allow(account, "0.0.0.0/0", "revoke")
    arn = used(account, HealthCheckTimeoutSeconds=2, HealthCheckIntervalSeconds=5)
    register(account, arn, {"Id": account.ready["nodes"][0]["private_ip"], "Port": server.port})
    try:
        until(lambda: bool(account.advance(6)) or states(account, arn), [("unhealthy", "Target.Timeout")], 20)
        assert server.asked == []
    finally:
        allow(account, "0.0.0.0/0")
    until(lambda: len(server.asked) > 0, True)


def test_nobody_there_is_unhealthy(account: Account) -> None:
    arn = used(account)
    register(account, arn, {"Id": account.ready["nodes"][1]["private_ip"], "Port": 9})
    assert states(account, arn)[0][0] == "initial"
    account.advance(31)
    until(lambda: bool(account.advance(31)) or states(account, arn), [("unhealthy", "Target.FailedHealthChecks")])


def test_without_health_checks_a_target_is_healthy(account: Account) -> None:
    assert not account.control("timing", {"health_checks": False})["health_checks"]
    try:
        arn = used(account)
        register(account, arn, {"Id": account.ready["nodes"][1]["private_ip"], "Port": 9})
        until(lambda: states(account, arn), [("healthy", "")])
    finally:
        account.control("timing", {"health_checks": True})
    until(lambda: bool(account.advance(31)) or states(account, arn), [("unhealthy", "Target.FailedHealthChecks")])


def test_instances_are_probed_at_their_address(account: Account, server: Server) -> None:
    arn = used(account, TargetType="instance")
    register(account, arn, {"Id": account.ready["nodes"][0]["instance_id"], "Port": server.port})
    until(lambda: states(account, arn), [("healthy", "")])


def test_tcp_needs_a_connection_only(account: Account, server: Server) -> None:
    arn = account.target_group(Protocol="TCP")["TargetGroupArn"]
    account.listener(account.load_balancer(Type="network"), Protocol="TCP", DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}])
    register(account, arn, {"Id": account.ready["nodes"][0]["private_ip"], "Port": server.port})
    until(lambda: states(account, arn), [("healthy", "")])
    assert server.asked == []


def test_unused_until_something_forwards(account: Account, server: Server) -> None:
    arn = str(account.target_group()["TargetGroupArn"])
    register(account, arn, {"Id": account.ready["nodes"][0]["private_ip"], "Port": server.port})
    assert states(account, arn) == [("unused", "Target.NotInUse")]
    listener = account.listener(DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}])["ListenerArn"]
    until(lambda: states(account, arn), [("healthy", "")])
    account.elb.delete_listener(ListenerArn=listener)
    assert states(account, arn) == [("unused", "Target.NotInUse")]


def test_ports_of_one_address_are_apart(account: Account) -> None:
    arn, host = used(account), account.ready["nodes"][0]["private_ip"]
    register(account, arn, {"Id": host, "Port": 1}, {"Id": host, "Port": 2}, {"Id": host})
    rows = account.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert [row["Target"]["Port"] for row in rows] == [1, 2, 8080]
    account.elb.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": host, "Port": 1}])
    rows = account.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert {row["Target"]["Port"] for row in rows if row["TargetHealth"]["State"] == "draining"} == {1}


def test_drains_by_the_clock_and_comes_back(account: Account) -> None:
    arn, target = used(account), {"Id": account.ready["nodes"][0]["private_ip"], "Port": 1}
    register(account, arn, target)
    account.elb.deregister_targets(TargetGroupArn=arn, Targets=[target])
    assert states(account, arn) == [("draining", "Target.DeregistrationInProgress")]
    account.advance(299)
    assert states(account, arn) == [("draining", "Target.DeregistrationInProgress")]
    account.advance(2)
    assert states(account, arn) == []
    register(account, arn, target)
    account.elb.deregister_targets(TargetGroupArn=arn, Targets=[target])
    register(account, arn, target)
    assert states(account, arn)[0][0] == "initial"


def test_unused_targets_leave_at_once(account: Account) -> None:
    arn, target = str(account.target_group()["TargetGroupArn"]), {"Id": account.ready["nodes"][0]["private_ip"]}
    register(account, arn, target)
    account.elb.deregister_targets(TargetGroupArn=arn, Targets=[target])
    account.elb.deregister_targets(TargetGroupArn=arn, Targets=[target])
    assert states(account, arn) == []
    assert states(account, arn, Targets=[target]) == [("unused", "Target.NotRegistered")]


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ({"Id": "10.1.2.3"}, "ValidationError"),
        ({"Id": "10.1.2.3", "AvailabilityZone": "all"}, ""),
        ({"Id": "POD"}, ""),
        ({"Id": "POD", "AvailabilityZone": "all"}, "ValidationError"),
        ({"Id": "8.8.8.8", "AvailabilityZone": "all"}, "InvalidTarget"),
        ({"Id": "nonsense"}, "ValidationError"),
        ({"Id": "2001:db8::1"}, "ValidationError"),
    ],
)
def test_addresses(account: Account, target: dict[str, Any], wanted: str) -> None:
    arn, pod = str(account.target_group()["TargetGroupArn"]), account.ready["nodes"][0]["private_ip"]
    given = {**target, "Id": target["Id"].replace("POD", pod)}
    assert account.code(account.elb.register_targets, TargetGroupArn=arn, Targets=[given]) == wanted


def test_unknown_instances_are_refused(account: Account) -> None:
    arn = str(account.target_group(TargetType="instance")["TargetGroupArn"])
    assert account.code(account.elb.register_targets, TargetGroupArn=arn, Targets=[{"Id": "i-0123456789abcdef0"}]) == "InvalidTarget"


def test_balancer_as_target(account: Account) -> None:
    lb, arn = account.load_balancer(), str(account.target_group(Protocol="TCP", Port=80, TargetType="alb")["TargetGroupArn"])
    target = {"Id": lb["LoadBalancerArn"], "Port": 80}
    enter = account.elb.register_targets
    assert account.code(enter, TargetGroupArn=arn, Targets=[target]) == "InvalidTarget"
    account.advance(2)
    assert account.code(enter, TargetGroupArn=arn, Targets=[target]) == "InvalidTarget"
    account.listener(lb)
    account.listener(account.load_balancer(Type="network"), Protocol="TCP", DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}])
    enter(TargetGroupArn=arn, Targets=[target])
    until(lambda: states(account, arn), [("healthy", "")])
    assert account.code(account.elb.delete_load_balancer, LoadBalancerArn=lb["LoadBalancerArn"]) == "ResourceInUse"


def test_a_target_of_an_idle_group_can_go(account: Account) -> None:
    lb, arn = account.load_balancer(), str(account.target_group(Protocol="TCP", Port=80, TargetType="alb")["TargetGroupArn"])
    account.advance(2)
    account.listener(lb)
    front = account.load_balancer(Type="network")
    account.listener(front, Protocol="TCP", DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}])
    account.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": lb["LoadBalancerArn"], "Port": 80}])
    account.elb.delete_load_balancer(LoadBalancerArn=front["LoadBalancerArn"])
    account.elb.delete_load_balancer(LoadBalancerArn=lb["LoadBalancerArn"])


def test_quota_of_targets(account: Account) -> None:
    arn = str(account.target_group()["TargetGroupArn"])
    account.control("limits", {"quotas": {"targets-per-target-group": 1}})
    targets = [{"Id": account.ready["nodes"][0]["private_ip"], "Port": port} for port in (1, 2)]
    assert account.code(account.elb.register_targets, TargetGroupArn=arn, Targets=targets) == "TooManyTargets"


def test_grpc_asks_the_health_service(account: Account) -> None:
    asked: list[dict[str, str]] = []
    host, ready, leave = account.ready["nodes"][2]["private_ip"], threading.Event(), threading.Event()
    port: list[int] = []
    writers: list[asyncio.StreamWriter] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        while data := await reader.read(65536):
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    asked.append({str(name): str(value) for name, value in event.headers})
                if isinstance(event, h2.events.StreamEnded):
                    connection.send_headers(event.stream_id, [(":status", "200"), ("content-type", "application/grpc")])
                    connection.send_headers(event.stream_id, [("grpc-status", "12")], end_stream=True)
            writer.write(connection.data_to_send())

    async def serve() -> None:
        server = await asyncio.start_server(answer, host, 0)
        port.append(server.sockets[0].getsockname()[1])
        ready.set()
        await asyncio.to_thread(leave.wait)
        server.close()
        for writer in writers:
            writer.close()
            await writer.wait_closed()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait(5)
    arn = str(account.target_group(ProtocolVersion="GRPC")["TargetGroupArn"])
    account.listener(
        Port=443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": account.certificate}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )
    register(account, arn, {"Id": host, "Port": port[0]})
    try:
        until(lambda: states(account, arn), [("healthy", "")])
    finally:
        leave.set()
        thread.join(5)
    assert asked[0][":path"] == "/AWS.ALB/healthcheck"
