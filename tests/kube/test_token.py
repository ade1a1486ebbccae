import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from tests.clock import BEGINNING, Virtual, until

from albatross.kube.errors import Unconfigured
from albatross.kube.token import EARLY_SECONDS, PLUGIN_SECONDS, REREAD_SECONDS, ExecToken, FileToken, Plugin, StaticToken

PLUGIN = """import json, os, sys
assert json.loads(os.environ["KUBERNETES_EXEC_INFO"])["kind"] == "ExecCredential"
count = int(open(sys.argv[1]).read() or 0) + 1
open(sys.argv[1], "w").write(str(count))
print(json.dumps({"status": {"token": f"t{count}", "expirationTimestamp": sys.argv[2]}}))
"""


def plugin(folder: Path, expires: str, clock: Virtual | None = None) -> ExecToken:
    (folder / "plugin.py").write_text(PLUGIN)
    (folder / "count").write_text("")
    return ExecToken(Plugin((sys.executable, str(folder / "plugin.py"), str(folder / "count"), expires)), clock or Virtual())


async def test_a_plugin_is_asked_once_while_its_token_holds(tmp_path: Path) -> None:
    token = plugin(tmp_path, "2999-01-01T00:00:00Z")
    assert [await token.get(), await token.get(), await token.get(fresh=True)] == ["t1", "t1", "t2"]


async def test_a_plugin_is_asked_again_before_its_token_expires(tmp_path: Path) -> None:
    clock = Virtual()
    token = plugin(tmp_path, (BEGINNING + timedelta(hours=1)).isoformat(), clock)
    assert await token.get() == "t1"
    await clock.advance(3600 - EARLY_SECONDS)
    assert await token.get() == "t1"
    await clock.advance(1)
    assert await token.get() == "t2"


async def test_a_plugin_that_hangs_is_ended() -> None:
    clock = Virtual()
    asking = asyncio.create_task(ExecToken(Plugin((sys.executable, "-c", "input()")), clock).get())
    await until(lambda: clock.waiting)
    await clock.advance(PLUGIN_SECONDS)
    with pytest.raises(Unconfigured, match="gave no answer within 30 s"):
        await asking


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("/nowhere/aws",), "is not installed\n  - pip install aws"),
        ((sys.executable, "-c", "import sys; sys.exit('no login')"), "ended with 1: no login"),
        ((sys.executable, "-c", "print('{}')"), "no ExecCredential"),
    ],
)
async def test_a_plugin_that_fails_is_named(command: tuple[str, ...], said: str) -> None:
    with pytest.raises(Unconfigured) as caught:
        await ExecToken(Plugin(command, hint="pip install aws")).get()
    assert said in str(caught.value)


async def test_a_token_file_that_is_away_keeps_its_last_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    token = FileToken(str(file))
    with pytest.raises(Unconfigured, match="cannot be read"):
        await token.get()
    file.write_text("a\n")
    assert await token.get() == "a"
    file.unlink()
    assert await token.get(fresh=True) == "a"


async def test_a_token_file_is_read_again_after_a_minute(tmp_path: Path) -> None:
    clock, file = Virtual(), tmp_path / "token"
    token = FileToken(str(file), clock)
    file.write_text("a")
    assert await token.get() == "a"
    file.write_text("b")
    await clock.advance(REREAD_SECONDS)
    assert await token.get() == "a"
    await clock.advance(1)
    assert await token.get() == "b"


async def test_a_fixed_token_stays() -> None:
    assert await StaticToken("a").get(fresh=True) == "a"
