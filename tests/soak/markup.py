"""Texts that would run if a page took them for more than text, in every field of free text, shown on every page.

    ./dev soak markup [--texts 500] [--scans 40]

A whole box. The texts come as names of files, in sidecars, as names of officers, notes, things found and settings; then
Chromium opens every page there is for every role, the scans with their details, problems and the door, and tells what
ran, what the policy refused, which elements nobody meant to make, and which page fell over.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import sys
import tempfile
import time
import unicodedata
import uuid
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from appliance.commands.common import ask_daemon
from appliance.errors import LanewatchError
from tests.appliance.dashboard.browser import Browser, browser
from tests.appliance.dashboard.desk_page import pages
from tests.box import Box
from tests.conftest import png
from tests.soak.script_strings import script_strings

ROLES = ("officer", "supervisor", "administrator", "auditor")
WATCH = """window.ran = 0; window.broken = []; window.fell = [];
for (const name of ['pwn', 'alert', 'confirm', 'prompt']) window[name] = () => { window.ran += 1; };
addEventListener('securitypolicyviolation',
  (one) => broken.push(`${one.violatedDirective} ${one.blockedURI} ${one.sample}`));
addEventListener('error', (one) => one.message && fell.push(one.message));
addEventListener('unhandledrejection', (one) => fell.push(String(one.reason)));"""
STRANGE = """[...document.querySelectorAll(`img[src=x], script:not([src^="/static/"]), iframe, object, embed, base,
  marquee, math, foreignObject, xss, link:not([href^="/static/"]), meta[http-equiv], [style*=url], a[href^=javascript],
  form[action^=javascript]`), ...[...document.querySelectorAll('*')].filter((one) =>
  [...one.attributes].some(({name}) => name.startsWith('on')))].map((one) => one.outerHTML.slice(0, 200))"""
SEEN = f"""(() => {{ for (const one of document.querySelectorAll('details')) one.open = true;
  return {{ran, broken, fell, strange: {STRANGE},
  hosts: [...new Set(performance.getEntriesByType('resource').map((one) => new URL(one.name).origin))]
    .filter((one) => one !== location.origin),
  at: location.origin, text: document.documentElement.textContent
    + [...document.querySelectorAll('input')].map((one) => one.value).join('\\n')}}; }})()"""
STILL = """new Promise((resolve) => { let before = null, since = performance.now();
  const look = () => { const now = document.body.innerText.replace(/\\d/g, '');
    if (now !== before) since = performance.now(), before = now;
    if (performance.now() - since > 250 || performance.now() > 20000) resolve(true); else setTimeout(look, 50); };
  look(); })"""
"""Until the page says nothing new for a quarter of a second; clocks tick on."""


class Eyes:
    """A window that watches what a page does with what it is given."""

    def __init__(self, window: Browser, url: str) -> None:
        self.window, self.url = window, url
        self.pages = 0
        self.wrong: list[str] = []
        self.shown = ""
        window.shape(1280, 800)
        window.tell("Page.addScriptToEvaluateOnNewDocument", source=WATCH)

    def open(self, address: str) -> None:
        self.window.open("about:blank")
        self.window.open(self.url + address)
        self.look(address)

    def look(self, address: str) -> None:
        """What stands there now, once it is still."""
        self.window.ask(STILL)
        seen = self.window.ask(SEEN)
        self.pages += 1
        self.shown += seen["text"]
        told = {name: seen[name] for name in ("ran", "broken", "fell", "strange", "hosts") if seen[name]}
        if seen["at"] != self.url:
            told["at"] = seen["at"]
        if told:
            self.wrong.append(f"{address[:120]}: {json.dumps(told)[:1000]}")


class Said:
    """The texts, put into every field that takes free text; counts what the box refused."""

    def __init__(self, box: Box, texts: tuple[str, ...]) -> None:
        self.box, self.texts = box, texts
        self.refused: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()

    def bring(self) -> int:
        """As file names and in sidecars, every tenth with something that is no picture; gives how many came."""
        names = {_file_name(text): text for text in self.texts}
        for number, (name, text) in enumerate(names.items()):
            sidecar = {
                "lane": text[:100],
                "declared_items": ["laptop", text],
                "context": {"consignee": text, text[:50]: text},
            }
            sidecar["declaration"] = [{"text": text, "hs": text[:20], "quantity": 2}]
            if number % 2:
                sidecar["scan_id"] = text
            content = text.encode() if number % 10 == 9 else png((number % 256, 40, number // 256 * 20))
            path = self.box.scanner / f"{name}.png"
            path.with_suffix(".json").write_text(json.dumps(sidecar))
            path.write_bytes(content)
        return len(names)

    def answer(self, scans: int) -> None:
        """As notes, things drawn and things found, by people whose names are such texts."""
        people = [page for page in (self._person(text) for text in self.texts) if page]
        places = people[0].get("/api/v1/queue?limit=200").json()["scans"][:scans]
        for number, text in enumerate(self.texts):
            page, place = people[number % len(people)], places[number % len(places)]
            about = {"key": str(uuid.uuid4()), "scan_id": place["scan_id"], "revision": place["revision"], "note": text}
            whole = page.get(place["address"]).json()
            mark = {"view": whole["views"][0]["name"], "box": [0.1, 0.1, 0.5, 0.5], "item": text[:60]}
            over = whole["reviews"][-1]["key"] if whole["reviews"] else None
            word = {**about, "verdict": whole["verdict_id"], "kind": "missed", "over": over}
            self._try("word", page.post("/api/v1/reviews", json={**word, "marks": [mark]}))
            found = [{"item": text[:60], "quantity": 1}]
            self._try("outcome", page.post("/api/v1/outcomes", json={**about, "kind": "found", "found": found}))
        for page in people:
            page.close()

    def _person(self, text: str) -> httpx2.Client | None:
        """Somebody called so; every twenty-fifth also comes in."""
        name = f"T {text}"[:60]
        try:
            code = ask_daemon(self.box.config, "POST", "/control/officers", {"name": name, "role": "officer"})["code"]
        except LanewatchError:
            self.refused["name"] += 1
            return None
        self.taken["name"] += 1
        return come_in(self.box, code) if self.taken["name"] % 25 == 1 else None

    def _try(self, what: str, answer: httpx2.Response) -> None:
        assert answer.status_code in (201, 422), answer.text
        (self.taken if answer.status_code == 201 else self.refused)[what] += 1


def come_in(box: Box, code: str) -> httpx2.Client:
    """A browser's part over HTTP, as its pages would: a session, its proof, its cookies."""
    page = httpx2.Client(base_url=f"http://127.0.0.1:{box.port}", timeout=300, trust_env=False)
    page.headers["Sec-Fetch-Site"] = "same-origin"
    told = page.post("/api/v1/session/code", json={"code": code, "password": f"long enough {uuid.uuid4()}"})
    assert told.status_code == 201, told.text
    words = (value.partition(";")[0] for key, value in told.headers.multi_items() if key.lower() == "set-cookie")
    page.headers["Cookie"] = "; ".join(words)
    page.headers["X-Lanewatch-Proof"] = told.json()["proof"]
    return page


