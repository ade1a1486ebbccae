"""A browser without a window, driven over its DevTools protocol, so that no further package is needed."""

import asyncio
import base64
import itertools
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

PROGRAM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--remote-debugging-port=0",
)
COMPLAINTS = ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")


@dataclass
class Tab:
    """One page in a browser. `complaints` are errors, messages of the console, and what the policy of the page refused."""

    socket: aiohttp.ClientWebSocketResponse
    complaints: list[str] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)

    async def listen(self) -> None:
        async for message in self.socket:
            found = json.loads(message.data)
            if "id" in found:
                self.waiting.pop(found["id"]).set_result(found)
            elif found["method"] in COMPLAINTS:
                self.complaints.append(json.dumps(found["params"]))

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self.numbers)
        answer = self.waiting[number] = asyncio.get_running_loop().create_future()
        await self.socket.send_json({"id": number, "method": method, "params": params})
        found = await answer
        assert "error" not in found, found
        return dict(found["result"])

    async def run(self, script: str) -> Any:
        """The value of an expression of JavaScript."""
        found = await self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def until(self, script: str) -> Any:
        """Wait until an expression is true; its value."""
        look = f"const look = () => {{ const found = {script}; found ? done(found) : requestAnimationFrame(look) }}"
        async with asyncio.timeout(20):
            return await self.run(f"new Promise(done => {{ {look}; look() }})")

    async def open(self, url: str) -> None:
        await self.send("Page.navigate", url=url)
        await self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    async def picture(self, path: Path) -> None:
        """Save what is visible."""
        path.write_bytes(base64.b64decode((await self.send("Page.captureScreenshot", format="png"))["data"]))


@asynccontextmanager
async def tab(profile: Path) -> AsyncIterator[Tab]:
    """An empty page in a browser of its own."""
    assert PROGRAM is not None
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        PROGRAM, *FLAGS, f"--user-data-dir={profile}", "about:blank", stderr=pipe, stdout=asyncio.subprocess.DEVNULL
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(30):
            while "DevTools listening on" not in (line := (await process.stderr.readline()).decode()):
                assert line, "the browser ended"
        root = line.split()[-1].replace("ws://", "http://").partition("/devtools")[0]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{root}/json") as answer:
                pages = [each for each in await answer.json() if each["type"] == "page"]
            async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                found = Tab(socket)
                listening = asyncio.create_task(found.listen())
                for domain in ("Page", "Runtime", "Log"):
                    await found.send(f"{domain}.enable")
                yield found
                listening.cancel()
    finally:
        process.terminate()
        await process.wait()
