"""What else somebody may leave out of a pack's lists, put into them, or let change places."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from appliance.lookback.checker import sha256
from appliance.scan import canonical
from tests.appliance.lookback.forgeries import FORGERIES, change, forgery, replace


@forgery
def leave_the_first_verdict_and_its_row_out(pack: Path) -> None:
    """With all rows before the second, so that what is left follows one upon the other."""
    shutil.rmtree(pack / "verdicts/1")
    (pack / "verdicts/2").rename(pack / "verdicts/1")
    change(pack, "verdicts.json", lambda value: value["verdicts"].pop(0))
    change(pack, "ledger.json", lambda value: value.update(rows=value["rows"][3:]))


@forgery
def invent_the_first_verdict_and_tie_it_to_nothing(pack: Path) -> None:
    """Its row is made anew, and those that tied it to the second one are gone."""
    document = pack / "verdicts/1/document.json"
    text = document.read_text("utf-8").replace('"REVIEW"', '"CLEAR"').replace('"medium"', '"low"')
    document.write_text(text, encoding="utf-8")
    change(pack, "verdicts.json", lambda value: value["verdicts"][0].update(action="CLEAR", risk="low"))

    def forge(ledger: Any) -> None:
        row = ledger["rows"][0]
        body = json.loads(row["body"]) | {"action": "CLEAR", "risk": "low", "document": sha256(text.encode())}
        row["body"] = canonical(body).decode()
        row["hash"] = sha256(f"{row['previous']}\n{row['body']}".encode())
        ledger["rows"] = [row, *ledger["rows"][3:]]

    change(pack, "ledger.json", forge)


@forgery
def let_two_verdicts_change_places(pack: Path) -> None:
    (pack / "verdicts/1").rename(pack / "verdicts/3")
    (pack / "verdicts/2").rename(pack / "verdicts/1")
    (pack / "verdicts/3").rename(pack / "verdicts/2")
    change(pack, "verdicts.json", lambda value: value["verdicts"].reverse())


@forgery
def name_an_older_row_as_the_newest(pack: Path) -> None:
    def older(ledger: Any) -> None:
        ledger["newest"] = {key: ledger["rows"][-2][key] for key in ("seq", "hash")}

    change(pack, "ledger.json", older)


@forgery
def show_it_at_its_best(pack: Path) -> None:
    replace(pack, "scan.json", '"the engine was late"', "null")


@forgery
def show_another_trouble(pack: Path) -> None:
    replace(pack, "scan.json", "the engine was late", "the officer was late")


def _more(path: str, into: Callable[[Any], Any]) -> None:
    def forge(pack: Path) -> None:
        change(pack, path, lambda value: into(value).update(reasoning="Nothing was found."))

    forge.__name__ = f"say_more_in_{path}_{len(FORGERIES)}"
    forgery(forge)


for _path, _into in (
    ("scan.json", lambda value: value),
    ("verdicts.json", lambda value: value),
    ("verdicts.json", lambda value: value["verdicts"][1]),
    ("ledger.json", lambda value: value),
    ("ledger.json", lambda value: value["rows"][1]),
    ("ledger.json", lambda value: value["newest"]),
    ("pictures.json", lambda value: value["pictures"][0]),
    ("missing.json", lambda value: value),
):
    _more(_path, _into)
