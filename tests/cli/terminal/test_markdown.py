"""What fits in one comment, and what is said of the rest."""

from albatross.catalog.tracking import INGRESS
from albatross.cli.decision import Decided
from albatross.cli.terminal import diagnostic, markdown
from albatross.model.ident import Ident
from albatross.model.observed import Owned
from albatross.model.plan import Create, Delete, Operation, Plan, Step, Update
from albatross.model.problem import Origin, Problem
from albatross.model.resources.action import FixedResponse
from albatross.model.resources.listener import Listener
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition, Rule
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.stack import Stack, StackId

ROOM = 6_000


def group(name: str = "k8s-app") -> SecurityGroup:
    return SecurityGroup(id=name, name=name, description="")


OWNED = Owned(resource=group(), arn="sg-1")


def decided(name: str, *operations: Operation, rules: int = 0) -> Decided:
    id = StackId(INGRESS, "shop", name)
    listener = Listener(id="80", load_balancer=Ref("LoadBalancer", "LoadBalancer", "arn"), port=80, protocol="HTTP")
    made = tuple(
        Rule(
            id=f"80:{n}",
            listener=Ref("Listener", "80", "arn"),
            priority=n,
            actions=(FixedResponse(status_code="200"),),
            conditions=(Condition(field="path-pattern", values=(f"/{n}|",)),),
            member=Ident("Ingress", "shop", name),
        )
        for n in range(rules)
    )
    stack = Stack(id=id, listeners=(listener,), rules=made) if rules else None
    return Decided(id, stack, Plan(stack=id, steps=tuple(Step(operation=each) for each in operations)), (), ())


def test_deletions_are_kept_before_creations() -> None:
    creations = [decided(f"a{n:03}", *(Create(resource=group(f"{n}-{m}")) for m in range(2))) for n in range(200)]
    loss = decided("loss", Delete(before=OWNED))
    change = decided("change", Update(resource=group(), before=OWNED, changed=("ingress",)))
    broken = Decided(StackId(INGRESS, "shop", "broken"), None, None, (), ())
    text = markdown.text([*creations, change, loss, broken], [], limit=ROOM)
    assert len(text) <= ROOM - markdown.OTHERS
    assert all(f"### `shop/{name}`" in text for name in ("change", "loss", "broken", "a000"))
    assert "No plan: it has errors." in text
    assert "### `shop/a199`" not in text
    assert "groups left out, to fit in one comment (" in text


def test_a_comment_holds_1000_groups() -> None:
    creations = [decided(f"a{n:03}", *(Create(resource=group(f"{n}-{m}")) for m in range(6)), rules=1) for n in range(1000)]
    text = markdown.text(creations, [], expand=True)
    assert 50_000 < len(text) <= markdown.LIMIT - markdown.OTHERS
    assert text.startswith("**Total of 1,000 groups: 6,000 to create**\n")


def test_a_large_group_is_cut() -> None:
    large = decided("large", *(Create(resource=group(f"{'x' * 50}-{n}"), tags=(("n", str(n)),)) for n in range(300)), rules=300)
    text = markdown.text([large], [], expand=True, limit=ROOM)
    assert len(text) <= ROOM - markdown.OTHERS
    assert text.count("```") == 2
    assert "more operations left out, to fit in one comment." in text
    assert "more rules left out, to fit in one comment." in text
    assert "| shop/large | HTTP:80 | path-pattern is /0\\| | answer 200 |" in text


def test_errors_are_kept_before_warnings() -> None:
    warnings = [Problem("LB107", Origin("Ingress", "shop", f"w{n}"), (("key", "k"),)) for n in range(100)]
    error = Problem("LB101", Origin("Ingress", "shop", "zz"), (("meant", "true"), ("value", "yes")))
    found = diagnostic.findings([*warnings, error])
    text = markdown.text([decided("app", Create(resource=group()))], found, limit=ROOM)
    assert text.index("**error** `LB101`") < text.index("**warning** `LB107`")
    assert "more problems left out, to fit in one comment: `albatross lint` shows all" in text
    assert "### `shop/app`" in text


def test_a_value_cannot_end_the_diff() -> None:
    text = markdown.text([decided("app", Create(resource=group("a```b")))], [])
    assert "\n````diff\n+ security group a```b\n````" in text


def test_nothing_to_do_has_no_diff() -> None:
    assert "```" not in markdown.text([decided("app")], [])
    assert markdown.text([], []) == "**Total of 0 groups: 0 changes**"