def soak(folder: Path, texts: int, scans: int) -> dict[str, Any]:
    """Say so many texts everywhere, look at every page and so many scans, and tell what was wrong."""
    began = time.monotonic()
    said_texts = script_strings(texts)
    with Box(folder, source=", deadline_seconds: 600, incomplete_seconds: 2") as box, _window(folder, box) as eyes:
        box.start()
        said = Said(box, said_texts)
        count = said.bring()
        box.until(lambda: box.one("SELECT count(*) FROM scan") >= count, "all came", 200)
        box.until(lambda: box.one("SELECT count(*) FROM scan WHERE action IS NULL") == 0, "all are judged", 200)
        said.answer(scans)
        _look_everywhere(eyes, box, said_texts, scans)
        cells = _cells(box)
        shown = " ".join(eyes.shown.split())
        return {
            "texts": texts,
            "scans": count,
            "taken": dict(said.taken),
            "refused": dict(said.refused),
            "pages": eyes.pages,
            "seen on a page": sum(" ".join(text.split()) in shown for text in said_texts),
            "wrong": eyes.wrong,
            "cells": len(cells),
            "formulas": [cell for cell in cells if is_formula(cell)],
            "seconds": round(time.monotonic() - began),
        }


def _look_everywhere(eyes: Eyes, box: Box, texts: tuple[str, ...], scans: int) -> None:
    for number, text in enumerate(texts[: max(12, len(texts) // 25)]):
        strange = quote(text, safe="")
        eyes.open((f"/{strange}", f"/scans?{strange}=1", f"/scans?action={strange}", f"/#code={strange}")[number % 4])
    for role in ROLES:
        made = {"name": f"Plain {role}", "role": role}
        ask_daemon(box.config, "POST", "/control/officers", made)
        entering = {"purpose": "enter"}
        code = ask_daemon(box.config, "POST", f"/control/officers/{quote(made['name'])}/code", entering)["code"]
        eyes.window.open("about:blank")
        eyes.window.open(f"{eyes.url}/#code={code}")
        eyes.window.wait("document.body.dataset.state === 'live'")
        for address in pages():
            eyes.open(address)
        if role == "officer":
            _look_at_scans(eyes, box, scans)


def _look_at_scans(eyes: Eyes, box: Box, scans: int) -> None:
    """The lists to their end, and so many scans whole."""
    eyes.window.open(eyes.url)
    eyes.window.wait("document.body.dataset.state === 'live'")
    eyes.window.press("l")
    eyes.look("all")
    eyes.open("/scans")
    while eyes.window.ask("Boolean(document.querySelector('a[rel=next]'))"):
        eyes.window.ask("window.old = 1, document.querySelector('a[rel=next]').click(), 0")
        eyes.window.wait("!window.old && document.querySelector('tbody')")
        eyes.look("older")
    words = "SELECT DISTINCT scan_id, revision FROM scan JOIN review ON review.scan = scan.id LIMIT ?"
    ill = "SELECT scan_id, revision FROM scan WHERE quarantine IS NOT NULL LIMIT ?"
    eyes.window.open(f"{eyes.url}/scans")
    for row in [*box.ask(words, scans), *box.ask(ill, scans // 4)]:
        place = f"{quote(row['scan_id'], safe='')}/{row['revision']}"
        eyes.window.ask(f"location.hash = {json.dumps(place)}, 0")
        eyes.window.wait("document.querySelector('#detail .beside').innerText.length > 20")
        eyes.look(f"/scans#{place}")


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet of any country would take a cell, or a part of it, for a formula."""
    pieces = [cell]
    for separator in ";\t\r\n":
        pieces = [part for piece in pieces for part in piece.split(separator)]
    return any(_visible(piece).startswith(("=", "+", "-", "@")) for piece in pieces)


def _visible(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    return "".join(each for each in plain if unicodedata.category(each)[0] not in "CZ" and each != '"')


def _cells(box: Box) -> list[str]:
    with httpx2.Client(base_url=f"http://127.0.0.1:{box.port}", trust_env=False, timeout=300) as client:
        table = client.get("/api/v1/scans?format=csv", headers={"Authorization": f"Bearer {box.token()}"})
    return [cell for row in csv.reader(io.StringIO(table.text)) for cell in row]


def _file_name(text: str) -> str:
    """As near to the text as the name of a file that is not hidden can be."""
    name = text.replace("/", "\u2215").replace("\x00", "").encode()[:180].decode(errors="ignore")
    return f"_{name}" if name[:1] in ("", ".") else name


@contextlib.contextmanager
def _window(folder: Path, box: Box) -> Generator[Eyes]:
    with browser(folder / "chromium") as window:
        yield Eyes(window, f"http://127.0.0.1:{box.port}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=500)
    parser.add_argument("--scans", type=int, default=40)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = soak(Path(folder), asked.texts, asked.scans)
    print(json.dumps(told, indent=2, ensure_ascii=False))
    return int(bool(told["wrong"] or told["formulas"]))


if __name__ == "__main__":
    sys.exit(main())
