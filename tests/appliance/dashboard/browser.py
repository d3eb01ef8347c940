"""A real browser for tests: chromium without a window, spoken to over two pipes, nothing but the standard library.

Gives pages to open, keys to press, scripts to ask and pictures to take. What is
not there (no chromium on this machine) is for the test to skip.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 300.0
CODES = {"Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9}


class Browser:
    """One page of one chromium."""

    def __init__(self, words: int, ears: int) -> None:
        self._words, self._ears, self._rest = words, ears, b""
        self._numbers = itertools.count(1)
        self._page = ""
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self._page = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.tell("Page.enable")

    def tell(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command of the protocol and give its answer."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._page:
            message["sessionId"] = self._page
        os.write(self._words, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != number:
            pass
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, url: str) -> None:
        self.tell("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def ask(self, script: str) -> Any:
        """What an expression gives on the page, once it is settled."""
        found = self.tell("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise AssertionError(f"{script}: {found['exceptionDetails']}")
        return found["result"].get("value")

    def wait(self, script: str) -> None:
        """Ask until the answer is true."""
        end = time.monotonic() + PATIENCE
        while not self._holds(script):
            if time.monotonic() > end:
                raise AssertionError(f"never true: {script}; the page says: {self.ask('document.body.innerText')}")
            time.sleep(0.05)

    def _holds(self, script: str) -> bool:
        try:
            return self.ask(f"Boolean({script})")
        except AssertionError:  # the page is on its way to another one
            return False

    def click(self, selector: str) -> None:
        """Click once this has been answered: a click may lead to another page."""
        self.ask(f"setTimeout(() => document.querySelector({json.dumps(selector)}).click()), 0")

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press and release one key, as a keyboard does."""
        code = CODES.get(key, ord(key[0].upper()))
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        told = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 8 * shift}
        self.tell("Input.dispatchKeyEvent", type="keyDown", text=text, **told)
        self.tell("Input.dispatchKeyEvent", type="keyUp", **told)

    def write(self, text: str) -> None:
        """Type a text into what has the focus."""
        self.tell("Input.insertText", text=text)

    def tab_to(self, selector: str) -> None:
        """Walk with Tab until the focus is there."""
        for _ in range(80):
            if self.ask(f"document.activeElement.matches({json.dumps(selector)})"):
                return
            self.press("Tab")
        raise AssertionError(f"Tab never comes to {selector}")

    def shape(self, width: int, height: int = 1000, scheme: str = "dark", scale: float = 1) -> None:
        """Give the window a size and a light; by the scale, a zoom."""
        size = {"width": width, "height": height, "deviceScaleFactor": scale}
        self.tell("Emulation.setDeviceMetricsOverride", **size, mobile=False)
        self.tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def take(self, path: Path) -> None:
        """Keep what the window shows as a picture."""
        path.write_bytes(self.taken())

    def taken(self) -> bytes:
        """What the window shows, as PNG."""
        return base64.b64decode(self.tell("Page.captureScreenshot")["data"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            piece = os.read(self._ears, 1 << 20)
            if not piece:
                raise AssertionError("the browser ended")
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)


@contextlib.contextmanager
def browser(profile: Path) -> Generator[Browser]:
    """A fresh chromium, gone at the end."""
    theirs_in, words = os.pipe()
    ears, theirs_out = os.pipe()
    # the browser wants them as 3 and 4, so they must not stand there crosswise
    given = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (theirs_in, theirs_out)]
    command = ["bash", "-c", f'exec "$@" 3<&{given[0]} 4>&{given[1]}', "bash", CHROMIUM or "chromium",
               "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
               "--remote-debugging-pipe", f"--user-data-dir={profile}"]  # fmt: skip
    child = subprocess.Popen(command, pass_fds=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for end in (theirs_in, theirs_out, *given):
        os.close(end)
    try:
        page = Browser(words, ears)
        yield page
        with contextlib.suppress(AssertionError):
            page._page = ""
            page.tell("Browser.close")
    finally:
        os.close(words)
        os.close(ears)
        child.terminate()
        child.wait(300)
