"""Bodies in YAML say what an API server reads in them."""

import pytest
from packages.sandbox.tests.kube.conftest import Api

APPLY = {"Content-Type": "application/apply-patch+yaml"}
PATH = "/api/v1/namespaces/default/services/web?fieldManager=m"
SERVICE = """
apiVersion: v1
kind: Service
metadata:
  name: web
  annotations: {at: 2026-01-02T03:04:05Z, day: 2026-01-02, far: 2026-99-99, word: "on"}
spec:
  publishNotReadyAddresses: on
  ports: [{port: 0o120}]
"""


async def test_times_stay_text_and_old_booleans_count(api: Api) -> None:
    async with api.session.patch(api.cluster.server + PATH, data=SERVICE.replace("0o120", "0120"), headers=APPLY) as answer:
        found = await answer.json()
    assert answer.status == 201, found
    assert found["metadata"]["annotations"] == {"at": "2026-01-02T03:04:05Z", "day": "2026-01-02", "far": "2026-99-99", "word": "on"}
    assert (found["spec"]["publishNotReadyAddresses"], found["spec"]["ports"][0]["port"]) == (True, 80)


@pytest.mark.parametrize("body", ["a: [", "[" * 5000, "a: *b", "? {a: b}\n: c", "!!python/object:os.system {}"])
async def test_what_is_no_yaml_is_refused(api: Api, body: str) -> None:
    async with api.session.patch(api.cluster.server + PATH, data=body, headers=APPLY) as answer:
        assert answer.status == 400
