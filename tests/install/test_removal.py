"""What an uninstallation removes, and in which order."""

from dataclasses import replace
from typing import Any

from albatross.install import issuer, removal
from albatross.install.change import ObjectChange
from albatross.install.installation import Installation
from albatross.install.removal import Removal

GIVEN = Installation(cluster_name="", parameters={"any": ""})


def found(kind: str, name: str, finalizers: list[str], **more: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"namespace": "shop", "name": name, "finalizers": finalizers, **more.pop("metadata", {})}, **more}


WEB = found(
    "Ingress",
    "web",
    ["ingress.k8s.aws/resources", "other.example.com/x"],
    status={"loadBalancer": {"ingress": [{"hostname": "lb.example"}]}},
)
GROUPED = found("Ingress", "grouped", ["group.ingress.k8s.aws/team"])
OWNED = found(
    "TargetGroupBinding",
    "k8s-x",
    ["elbv2.k8s.aws/resources"],
    spec={"targetGroupARN": "arn:tg"},
    metadata={"labels": {"ingress.k8s.aws/stack-name": "web", "ingress.k8s.aws/stack-namespace": "shop"}},
)
BALANCED = found("Service", "lb", ["service.k8s.aws/resources"])
FREE = found("Ingress", "free", ["other.example.com/x"])


def test_webhooks_are_first_and_definitions_last() -> None:
    names = [(item.kind[:10], item.name) for item in removal.webhooks()]
    assert names == [("MutatingWe", "albatross-webhook"), ("Validating", "albatross-webhook"), ("Validating", "albatross-webhook-probe")]
    kinds = [item.kind for item in removal.rest(GIVEN, True)]
    assert kinds[:2] == ["Secret", "Lease"]
    assert kinds[-2:] == ["CustomResourceDefinition", "CustomResourceDefinition"]
    assert kinds.index("ClusterRoleBinding") < kinds.index("ClusterRole") < kinds.index("ServiceAccount")
    assert {"IngressClass", "IngressClassParams"} <= set(kinds)
    assert not {"Deployment", "Namespace"} & set(kinds)
    assert "CustomResourceDefinition" not in [item.kind for item in removal.rest(GIVEN, False)]
    assert [item.kind for item in removal.workload(GIVEN)] == ["Deployment"]


def test_objects_with_finalizers_are_found() -> None:
    assert [each["metadata"]["name"] for each in removal.held([OWNED, WEB, FREE, GROUPED, BALANCED])] == ["grouped", "web", "lb", "k8s-x"]


def test_the_finalizers_of_others_stay() -> None:
    assert removal.kept(WEB) == ["other.example.com/x"]


def test_what_is_behind_an_object() -> None:
    assert [removal.behind(each) for each in (WEB, GROUPED, OWNED)] == ["lb.example", "", "arn:tg"]


def test_a_drain_deletes_the_objects_of_users_and_keeps_services() -> None:
    changes = removal.handled([WEB, GROUPED, OWNED, BALANCED], "drain")
    assert [(each.verb, each.name) for each in changes] == [
        ("delete", "Ingress shop/web"),
        ("delete", "Ingress shop/grouped"),
        ("patch", "Service shop/lb"),
    ]
    assert changes[0].note == "and in AWS lb.example"


def test_an_orphan_changes_all_and_a_handover_no_object() -> None:
    assert [each.verb for each in removal.handled([WEB, OWNED], "orphan")] == ["patch", "patch"]
    assert removal.handled([WEB, OWNED], "hand-over") == ()


def test_finalizers_are_removed_by_hand_only_after_the_controller_has_ended() -> None:
    first, held, work, rest = (ObjectChange("delete", {"kind": kind, "metadata": {"name": kind}}) for kind in "ABCD")
    steps = Removal((first,), (held,), (work,), (rest,))
    assert [each.name for each in steps.order("drain")] == ["A A", "B B", "C C", "D D"]
    assert [each.name for each in steps.order("orphan")] == ["A A", "C C", "B B", "D D"]


def test_the_refusal_names_the_objects() -> None:
    many = [found("Ingress", f"web-{number}", []) for number in range(12)]
    args = dict(removal.refusal(many).args)
    assert args["number"] == "12"
    assert args["names"].endswith("Ingress/shop/web-9 and 2 more")
    assert dict(removal.refusal([WEB]).args)["names"] == "Ingress/shop/web"


def test_what_cert_manager_reads_is_removed_once() -> None:
    wanted = [item.name for item in issuer.made(GIVEN.namespace)]
    for given in (GIVEN, replace(GIVEN, settings={**GIVEN.settings, issuer.SETTING: issuer.MODE})):
        names = [item.name for item in removal.rest(given, False) if item.body["apiVersion"].startswith(issuer.GROUP)]
        assert sorted(names) == sorted(wanted)
