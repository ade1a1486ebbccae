"""The page in a real browser, where one is found: it is live, it works from the keyboard, and its policy forbids nothing that it needs."""

from pathlib import Path

import pytest
from tests.web.browser import PROGRAM, tab
from tests.web.conftest import Visit
from tests.web.test_site import known, manifest

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium is installed")


async def test_a_person_uses_the_page(visit: Visit, tmp_path: Path) -> None:
    async with tab(tmp_path / "profile") as page:
        await page.open(visit.url)
        assert "There is no load balancer yet" in await page.run("document.querySelector('main').innerText")
        await page.until("document.getElementById('stream').textContent === 'live'")

        # a new Ingress appears by itself, and its targets change their colour by themselves
        visit.apply()
        await visit.reconcile()
        known(visit, "initial", "healthy")
        await page.until("document.querySelector('#cards details')")
        await page.run("document.querySelector('#cards summary').click()")
        await page.until("[...document.querySelectorAll('a.box.warn title')].some(each => each.textContent.startsWith('target 10.0.0.1'))")
        await page.run("window.kept = document.querySelector('#cards svg.picture')")
        known(visit, "unhealthy", "healthy")
        await page.until("[...document.querySelectorAll('a.box.bad title')].some(each => each.textContent.startsWith('target 10.0.0.1'))")
        assert await page.run("window.kept === document.querySelector('#cards svg.picture')"), "only the box was replaced"
        assert await page.run("document.querySelector('#cards a.box').namespaceURI") == "http://www.w3.org/2000/svg"

        # a box is chosen with the keyboard
        await page.run("document.querySelector('#cards a.box').focus()")
        for key, code in (("ArrowDown", 40), ("Enter", 13)):
            for event in ("keyDown", "keyUp"):
                text = {"text": "\r"} if key == "Enter" and event == "keyDown" else {}
                await page.send("Input.dispatchKeyEvent", type=event, key=key, code=key, windowsVirtualKeyCode=code, **text)
        assert "HTTP:80" in await page.until("document.querySelector('#thing h3')?.textContent")

        # the number of targets changes the picture
        known(visit, "healthy", "healthy", "healthy")
        await page.until("document.querySelectorAll('#cards a.box.leaf').length === 3")

        # the text box answers while one types
        await page.run(f"document.getElementById('typed').value = {manifest(service='wbe')!r}")
        await page.run("document.getElementById('typed').dispatchEvent(new Event('input', {bubbles: true}))")
        await page.until("document.getElementById('tried').innerText.includes('wbe')")

        # the operations of a plan come when it is opened
        await page.run("document.querySelector('#rows summary').click()")
        await page.until("document.querySelector('#rows .operations')?.innerText.includes('create load balancer')")

        # what is deleted disappears
        visit.cluster.mark_deleted("Ingress", "app")
        await visit.reconcile()
        await page.until("!document.querySelector('#cards details')")
        assert page.complaints == []
        assert await page.run("performance.getEntriesByType('resource').every(each => each.name.startsWith(location.origin))")
