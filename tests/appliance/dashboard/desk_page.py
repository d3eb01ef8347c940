"""Hands on the desk's page, for tests: sign in, wait for a scan to be there whole, look at what the box has kept."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

from appliance.dashboard.app import ROUTES, Dashboard
from appliance.intake.receive import Receiver
from appliance.rulebooks import Rulebooks
from models.profile import BAGGAGE
from tests.appliance.dashboard.browser import Browser
from tests.appliance.dashboard.conftest import PillowDecoder

TITLE = "document.querySelector('#detail h2')?.textContent"
PANES = "document.querySelectorAll('#detail .pane canvas').length"
KEPT = "document.getElementById('kept').innerText"
CARDS = "[...document.querySelectorAll('.card .name')].map((one) => one.textContent)"


def pages() -> list[str]:
    """Every address that gives a page, less those with blanks in them."""
    found = sorted(path for handler in ROUTES for path in handler.paths if "GET" in handler.http_methods)
    told = ("/api/", "/static/", "/healthz", "/readyz", "/version", "/metrics", "/docs/openapi.json")
    return [path for path in found if not path.startswith(told) and "{" not in path]


def sit_down(served: Any, window: Browser, name: str = "T. Tan", width: int = 1280, height: int = 800) -> None:
    """Come to the desk by a code, as somebody new to this browser."""
    window.shape(width, height)
    window.open("about:blank")
    window.open(f"{served.url}/#code={served.officer(name)}")
    window.wait("document.body.dataset.state === 'live'")
    window.wait("document.getElementById('who').textContent")


def wait_for(window: Browser, scan_id: str) -> None:
    """Until a scan stands there whole: its name, its words and its pictures."""
    window.wait(f"{TITLE} === {json.dumps(scan_id)} && {PANES} === 2 && document.querySelector('#detail .reason')")


def type_in(window: Browser, text: str) -> None:
    """Type into what has the focus."""
    window.tell("Input.insertText", text=text)


def settings(window: Browser, **values: Any) -> None:
    """Remember something for who sits there, as their dialog does."""
    window.ask(f"import('/static/me.js').then((me) => me.rememberNow({json.dumps(values)})).then(() => 0)")


def reviews(served: Any) -> list[dict[str, Any]]:
    """What officers said, in the order in which the box kept it."""
    asked = (
        "SELECT scan_id, kind, marks, note, undone_at FROM review JOIN scan ON scan.id = review.scan ORDER BY review.id"
    )
    rows = served.store.submit(lambda db: [dict(row) for row in db.execute(asked)]).result()
    return [{**row, "marks": json.loads(row["marks"])} for row in rows]


def begin_again(served: Any) -> None:
    """Start the HTTP side of a stopped box anew, at the address it had."""
    bound = served.dashboard._settings.model_copy(update={"bind": served.url.partition("://")[2]})
    rulebooks = Rulebooks(served.store, BAGGAGE.name)
    reception = Receiver(served.store, PillowDecoder(), lambda: served.no_room)
    served.dashboard = Dashboard(bound, reception, served.store, served.health, rulebooks, served.glimpses)
    served._up = threading.Event()
    served._thread = threading.Thread(target=lambda: asyncio.run(served._live()))
    served._thread.start()
    assert served._up.wait(300)
