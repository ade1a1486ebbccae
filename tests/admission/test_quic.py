"""QUIC server ids of containers."""

import base64
from typing import Any

from tests.admission.admitted import answered, body, configured, patched

from albatross.admission import Response

PATH = "/mutate-v1-pod-server-id"
KEY = "service.beta.kubernetes.io/aws-load-balancer-quic-enabled-containers"
VARIABLE = "AWS_LBC_QUIC_SERVER_ID"


def pod(listed: str | None = "web, proxy,missing") -> dict[str, Any]:
    containers = [{"name": "web"}, {"name": "other"}, {"name": "proxy", "env": [{"name": "A", "value": "1"}]}]
    annotations = {} if listed is None else {KEY: listed}
    return {"metadata": {"generateName": "web-", "annotations": annotations}, "spec": {"containers": containers}}


def ids(new: dict[str, Any], uid: str = "1", **settings: str) -> dict[str, str]:
    """The ids by container."""
    config = configured(**settings)
    after = patched(new, answered(PATH, body("Pod", new, uid=uid), config=config))
    assert answered(PATH, body("Pod", after, uid="another"), config=config) == Response()
    containers = [*after["spec"]["containers"], *after["spec"].get("initContainers", [])]
    variable = config.quic_environment_variable_name
    return {each["name"]: env["value"] for each in containers for env in each.get("env", []) if env["name"] == variable}


def test_named_containers_get_an_id_each() -> None:
    found = ids(pod())
    assert sorted(found) == ["proxy", "web"]
    assert len(set(found.values())) == 2
    assert {len(base64.b64decode(value, validate=True)) for value in found.values()} == {8}


def test_other_variables_stay() -> None:
    new = pod()
    after = patched(new, answered(PATH, body("Pod", new)))
    assert [env["name"] for env in after["spec"]["containers"][2]["env"]] == ["A", VARIABLE]
    assert after["spec"]["containers"][1] == {"name": "other"}


def test_every_pod_has_other_ids() -> None:
    assert not set(ids(pod(), "1").values()) & set(ids(pod(), "2").values())
    assert ids(pod(), "1") == ids(pod(), "1")


def test_init_containers_get_one_too() -> None:
    new = pod("sidecar")
    new["spec"]["initContainers"] = [{"name": "setup"}, {"name": "sidecar"}]
    assert list(ids(new)) == ["sidecar"]


def test_an_id_of_the_user_stays() -> None:
    new = pod("web")
    new["spec"]["containers"][0]["env"] = [{"name": VARIABLE, "value": "mine"}]
    assert ids(new) == {"web": "mine"}


def test_the_name_of_the_variable_is_a_setting() -> None:
    assert sorted(ids(pod(), quic_environment_variable_name="QUIC")) == ["proxy", "web"]


def test_without_the_annotation_nothing_changes() -> None:
    assert ids(pod(None)) == {}
    assert ids(pod("")) == {}


def test_an_update_stays() -> None:
    assert answered(PATH, body("Pod", pod(), pod())) == Response()
