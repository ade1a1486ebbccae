"""Finalizers, and the shared security group: what is let go, and when."""

import pytest
from tests.controller.groups.bed import IP, OURS, Bed
from tests.controller.scripted import AWAY
from tests.world import CONFIG

from albatross.aws.session.errors import Denied, NotReady
from albatross.catalog.denial import AGAIN_SECONDS, FIRST_SECONDS
from albatross.catalog.tracking import INGRESS, backend_group
from albatross.controller.worker import Verdict
from albatross.kube.errors import KubeError
from albatross.model.resources.stack import StackId

# Finalizers ------------------------------------------------------------------------------------------------------------


async def test_nothing_is_let_go_while_a_plan_fails(bed: Bed) -> None:
    bed.apply()
    await bed.look()
    bed.cluster.mark_deleted("Ingress", "app")
    bed.account.refuse["DeleteLoadBalancer"] = Denied("elbv2", "DeleteLoadBalancer", "AccessDenied", "no")
    assert await bed.look() == Verdict(failed=True, within=AGAIN_SECONDS, first=FIRST_SECONDS)
    assert bed.cluster.finalizers("app") == [OURS]
    bed.account.refuse.clear()
    assert await bed.look() == Verdict()
    assert bed.cluster.find("Ingress", "app") is None


@pytest.mark.parametrize(("deleted", "reason"), [(False, "FailedAddFinalizer"), (True, "FailedRemoveFinalizer")])
async def test_a_finalizer_that_cannot_be_written_is_told(bed: Bed, deleted: bool, reason: str) -> None:
    bed.apply()
    if deleted:
        await bed.look()
        bed.cluster.mark_deleted("Ingress", "app")
    bed.cluster.refuse = lambda request: AWAY if request.method == "PATCH" and request.path.endswith("/app") else None
    if deleted:
        assert await bed.look() == Verdict(failed=True)
    else:
        with pytest.raises(KubeError):
            await bed.look()
    assert ("app", reason) in bed.heard.take()


# The shared security group ---------------------------------------------------------------------------------------------


def shared(bed: Bed) -> int:
    """How many shared backend security groups stand."""
    wanted = backend_group(CONFIG).items()
    return sum(wanted <= {each["Key"]: each["Value"] for each in group["Tags"]}.items() for group in bed.account.made["SecurityGroup"])


async def test_the_shared_security_group_waits_until_every_group_is_heard(bed: Bed) -> None:
    two = StackId(INGRESS, "shop", "two")
    bed.apply()
    bed.apply("two")
    await bed.look()
    assert shared(bed) == 1
    bed.cluster.mark_deleted("Ingress", "app")
    await bed.look()
    assert shared(bed) == 1, "nobody knows yet whether the other one uses it"
    bed.account.made["SecurityGroup"].append({"GroupId": "sg-1", "GroupName": "mine", "Tags": [], "VpcId": CONFIG.vpc_id})
    bed.apply("two", {**IP, "security-groups": "sg-1"})
    await bed.look(two)
    assert shared(bed) == 0


async def test_the_shared_security_group_stays_while_somebody_uses_it(bed: Bed) -> None:
    two = StackId(INGRESS, "shop", "two")
    bed.apply()
    bed.apply("two")
    await bed.look()
    await bed.look(two)
    bed.cluster.mark_deleted("Ingress", "app")
    await bed.look()
    assert shared(bed) == 1
    bed.cluster.mark_deleted("Ingress", "two")
    await bed.look(two)
    assert shared(bed) == 0
    assert not bed.groups.backend.owed


async def test_a_shared_security_group_that_is_held_holds_the_leaver(bed: Bed) -> None:
    bed.apply()
    await bed.look()
    bed.cluster.mark_deleted("Ingress", "app")
    bed.account.refuse["DeleteSecurityGroup"] = NotReady("held", 7.0)
    verdict = await bed.look()
    assert verdict == Verdict(after=7.0)
    assert bed.cluster.finalizers("app") == [OURS]
