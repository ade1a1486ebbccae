import asyncio

from tests.clock import until
from tests.kube.script import Reply, playing
from tests.kube.wire import Api

from albatross.kube.cache import Cache
from albatross.kube.secrets import SYNC_SECONDS, Secrets
from albatross.model.snapshot import Secret

KEY = ("default", "oidc")


async def test_secrets_are_seen_while_someone_wants_them(api: Api) -> None:
    cache = Cache()
    secrets = Secrets(api.client, cache)
    await api.make("Secret", "oidc", stringData={"clientID": "a"})
    await api.make("Secret", "other", stringData={"clientID": "b"})
    await secrets.want("one", [KEY])
    await secrets.want("two", [KEY])
    assert cache.keys("Secret") == [KEY]
    assert secrets.unreadable == frozenset()
    await api.client.patch("/api/v1/namespaces/default/secrets/oidc", {"stringData": {"clientID": "c"}})
    await api.until(lambda: _value(cache) == b"c")
    await secrets.want("one", [])
    assert cache.keys("Secret") == [KEY]
    await secrets.want("two", [])
    assert cache.keys("Secret") == []
    await secrets.close()


async def test_a_secret_without_the_label_is_not_seen(api: Api) -> None:
    cache = Cache()
    secrets = Secrets(api.client, cache, "public=yes")
    await api.make("Secret", "oidc", stringData={"clientID": "a"})
    await secrets.want("one", [KEY])
    assert cache.keys("Secret") == []
    await api.client.patch("/api/v1/namespaces/default/secrets/oidc", {"metadata": {"labels": {"public": "yes"}}})
    await api.until(lambda: cache.keys("Secret") == [KEY])
    await secrets.close()


def _value(cache: Cache) -> bytes:
    found = cache.get("Secret", KEY)
    return found.data["clientID"] if isinstance(found, Secret) else b""


async def test_a_secret_that_may_not_be_read_is_waited_for_a_while_only() -> None:
    cache = Cache()
    async with playing(*[Reply("{}", status=403)] * 50) as script:
        secrets = Secrets(script.client, cache)
        wanting = asyncio.create_task(secrets.want("one", [KEY]))
        await until(wanting.done, script.clock)
        assert script.clock.now() >= 1000 + SYNC_SECONDS
        assert cache.keys("Secret") == []
        assert secrets.unreadable == {KEY}
        await secrets.close()
