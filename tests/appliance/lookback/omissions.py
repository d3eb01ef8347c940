"""What else somebody may leave out of a pack's lists, put into them, or let change places."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.appliance.lookback.forgeries import FORGERIES, change, forgery, replace


@forgery
def leave_the_first_verdict_and_its_row_out(pack: Path) -> None:
    shutil.rmtree(pack / "verdicts/1")
    (pack / "verdicts/2").rename(pack / "verdicts/1")
    change(pack, "verdicts.json", lambda value: value["verdicts"].pop(0))
    change(pack, "ledger.json", lambda value: value.update(rows=value["rows"][1:]))


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
