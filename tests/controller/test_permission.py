"""Both loops with the generated policy on their role, and with each single statement removed: what fails, what is said, what goes on."""

import itertools
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import pytest
from tests.controller.scripted import Cluster, Heard
from tests.role import Role
from tests.world import annotated, objects

from albatross.aws.session.client import Session
from albatross.catalog import denial
from albatross.catalog.tracking import INGRESS
from albatross.controller import fault
from albatross.controller.groups import Groups
from albatross.controller.index import Index
from albatross.controller.targets import TargetsLoop
from albatross.controller.worker import Verdict
from albatross.errors import AlbatrossError
from albatross.install import policy
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Key

Account = Any
Stage = Callable[[], Awaitable[Verdict]]

_NUMBERS = itertools.count(1)
DENIED = re.compile(r"is not allowed to do ([\w-]+:\w+) on ([^\s;,]+(?: resource)?)")
REFUSED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
PASSES = 5
UNTRIED = {
    "MakeServiceLinkedRole": "AWS asks for it only with the first load balancer of an account",
    "AssociateClassicWebAclsImplied": "the sandbox does not ask for it",
    "FindServerCertificates": "no call of ours needs it yet",
}
"""Statements that these lives do not need. Those of certificate creation are for calls that the controller does not make yet; Route 53
is denied in tests/flows/test_dns.py, and target groups that somebody else created are in test_account.py."""
STATEMENTS = [each for each in policy.statements(policy.USUAL, "sandbox") if each.sid not in UNTRIED]
POOL = {"userPoolARN": "arn:aws:cognito-idp:ap-northeast-2:123456789012:userpool/p", "userPoolClientID": "c", "userPoolDomain": "d"}


@dataclass
class Life:
    """One Ingress with one group of targets, from its creation to its end."""

    cluster: Cluster
    account: Account
    session: Session
    heard: Heard
    groups: Groups
    targets: TargetsLoop
    name: str
    classic: bool = False
    binding: Key = ("", "")

    def features(self) -> dict[str, str]:
        """Annotations of every feature. A load balancer has one kind of web ACL."""
        return {
            "listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]',
            "auth-type": "cognito",
            "auth-idp-cognito": json.dumps(POOL),
            **({"waf-acl-id": "classic"} if self.classic else {"wafv2-acl-arn": self.account.web_acl}),
            "shield-advanced-protection": "true",
        }

    def apply(self, *, plain: bool = False, **own: str) -> None:
        """The Ingress and what it needs: instances as targets, and a host that has a certificate."""
        wanted = {"target-type": "instance", "load-balancer-attributes": "idle_timeout.timeout_seconds=61", "scheme": "internal"}
        wanted |= {} if plain else self.features()
        wanted |= {key.replace("_", "-"): text for key, text in own.items()}
        backend = {"service": {"name": "web", "port": {"number": 80}}}
        path = {"path": "/", "pathType": "Prefix", "backend": backend}
        spec = {"ingressClassName": "alb", "rules": [{"host": "www.example.com", "http": {"paths": [path]}}]}
        found = objects(annotated(wanted, self.name, spec=spec))
        self.cluster.apply(*(each for each in found if each["kind"] != "Ingress" or each["metadata"]["name"] == self.name))

    def stages(self, *, plain: bool = False) -> dict[str, Stage]:
        """Each stage makes one change, and gives the verdict of one pass."""

        async def created() -> Verdict:
            self.apply(plain=plain, tags="team=a")
            return await self._group()

        async def bound() -> Verdict:
            (self.binding,) = self.cluster.cache.keys("TargetGroupBinding")
            try:
                return await self.targets.reconcile(self.binding)
            except AlbatrossError:
                return Verdict(failed=True)

        async def edited() -> Verdict:
            self.apply(plain=plain, tags="color=b", inbound_cidrs="10.0.0.0/8", load_balancer_attributes="idle_timeout.timeout_seconds=62")
            return await self._group()

        async def deleted() -> Verdict:
            if self.cluster.find("Ingress", self.name):
                self.cluster.mark_deleted("Ingress", self.name)
            for _ in range(PASSES):
                verdict = await self._group()
                verdict = verdict if verdict.failed else await self._unbound()
                if verdict.failed or not self.cluster.find("Ingress", self.name):
                    break
                self.account.control("clock", {"advance": 60})  # a security group is in use for a while
            return verdict

        return {"created": created, "bound": bound, "edited": edited, "deleted": deleted}

    async def _unbound(self) -> Verdict:
        """The pass of the other loop after the binding is gone: it closes the ports."""
        try:
            return await self.targets.reconcile(self.binding)
        except AlbatrossError as error:
            return Verdict(failed=True, within=fault.within([error]))

    async def _group(self) -> Verdict:
        self.session.inventory.forget()
        self.session.cache.clear()
        return await self.groups.reconcile(StackId(INGRESS, "shop", self.name))

    def take(self) -> list[str]:
        """The warnings since the last call."""
        found = [each.message for each in self.heard.events if each.type == "Warning"]
        self.heard.events = []
        return found


