"""What we say that an API server refuses, an API server refuses, and nothing else of the cases."""

from typing import Any, cast

from tests.catalog.refusals.case import ALL
from tests.kube.wire import Api

from albatross.catalog.kinds import KINDS
from albatross.kube.errors import KubeError


async def test_an_api_server_agrees(api: Api) -> None:
    for case in ALL:
        obj, fields = cast(tuple[dict[str, Any], list[str]], case.values)
        path = KINDS[obj["kind"]].path(obj["metadata"].get("namespace", ""))
        try:
            await api.client.create(f"{path}?dryRun=All", obj)
            refused = False
        except KubeError:
            refused = True
        assert refused == bool(fields), obj
