"""The tree's lines."""

from albatross.cli.terminal.tree import Leaf, lines


def test_a_tree_is_drawn_with_states() -> None:
    pods = (Leaf("10.0.0.1:8080", "healthy", "api-1"), Leaf("10.0.0.2:8080", "unhealthy", "api-2 Health checks failed"))
    root = Leaf(
        "k8s-api",
        "active",
        "internet-facing",
        (
            Leaf(
                "HTTPS:443",
                children=(Leaf("1  /", children=pods), Leaf("default")),
            ),
        ),
    )
    assert [line.plain for line in lines(root)] == [
        "k8s-api  ● active  internet-facing",
        "└─ HTTPS:443",
        "   ├─ 1  /",
        "   │  ├─ 10.0.0.1:8080  ● healthy  api-1",
        "   │  └─ 10.0.0.2:8080  ● unhealthy  api-2 Health checks failed",
        "   └─ default",
    ]


def test_a_state_nobody_knows_waits() -> None:
    assert next(lines(Leaf("x", "pondering"))).plain == "x  ◌ pondering"