@pytest.fixture(scope="module")
def role(account: Account) -> Role:
    account.control("waf-regional", {"id": "classic"})
    account.control("shield", {"subscription": "ACTIVE"})
    seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    waf = account.place().client("wafv2")
    made = waf.create_web_acl(Name="permission", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen)
    account.web_acl = made["Summary"]["ARN"]
    waf.close()
    elb = account.place().client("elbv2")
    elb.create_load_balancer(Name="first", Subnets=list(account.subnets()), Scheme="internal")  # the service-linked role is there
    elb.close()
    return Role.made(account.place(), "permission")


@pytest.fixture
async def life(account: Account, role: Role) -> AsyncIterator[Life]:
    config = account.config
    async with account.session(config, account.clock(), role.credentials()) as session:
        cluster = Cluster()
        heard, index = Heard(cluster), Index(cluster.cache, config)
        cluster.cache.listen(index.note)  # type: ignore[arg-type]  # whether a change matters is the queue's business
        targets = TargetsLoop(session, cluster, cluster.cache, config, heard)
        groups = Groups(cluster, cluster.cache, session, config, index, heard, release=targets.networking.release)
        for node in account.ready["nodes"]:
            cluster.apply(_node(node))
        yield Life(cluster, account, session, heard, groups, targets, f"app-{next(_NUMBERS)}")
        await groups.close()


def _node(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": row["name"]},
        "spec": {"providerID": f"aws:///ap-northeast-2a/{row['instance_id']}"},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }


async def test_the_generated_policy_is_enough(life: Life) -> None:
    for name, stage in life.stages().items():
        verdict = await stage()
        assert (name, verdict.failed, life.take()) == (name, False, [])
    assert life.cluster.find("Ingress", life.name) is None


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda each: each.sid)
async def test_each_statement_is_missed_by_name(life: Life, role: Role, statement: policy.Statement) -> None:
    """Without the statement the stages that need it fail, and say so; with it again, they go on where they stopped."""
    life.classic = statement.feature == "waf-regional"
    failed = []
    role.without(statement.sid)
    try:
        for name, stage in life.stages().items():
            verdict = await stage()
            told = life.take()
            if not (told or verdict.failed):
                continue
            failed.append(name)
            _check(statement, told)
            assert (verdict.within or verdict.after or 0) <= denial.AGAIN_SECONDS
            role.restore()
            await life.session.clock.sleep(denial.AGAIN_SECONDS)
            verdict = await stage()
            assert (name, verdict.failed, life.take()) == (name, False, [])
            role.without(statement.sid)
    finally:
        role.restore()
    assert failed, "a statement that nothing needs"
    assert life.cluster.find("Ingress", life.name) is None


def _check(statement: policy.Statement, told: list[str]) -> None:
    """Every warning names who may not do what on what, and the statement that is missing."""
    assert told
    assert {feature for text in told for feature in _features(text)} == {statement.feature}
    for text in told:
        if "LB713" in text:  # reading is denied: the feature stays as it is, and nothing fails
            assert f"`albatross iam policy --features {statement.feature}`" in text
            continue
        assert "LB511" in text
        assert "arn:aws:sts::123456789012:assumed-role/permission/eks-sandbox-albatross-0" in text
        assert statement.sid in text.partition("fix: ")[2]
        said = DENIED.findall(text)
        assert {action.lower() for action, _ in said} <= {each.lower() for each in statement.actions}
        assert all(_concerns(statement, resource) for _, resource in said)
        assert "albatross iam diff permission --cluster-name sandbox" in text


def _features(text: str) -> set[str]:
    """The features that a warning says to be denied; those of an action and a resource are from the table."""
    rows = [denial.rows(denial.Denial(action=action, resource=_named(resource)), "", "") for action, resource in DENIED.findall(text)]
    return set(re.findall(r"LB713: (\S+) stays", text)) | {row.feature for found in rows for row in found if row.feature in policy.USUAL}


def _named(resource: str) -> str:
    return resource if resource.startswith("arn:") else ""


def _concerns(statement: policy.Statement, resource: str) -> bool:
    """Whether the statement allows something for this resource. AWS names none for actions that have no resource."""
    if not _named(resource):
        return resource in ("this resource", "*") and statement.resources == ("*",)
    return any(fnmatchcase(resource, each) for each in statement.resources)


@pytest.mark.parametrize(("kept", "refused"), [("shield", set()), ("", {"GetSubscriptionState"})])
async def test_an_ingress_without_the_features_is_served(life: Life, role: Role, kept: str, refused: set[str]) -> None:
    """All statements of features are missing, and no call but one of Shield is refused; so one missing statement refuses no more."""
    sids = [each.sid for each in STATEMENTS if each.feature not in (*policy.ALWAYS, kept)]
    assert len(sids) > 3
    role.without(*sids)
    since = life.account.mark()
    try:
        for name, stage in life.stages(plain=True).items():
            verdict = await stage()
            assert (name, verdict.failed, life.take()) == (name, False, [])
        assert {each["operation"] for each in life.account.calls(since) if each["code"] in REFUSED} == refused
    finally:
        role.restore()
