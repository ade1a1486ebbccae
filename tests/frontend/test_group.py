"""Groups of placements: members in order, what leaves, what is unclear; and the table of frontends."""

from tests.world import CONFIG, annotated, snapshot

from albatross import frontend
from albatross.catalog.tracking import INGRESS
from albatross.frontend.group import Group, Placement, Survey
from albatross.model.ident import Ident
from albatross.model.problem import Origin, Problem
from albatross.model.resources.stack import StackId

TEAM, OTHER = StackId(INGRESS, "", "team"), StackId(INGRESS, "", "other")


def ident(name: str) -> Ident:
    return Ident("Ingress", "shop", name)


FAULT = Problem("LB102", Origin.of(ident("c")))
FOUND = (
    Placement(ident=ident("b"), stack=TEAM),
    Placement(ident=ident("a"), stack=TEAM, order=1, held=(TEAM,)),
    Placement(ident=ident("c"), problems=(FAULT,), undecided=True, held=(TEAM,)),
    Placement(ident=ident("d"), stack=OTHER, held=(OTHER, TEAM)),
    Placement(ident=ident("e")),
)


def test_members_leavers_and_the_unclear() -> None:
    group = Survey.of(FOUND).group(TEAM)
    assert (group.members, group.leaving, group.unclear) == ((ident("b"), ident("a")), (ident("d"),), (ident("c"),))
    assert (group.problems(ident("c")), group.problems(ident("b"))) == ((FAULT,), ())


def test_an_object_is_in_every_group_that_it_concerns() -> None:
    survey = Survey.of(FOUND)
    assert survey.groups.keys() == {TEAM, OTHER}
    assert survey.problems == {ident("c"): (FAULT,)}
    assert survey.group(StackId(INGRESS, "", "nobody")) == Group(StackId(INGRESS, "", "nobody"))


def test_an_object_placed_anew_moves() -> None:
    group = Survey.of(FOUND).group(TEAM)
    assert group.replaced([Placement(ident=ident("a"), stack=TEAM)]).members == (ident("a"), ident("b"))
    assert group.replaced([Placement(ident=ident("a"), stack=OTHER)]).members == (ident("b"),)


def test_every_kind_is_in_the_table_once() -> None:
    assert frontend.of(Group(TEAM)) is frontend.ROOTS["Ingress"]
    assert set(frontend.PLACING) < set(frontend.READS)
    assert frontend.READERS.keys() == {*frontend.ROOTS, *frontend.READS, *frontend.NAMED}
    assert frontend.mentions("Pod", None) == frontend.names("Service", None) == frozenset()


def test_one_object_is_placed_as_the_whole_cluster_is_surveyed() -> None:
    cluster = snapshot(annotated({"group.name": "team"}), annotated({"group.name": "Team"}, "b"))
    idents = [ident("app"), ident("b")]
    assert Survey.of(frontend.place(cluster, CONFIG, idents)) == frontend.survey(cluster, CONFIG)
