"""What somebody may do to a pack who then makes its manifest anew."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from appliance.lookback import checker
from appliance.lookback.checker import sha256
from tests.appliance.lookback.keeping import BOOK
from tests.conftest import png

FORGERIES: list[Callable[[Path], None]] = []


def forgery(forge: Callable[[Path], None]) -> Callable[[Path], None]:
    FORGERIES.append(forge)
    return forge


def load(pack: Path, path: str) -> Any:
    return json.loads((pack / path).read_text("utf-8"))


def save(pack: Path, path: str, value: Any) -> None:
    (pack / path).write_bytes(checker.spelled(value))


def seal(pack: Path) -> None:
    """Make the manifest anew, as somebody does who knows how."""
    paths = sorted(path for path in pack.rglob("*") if path.is_file() and path.name != "manifest.json")
    files = [
        {"path": path.relative_to(pack).as_posix(), "size": path.stat().st_size, "sha256": sha256(path.read_bytes())}
        for path in paths
    ]
    save(pack, "manifest.json", {"format": checker.FORMAT, "files": files})


def change(pack: Path, path: str, edit: Callable[[Any], Any]) -> None:
    value = load(pack, path)
    edit(value)
    save(pack, path, value)


def replace(pack: Path, path: str, old: str, new: str) -> None:
    whole = (pack / path).read_text("utf-8")
    assert old in whole
    (pack / path).write_text(whole.replace(old, new), "utf-8")


@forgery
def soften_the_verdict(pack: Path) -> None:
    for path in ("verdicts/2/document.json", "verdicts.json", "scan.json"):
        replace(pack, path, '"REVIEW"', '"CLEAR"')


@forgery
def soften_the_verdict_and_its_row(pack: Path) -> None:
    """With the right digest in the row's body, but the row's hash left as it was."""
    soften_the_verdict(pack)
    digest = sha256((pack / "verdicts/2/document.json").read_bytes())
    row = next(row for row in load(pack, "ledger.json")["rows"] if row["verdict"] == 4)
    old = json.loads(row["body"])["document"]
    replace(pack, "ledger.json", old, digest)
    replace(pack, "ledger.json", 'action\\":\\"REVIEW', 'action\\":\\"CLEAR')


@forgery
def soften_the_verdict_and_hash_its_row_anew(pack: Path) -> None:
    """A careful forger; the next row gives it away."""
    soften_the_verdict_and_its_row(pack)

    def rehash(ledger: Any) -> None:
        for row in ledger["rows"]:
            row["hash"] = sha256(f"{row['previous']}\n{row['body']}".encode())

    change(pack, "ledger.json", rehash)


@forgery
def soften_what_lists_show(pack: Path) -> None:
    replace(pack, "scan.json", '"medium"', '"low"')


@forgery
def change_the_answer(pack: Path) -> None:
    replace(pack, "verdicts/1/answer.json", '"detector"', '"vlm"')


@forgery
def take_the_answer_away(pack: Path) -> None:
    (pack / "verdicts/1/answer.json").unlink()


@forgery
def change_what_the_box_knew(pack: Path) -> None:
    replace(pack, "verdicts/1/circumstances.json", '"room_on_disk":true', '"room_on_disk":false')


@forgery
def declare_circumstances_missing(pack: Path) -> None:
    (pack / "verdicts/1/circumstances.json").unlink()
    change(pack, "missing.json", lambda m: m["missing"].append({"piece": "circumstances of verdict 1", "why": "x"}))


@forgery
def change_the_declaration(pack: Path) -> None:
    replace(pack, "brought.json", '"absent"', '"given"')


@forgery
def call_it_a_rehearsal(pack: Path) -> None:
    replace(pack, "scan.json", '"rehearsal": false', '"rehearsal": true')


@forgery
def exchange_a_picture(pack: Path) -> None:
    """In every place where the pack names it but the verdict and the ledger."""
    path = pack / "originals/01.png"
    old = sha256(path.read_bytes())
    path.write_bytes(png((99, 99, 99)))
    new = sha256(path.read_bytes())
    replace(pack, "pictures.json", old, new)
    replace(pack, "brought.json", old, new)


@forgery
def exchange_a_picture_alone(pack: Path) -> None:
    (pack / "originals/01.png").write_bytes(png((99, 99, 99)))


@forgery
def let_two_views_change_places(pack: Path) -> None:
    def swap(pictures: Any) -> None:
        one, two = pictures["pictures"][0], pictures["pictures"][3]
        one["sha256"], two["sha256"] = two["sha256"], one["sha256"]
        one["file"], two["file"] = two["file"], one["file"]

    change(pack, "pictures.json", swap)


@forgery
def hide_a_picture(pack: Path) -> None:
    """Without saying that it is missing."""
    (pack / "originals/01.png").unlink()
    change(pack, "pictures.json", lambda value: value["pictures"][0].update(file=None))


@forgery
def call_a_picture_missing_that_is_there(pack: Path) -> None:
    digest = load(pack, "pictures.json")["pictures"][0]["sha256"]
    change(pack, "missing.json", lambda value: value["missing"].append({"piece": f"original {digest}", "why": "x"}))


@forgery
def change_the_rules(pack: Path) -> None:
    other = BOOK.model_copy(update={"book": "name: other\n"})
    (pack / f"rulebooks/{BOOK.digest}.json").write_bytes(checker.spelled(other.model_dump()))
    (pack / f"rulebooks/{BOOK.digest}/book.yaml").write_text(other.book)


@forgery
def change_the_readable_rules(pack: Path) -> None:
    (pack / f"rulebooks/{BOOK.digest}/book.yaml").write_text("name: other\n")


@forgery
def take_the_rules_away(pack: Path) -> None:
    shutil.rmtree(pack / f"rulebooks/{BOOK.digest}")


@forgery
def leave_a_verdict_out(pack: Path) -> None:
    shutil.rmtree(pack / "verdicts/2")
    change(pack, "verdicts.json", lambda value: value["verdicts"].pop())


@forgery
def leave_a_verdict_and_its_row_out(pack: Path) -> None:
    leave_a_verdict_out(pack)
    change(pack, "ledger.json", lambda value: value["rows"].pop(1))


@forgery
def give_a_verdict_twice(pack: Path) -> None:
    shutil.copytree(pack / "verdicts/2", pack / "verdicts/3")
    change(pack, "verdicts.json", lambda value: value["verdicts"].append(value["verdicts"][1] | {"id": 99}))


@forgery
def let_two_rows_change_places(pack: Path) -> None:
    def swap(ledger: Any) -> None:
        ledger["rows"][1], ledger["rows"][2] = ledger["rows"][2], ledger["rows"][1]

    change(pack, "ledger.json", swap)


@forgery
def renumber_two_rows(pack: Path) -> None:
    def swap(ledger: Any) -> None:
        one, two = ledger["rows"][1], ledger["rows"][2]
        one["seq"], two["seq"] = two["seq"], one["seq"]
        ledger["rows"][1:3] = [two, one]

    change(pack, "ledger.json", swap)


@forgery
def leave_a_row_of_others_out(pack: Path) -> None:
    change(pack, "ledger.json", lambda value: value["rows"].pop(2))


@forgery
def leave_the_last_row_out(pack: Path) -> None:
    change(pack, "ledger.json", lambda value: value["rows"].pop())


@forgery
def leave_all_rows_out(pack: Path) -> None:
    change(pack, "ledger.json", lambda value: value["rows"].clear())


@forgery
def change_a_row_of_others(pack: Path) -> None:
    replace(pack, "ledger.json", '\\"scan_id\\":\\"two\\"', '\\"scan_id\\":\\"six\\"')


@forgery
def change_the_newest_hash(pack: Path) -> None:
    change(pack, "ledger.json", lambda value: value["newest"].update(hash="0" * 64))


@forgery
def begin_with_another_first_row(pack: Path) -> None:
    def first(ledger: Any) -> None:
        row = ledger["rows"][0]
        row["previous"] = "f" * 64
        row["hash"] = sha256(f"{row['previous']}\n{row['body']}".encode())

    change(pack, "ledger.json", first)


@forgery
def change_the_provenance_in_the_list(pack: Path) -> None:
    change(pack, "verdicts.json", lambda value: value["verdicts"][0]["provenance"].update(release="other"))


@forgery
def change_when_it_was_judged(pack: Path) -> None:
    replace(pack, "verdicts.json", "08:15:00", "08:14:00")


@forgery
def say_it_twice(pack: Path) -> None:
    """A person reads the first, a program the last."""
    replace(pack, "scan.json", '{\n  "action"', '{\n  "action": "CLEAR",\n  "action"')


@forgery
def slip_a_file_in(pack: Path) -> None:
    (pack / "originals/06.png").write_bytes(png())


@forgery
def slip_a_verdict_in(pack: Path) -> None:
    shutil.copytree(pack / "verdicts/2", pack / "verdicts/3")


@forgery
def take_the_readme_away(pack: Path) -> None:
    (pack / "README.txt").unlink()
