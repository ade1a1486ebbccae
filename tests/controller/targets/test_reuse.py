"""A new leader: which target groups it accepts without a look at AWS, and which digests it keeps."""

import pytest
from tests.clock import until
from tests.controller.targets.bed import PATH, Bed

from albatross.aws.session.errors import AwsError
from albatross.controller.bindings import KIND
from albatross.controller.digests import Digests
from albatross.model.snapshot import (
    Key,
)

pytestmark = pytest.mark.xdist_group("controller-aws")


async def followed(bed: Bed) -> list[Key]:
    """Let another leader follow, which has read the digests; the bindings that it will compare later."""
    before, later = bed.loop.digests, list[Key]()
    bed.loop.digests = Digests()
    bed.loop.digests.read(before.text(1), 2)
    bed.loop.later = later.append
    bed.loop.known.lists.clear()
    return later


async def test_a_new_leader_reads_unchanged_targets_later(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    later = await followed(bed)
    assert await bed.look() is None
    assert (bed.operations(), later) == ([], [("shop", "tgb")])
    await bed.look()
    assert bed.operations() == ["DescribeTargetHealth"]
    assert len(bed.loop.digests.known) == 1


async def test_a_new_leader_registers_what_has_changed_at_once(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    later = await followed(bed)
    bed.serve("10", "11")
    await bed.look()
    assert (bed.operations(), later) == (["DescribeTargetHealth", "RegisterTargets"], [])


async def test_no_digest_stays_of_a_binding_that_was_deleted(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    assert len(bed.loop.digests.known) == 1
    await bed.api.client.delete(PATH)
    await until(lambda: bed.cache.get(KIND, ("shop", "tgb")).metadata.deleting)
    await bed.loop.reconcile(("shop", "tgb"))
    await until(lambda: bed.cache.get(KIND, ("shop", "tgb")) is None)
    await bed.loop.reconcile(("shop", "tgb"))
    assert bed.loop.digests.known == {}


async def test_targets_that_must_still_leave_are_not_in_place(bed: Bed) -> None:
    bed.serve("10", "11")
    await bed.bind()
    bed.loop.leave = lambda key: None
    bed.loop.session.plenty = lambda service, operation: False  # type: ignore[method-assign]
    bed.serve("10")
    await bed.look()
    assert await bed.registered() == {"10", "11"}
    assert bed.loop.digests.known == {}


async def test_a_target_group_that_is_shared_or_fails_is_not_in_place(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind(multiClusterTargetGroup=True)
    assert bed.loop.digests.known == {}
    bed.loop.digests.note("TargetGroupBinding shop/tgb", "as before")
    bed.serve("10", "11")
    bed.fault("RegisterTargets", "TooManyTargets")
    with pytest.raises(AwsError):
        await bed.look()
    assert bed.loop.digests.known == {}
