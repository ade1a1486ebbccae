"""The annotation that health scripts read: there while the object is not served as it asks, and never written otherwise."""

from tests.controller.groups.bed import BAD, FULL, GROUPED, IP, TEAM, Bed

from albatross.catalog.tracking import TROUBLE
from albatross.model.ident import Ident

APP_IDENT = Ident("Ingress", "shop", "app")


def told(bed: Bed, name: str = "app") -> str | None:
    stored = bed.cluster.find("Ingress", name)
    assert stored is not None
    found: str | None = stored["metadata"].get("annotations", {}).get(TROUBLE)
    return found


def own(bed: Bed, name: str = "app") -> int:
    """Writes to the Ingress itself since last asked, without its status."""
    found = len([path for path in bed.cluster.writes() if path.endswith(f"/ingresses/{name}")])
    bed.cluster.journal.clear()
    return found


async def test_an_object_without_problems_costs_no_write(bed: Bed) -> None:
    bed.apply()
    await bed.look()
    assert own(bed) == 1  # the finalizer
    await bed.look()
    assert (own(bed), told(bed)) == (0, None)


async def test_an_error_is_written_once_and_removed_once(bed: Bed) -> None:
    bed.apply(annotations={**IP, **BAD})
    await bed.look()
    assert (told(bed) or "").startswith("LB1")
    assert own(bed) == 2  # with the finalizer
    await bed.look()
    assert own(bed) == 0
    bed.apply()
    await bed.look()
    assert (own(bed), told(bed)) == (1, None)


async def test_a_refusal_of_aws_is_written_until_it_ends(bed: Bed) -> None:
    bed.apply()
    bed.account.refuse["CreateListener"] = FULL
    await bed.look()
    text = told(bed)
    assert text is not None
    assert text.startswith("LB515")
    own(bed)
    await bed.look()
    assert own(bed) == 0
    bed.account.refuse.clear()
    await bed.look()
    assert (own(bed), told(bed)) == (1, None)


async def test_a_refused_deletion_is_written_once(bed: Bed) -> None:
    """The object has no group any more, but its finalizer does: its last pass knows what is wrong, so nothing removes the text."""
    bed.apply()
    await bed.look()
    bed.cluster.mark_deleted("Ingress", "app")
    bed.account.refuse["DeleteLoadBalancer"] = FULL
    await bed.look()
    assert (told(bed) or "").startswith("LB515")
    own(bed)
    bed.groups.teller.complain([bed.index.placement(APP_IDENT)])
    await bed.groups.teller.mark()  # after a pass of any group
    assert own(bed) == 0
    bed.account.refuse.clear()
    await bed.look()
    assert bed.groups.teller.shown == {}, "nothing is kept of a deleted object"


async def test_an_error_in_another_group_is_written_anew(bed: Bed) -> None:
    """The text left with the finalizer of the first group."""
    bed.apply()
    await bed.look()
    bed.cluster.annotate("app", {"alb.ingress.kubernetes.io/group.name": "team"})
    bed.account.refuse["CreateListener"] = FULL
    await bed.look(TEAM)
    await bed.look()
    assert told(bed) is None
    await bed.look(TEAM)
    assert (told(bed) or "").startswith("LB515")


async def test_only_the_member_with_the_error_is_marked(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    bed.apply("two", {**GROUPED, **BAD})
    await bed.look(TEAM)
    assert (told(bed), (told(bed, "two") or "")[:3]) == (None, "LB1")
