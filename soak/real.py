"""Controllers as real processes, in real time, against a sandbox: they are stopped and killed by signals."""

import asyncio
import itertools
import json
import re
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from tests import account
from tests.flows.bed import READS, Bed, Controller, backend, deployment, ingress, place, service, until
from tests.role import Role

from albatross.kube.client import Client
from albatross.kube.config import load
from albatross_sandbox import world

LEASE = "real"
NUMBER = itertools.count(1)
PATHS = 6
SLOW = "--aws-api-throttle=Elastic Load Balancing v2:^(CreateRule|ModifyRule|SetRulePriorities)$=0.5:1"
"""One change of a rule in two seconds: a plan waits."""
SECONDS = 180.0


@dataclass
class Hall:
    """A sandbox, and the controllers in it. Each has a role of its own, so that the account knows who called."""

    sandbox: world.World
    client: Client
    folder: Path
    kubeconfig: str
    running: list[Controller] = field(default_factory=list)

    def start(self, *flags: str) -> Controller:
        """One more process; all want the same lease."""
        name = f"real-{next(NUMBER)}"
        (self.folder / name).mkdir()
        role = Role.made(place(self.sandbox), name)
        found = Controller(self.sandbox, self.folder / name / "log", self.kubeconfig, LEASE, role, usual=("--allow-deletions=all",))
        found.start(*flags)
        self.running.append(found)
        return found

    async def clear(self) -> None:
        """Kill all of them, and forget who led."""
        for each in self.running:
            each.stop(signal.SIGKILL)
        self.running.clear()
        await self.client.delete(f"/apis/coordination.k8s.io/v1/namespaces/{account.NAMESPACE}/leases/{LEASE}")

    async def space(self, controller: Controller) -> Bed:
        """A namespace with two Services and their pods."""
        found = Bed(self.sandbox, self.client, controller, f"space{next(NUMBER):03}")
        meta = {"name": found.namespace}
        await self.client.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
        await found.apply(service("web"), deployment("web", 1), service("api"), deployment("api", 1))
        found.remember()
        return found


@asynccontextmanager
async def hall(folder: Path) -> AsyncIterator[Hall]:
    """A sandbox without a controller."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(world.running())
        client = await stack.enter_async_context(Client(load(sandbox.kubeconfig)))
        found = Hall(sandbox, client, folder, await account.seat(sandbox.kubeconfig, LEASE, folder))
        try:
            yield found
        finally:
            for each in found.running:
                each.stop(signal.SIGKILL)


def routes(to: str) -> dict[str, Any]:
    """The Ingress with some paths, all to one Service."""
    found = ingress()
    paths = [{"path": f"/{number}", "pathType": "Prefix", "backend": backend(to)} for number in range(PATHS)]
    found["spec"]["rules"] = [{"http": {"paths": paths}}]
    return found


async def leads(controller: Controller) -> None:
    """Wait until a process has the lease."""

    async def look() -> bool:
        return any(line["event"] == "leading" for line in controller.lines())

    try:
        await until(look, "it leads", SECONDS)
    except AssertionError:
        code = controller.process.poll() if controller.process else None
        raise AssertionError(f"it does not lead; exit code {code}; {list(controller.lines())[-5:]}") from None


def sent(bed: Bed, controller: Controller) -> list[str]:
    """The changes that a process has asked AWS for since the last `remember`."""
    own = [each for each in bed.calls() if f"/{controller.role.name}/" in str(each.get("principal", ""))]
    return [str(each["operation"]) for each in own if not each["operation"].startswith((*READS, "Assume"))]


# What is compared ----------------------------------------------------------------------------------------------------------


def state(bed: Bed) -> Any:
    """What the account has for a namespace, without ids and without the name of the namespace."""
    elb, ec2 = (place(bed.world).client(name) for name in ("elbv2", "ec2"))
    balancers = [each for each in elb.describe_load_balancers()["LoadBalancers"] if f"-{bed.namespace}-" in each["LoadBalancerName"]]
    groups = [each for each in elb.describe_target_groups()["TargetGroups"] if f"-{bed.namespace}-" in each["TargetGroupName"]]
    listeners = [row for each in balancers for row in elb.describe_listeners(LoadBalancerArn=each["LoadBalancerArn"])["Listeners"]]
    rules = [row for each in listeners for row in elb.describe_rules(ListenerArn=each["ListenerArn"])["Rules"]]
    health = [elb.describe_target_health(TargetGroupArn=each["TargetGroupArn"])["TargetHealthDescriptions"] for each in groups]
    walls = [each for each in ec2.describe_security_groups()["SecurityGroups"] if f"-{bed.namespace}-" in each["GroupName"]]
    found: dict[str, list[Any]] = {
        "balancers": [(each["Scheme"], each["Type"]) for each in balancers],
        "listeners": [(each["Port"], each["Protocol"]) for each in listeners],
        "rules": [(each["Priority"], each["Conditions"], each["Actions"]) for each in rules],
        "groups": [(each["TargetGroupName"], each["Port"]) for each in groups],
        "targets": [len([row for row in rows if row["TargetHealth"]["State"] != "draining"]) for rows in health],
        "walls": [len(each["IpPermissions"]) for each in walls],
    }
    text = json.dumps({kind: sorted(rows, key=repr) for kind, rows in found.items()}, sort_keys=True)
    text = re.sub(r"targetgroup/[^/\"]+/[0-9a-f]+", _service, text)
    return json.loads(re.sub(rf"k8s-{bed.namespace}-(\w+)-[0-9a-f]+", r"\1", text))


def _service(found: re.Match[str]) -> str:
    """A target group by the name of its Service."""
    return found.group().split("/")[1].split("-")[2]


async def same(bed: Bed, wanted: Any, seconds: float = SECONDS) -> float:
    """Wait until the state is this one; the seconds until then."""
    began = asyncio.get_running_loop().time()

    async def look() -> bool:
        try:
            return bool(await asyncio.to_thread(state, bed) == wanted)
        except ClientError as error:
            if error.response["Error"]["Code"].endswith("NotFound"):
                return False  # it was deleted after it was listed
            raise

    try:
        await until(look, "the end state", seconds)
    except AssertionError:
        assert state(bed) == wanted
    return asyncio.get_running_loop().time() - began


async def began(bed: Bed, count: int) -> None:
    """Wait until the account has seen so many changes."""

    async def look() -> bool:
        return len(bed.writes()) >= count

    await until(look, f"{count} changes", SECONDS)
