"""Codes that open the door once, names, and what the chain tells of who came in."""

from __future__ import annotations

import re
import threading
import time
from typing import Any

import pytest

from appliance.store import deeds, officers, sessions
from tests.appliance.dashboard.coming_in import WORD, come_in, deeds_of


@pytest.fixture
def served(serve: Any) -> Any:
    box = serve()
    box.person("T. Tan", "officer", WORD)
    return box


def test_a_code_opens_once_also_when_twenty_come_at_the_same_moment(served: Any) -> None:
    code = served.officer("T. Tan")
    statuses: list[int] = []

    def enter() -> None:
        with served.client(headers={"Sec-Fetch-Site": "same-origin"}) as client:
            statuses.append(client.post("/api/v1/session/code", json={"code": code}).status_code)

    crowd = [threading.Thread(target=enter) for _ in range(20)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert sorted(statuses) == [201] + [401] * 19
    with served.store.reader() as db:
        assert db.execute("SELECT count(*) FROM session").fetchone()[0] == 1


def test_an_old_code_opens_nothing_and_a_new_one_ends_the_one_before(served: Any) -> None:
    first, second = served.officer("T. Tan"), served.officer("T. Tan")
    browser = served.at_the_door()
    assert browser.post("/api/v1/session/code", json={"code": first}).status_code == 401
    served.store.submit(lambda db: db.execute("UPDATE invitation SET until = ?", (time.time() - 1,))).result()
    assert browser.post("/api/v1/session/code", json={"code": second}).status_code == 401


def test_the_first_administrator_comes_in_by_the_code_the_service_printed(served: Any) -> None:
    """Once; then its file is gone. Nobody comes in by it once there is an administrator by another way."""
    path = served.store.root / "run" / "setup-code"
    assert path.stat().st_mode & 0o777 == 0o600
    code = path.read_text().strip()
    browser = served.at_the_door()
    told = browser.post("/api/v1/session/code", json={"code": code})
    assert (told.status_code, told.json()["needs"]) == (422, ["name", "password"])
    chosen = {"code": code, "name": "Root of All", "password": "long words are fine"}
    told = browser.post("/api/v1/session/code", json=chosen)
    assert (told.status_code, told.json()["role"]) == (201, "administrator")
    assert not path.exists()
    assert served.at_the_door().post("/api/v1/session/code", json=chosen).status_code == 401


def test_the_setup_code_is_worth_nothing_once_there_is_an_administrator(served: Any) -> None:
    code = (served.store.root / "run" / "setup-code").read_text().strip()
    served.person("Other", "administrator", WORD)
    chosen = {"code": code, "name": "Late", "password": "long words are fine"}
    assert served.at_the_door().post("/api/v1/session/code", json=chosen).status_code == 401


def test_who_came_in_and_how_stands_in_the_chain(served: Any) -> None:
    come_in(served)
    served.at_the_door().post("/api/v1/session/code", json={"code": served.officer("T. Tan")})
    served.at_the_door().post("/api/v1/session", json={"name": "T. Tan", "password": "wrong"})
    served.at_the_door().post("/api/v1/session", json={"name": "my-password-by-mistake", "password": "wrong"})
    assert [deed.detail["how"] for deed in deeds_of(served, "signed in")] == ["code", "password"]
    refused = deeds_of(served, "wrong password")
    assert [deed.about for deed in refused] == ["", "t. tan"]  # what was typed as a name may be a password
    with served.store.reader() as db:
        assert deeds.verify(db).broken is None
        assert "my-password-by-mistake" not in str(deeds.listing(db, None, 100))


@pytest.mark.parametrize(
    ("name", "well"),
    [("A", True), ("Lê Thị Hồng", True), ("7 of 9", True), ("", False), (" ", False), ("x" * 61, False),
     ("(the box's own terminal)", False), ("a/b", False), ("a\u2100b", False), ("a\0b", False), ("a\nb", True),
     ("\u202eevil", False), ("-x", False),
     ("T. TAN", False)],
)  # fmt: skip
def test_which_names_may_be_given(served: Any, name: str, well: bool) -> None:
    """None that looks like another, moves the text, or stands for the box itself."""
    with served.control() as control:
        told = control.post("/control/officers", json={"name": name, "role": "officer"})
    assert told.status_code == (201 if well else 409), told.text


def test_a_shared_desk_knows_all_who_signed_in_there(served: Any) -> None:
    served.person("A. Lim", "officer", WORD)
    browser = come_in(served)
    assert browser.post("/api/v1/session", json={"name": "A. Lim", "password": WORD}).status_code == 201
    device = re.search(r"-device=([^;]+)", browser.headers["Cookie"])[1]
    with served.store.reader() as db:
        assert sessions.is_known(db, "T. Tan", device)
        assert sessions.is_known(db, "A. Lim", device)
        assert not sessions.is_known(db, "nobody", device)


def test_rights_are_those_of_now(served: Any) -> None:
    """A role is asked of the store, not of the session."""
    browser = come_in(served)
    assert browser.get("/api/v1/deeds").status_code == 403
    served.store.submit(lambda db: db.execute("UPDATE officer SET role = 'auditor'")).result()
    served.dashboard._house.keys.forget()
    assert browser.get("/api/v1/deeds").status_code == 200
    assert set(officers.RIGHTS["auditor"]) == {"read", "audit"}
