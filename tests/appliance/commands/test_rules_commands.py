"""The commands of the rulebook: what is wrong stands at its place, and a refused change changes nothing."""

from __future__ import annotations

import asyncio
import getpass
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.rules import texts
from appliance.store.database import Store
from tests.appliance.commands.conftest import Said, lanewatch
from tests.appliance.lookback.books import Lane, book, finding, sheet
from tests.box import Box

NOW = texts.default().digest


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a book and its taxonomy, a second version, a broken one, and a site's sheet."""
    for name, whole in (("customs", book(1)), ("newer", book(2))):
        (tmp_path / f"{name}.yaml").write_text(whole.book, encoding="utf-8")
    broken = book(3).book.replace("risk: medium", "risk: mild", 1).replace("i.prohibited && !i.declared", "i.prohibit")
    (tmp_path / "broken.yaml").write_text(broken, encoding="utf-8")
    (tmp_path / "taxonomy.yaml").write_text(book().taxonomy, encoding="utf-8")
    (tmp_path / "lane-3.yaml").write_text(sheet(), encoding="utf-8")
    return tmp_path


def test_check_says_every_fault_at_its_place(desk: Path) -> None:
    nowhere = {"LANEWATCH_CONFIG": str(desk / "nowhere.yaml")}
    assert lanewatch("rules", "check", desk / "customs.yaml", **nowhere) == Said(0, f"{desk}/customs.yaml: ok\n", "")
    assert lanewatch("rules", "check", desk / "customs.yaml", "--site", desk / "lane-3.yaml", **nowhere).code == 0
    said = lanewatch("rules", "check", desk / "broken.yaml", **nowhere)
    assert (said.code, said.out) == (1, "")
    assert len(said.err.splitlines()) >= 2
    assert all(line.startswith(f"{desk}/broken.yaml:") for line in said.err.splitlines())
    told = lanewatch("rules", "check", desk / "broken.yaml", "--json", **nowhere)
    assert (told.code, told.json()["ok"], told.json()["faults"]) == (1, False, said.err.splitlines())


def test_what_is_no_book_is_told_as_what_it_is(desk: Path) -> None:
    """A sheet given as a book, a taxonomy that is not there, a text in another encoding."""
    (desk / "apart").mkdir()
    sheet_alone = desk / "apart" / "lane-3.yaml"
    sheet_alone.write_text(sheet(), encoding="utf-8")
    said = lanewatch("rules", "test", sheet_alone)
    assert (said.code, "a site's sheet, and no book (give it with --site" in said.err) == (2, True)
    (desk / "apart" / "customs.yaml").write_text(book(1).book, encoding="utf-8")
    said = lanewatch("rules", "test", desk / "apart" / "customs.yaml")
    assert (said.code, "customs.yaml names it under taxonomy" in said.err) == (3, True)
    (desk / "wide.yaml").write_text(book(1).book, encoding="utf-16")
    said = lanewatch("rules", "test", desk / "wide.yaml")
    assert (said.code, "save it as UTF-8" in said.err) == (3, True)


def test_test_shows_what_came_out(desk: Path) -> None:
    said = lanewatch("rules", "test", desk / "customs.yaml")
    assert (said.code, said.err) == (0, "")
    assert "ok\ta handgun nobody declared\tPHYSICAL_INSPECTION\t" in said.out
    text = (
        (desk / "customs.yaml")
        .read_text("utf-8")
        .replace("an empty bag\n    expect: {risk: low", "x\n    expect: {risk: high")
    )
    (desk / "customs.yaml").write_text(text, encoding="utf-8")
    wrong = lanewatch("rules", "test", desk / "customs.yaml", "--json")
    assert wrong.code == 1
    assert [one["name"] for one in wrong.json() if not one["ok"]] == ["x"]


def test_diff_says_it_in_words(desk: Path) -> None:
    said = lanewatch("rules", "diff", desk / "customs.yaml", desk / "newer.yaml")
    assert (said.code, said.err) == (0, "")
    assert said.out == "the rulebook is customs@2 instead of customs@1\n"
    assert lanewatch("rules", "diff", desk / "customs.yaml", desk / "customs.yaml").out == "they say the same\n"
    assert isinstance(lanewatch("rules", "diff", desk / "customs.yaml", desk / "newer.yaml", "--json").json(), list)
    both = ("--site-a", desk / "lane-3.yaml", "--site-b", desk / "lane-3.yaml")
    assert lanewatch("rules", "diff", desk / "customs.yaml", desk / "customs.yaml", *both).out == "they say the same\n"
    one = lanewatch("rules", "diff", desk / "customs.yaml", desk / "customs.yaml", *both[2:])
    assert one.out.splitlines()[0] == "the site's sheet lane-3@1 is new"


def test_what_a_text_says_moves_no_cursor(desk: Path) -> None:
    """Neither a difference nor a fault can wipe the line before it, or look like a line of its own."""
    hostile = sheet().replace("rule: declared-not-seen", r'rule: "x\e[2J\nthey say the same"')
    (desk / "lane-3.yaml").write_text(hostile, encoding="utf-8")
    told = lanewatch("rules", "diff", desk / "customs.yaml", desk / "customs.yaml", "--site-b", desk / "lane-3.yaml")
    assert "\nloosening of rule x" not in told.out
    assert "loosening of rule x?[2J?they say the same" in told.out
    nowhere = {"LANEWATCH_CONFIG": str(desk / "nowhere.yaml")}
    fault = lanewatch("rules", "check", desk / "customs.yaml", "--site", desk / "lane-3.yaml", **nowhere)
    assert (fault.code, "\x1b" in fault.err) == (1, False)
    assert all(line.startswith(f"{desk}/lane-3.yaml:") for line in fault.err.splitlines())


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path / "box").start()
    yield box
    box.stop()


def test_a_running_box_changes_its_rules_by_somebodys_word_only(running: Box, desk: Path) -> None:
    """Every change against the real daemon: refused, put, gone back, raised, loosened, listed, shown, told."""

    def rules(*words: object) -> Said:
        return lanewatch("rules", *words, "-c", running.config)

    def in_force() -> tuple[int, str, str]:
        found = rules("list", "--json").json()
        return len(found), found[0]["name"], found[0]["level"]

    (only,) = rules("list", "--json").json()
    assert (only["who"], only["origin"], only["digest"]) == ("lanewatch", "default", NOW)
    refused = rules("activate", desk / "broken.yaml", "--why", "x")
    assert (refused.code, refused.out) == (1, "")
    assert f"{desk}/broken.yaml:" in refused.err
    assert "Traceback" not in refused.err
    assert rules("activate", "--why", "x").code == 2
    assert rules("activate", desk / "newer.yaml").code == 2
    assert rules("activate", desk / "newer.yaml", "--why", " ").err.startswith("lanewatch: --why: give 1 to 500")
    single = rules("activate", desk / "newer.yaml", "--why", "x")
    assert (single.code, "--supervisor NAME" in single.err) == (1, True)
    assert rules("rollback", "--why", "x").code != 0
    assert in_force() == (1, "customs@1", "normal")

    put = rules("activate", desk / "newer.yaml", "--why", "order 12/2026", "--who", "T. Tan", "--supervisor", "N. Lee")
    assert (put.code, put.err) == (0, "")
    assert put.out == f"in force: customs@2 sha256:{book(2).digest}, level normal\n"
    newest = rules("list", "--json").json()[0]
    assert (newest["who"], newest["why"], newest["origin"]) == ("T. Tan", "order 12/2026", "site")
    assert rules("rollback", "--why", "too many alarms").out.startswith("in force: customs@1 ")
    assert rules("list", "--json").json()[0]["who"] == getpass.getuser()
    again = rules("rollback", "--why", "once more")
    assert (again.code, "no earlier rulebook" in again.err) == (1, True)
    named = rules("activate", book(2).digest[:9], "--why", "none the less", "--supervisor", "N. Lee")
    assert (named.code, named.out.partition(" sha256")[0]) == (0, "in force: customs@2")
    unknown = rules("level", "red", "--why", "x")
    assert unknown.code != 0
    assert "has no level 'red' (it has: normal, raised)" in unknown.err
    assert rules("level", "raised", "--why", "bulletin 7").code == 0
    assert in_force() == (5, "customs@2", "raised")

    alone = rules("activate", "--site", desk / "lane-3.yaml", "--why", "x")
    assert alone.code != 0
    assert "nobody else stands for it" in alone.err
    done = rules("activate", "--site", desk / "lane-3.yaml", "--why", "x", "--supervisor", "N. Lee")
    assert (done.code, done.err) == (0, "")
    assert in_force() == (6, "customs@2 with lane-3@1", "raised")

    status = lanewatch("status", "-c", running.config)
    digest = rules("list", "--json").json()[0]["digest"]
    assert f"rulebook customs@2 with lane-3@1 sha256:{digest[:12]}, threat level RAISED\n" in status.out
    assert "is not followed" not in status.out  # a rule that the level makes stricter is not loosened at it
    lines = {line["what"]: line for line in lanewatch("doctor", "-c", running.config, "--json").json()["lines"]}
    assert lines["rulebook"]["well"]
    assert lines["rulebook"]["found"].startswith("customs@2 with lane-3@1 sha256:")
    assert rules("level", "normal", "--why", "bulletin 8").code == 0
    assert "rule declared-not-seen is not followed until" in lanewatch("status", "-c", running.config).out
    version = lanewatch("--version", LANEWATCH_CONFIG=str(running.config))
    assert f"rulebook customs@2 with lane-3@1 sha256:{digest}, level normal\n" in version.out


def test_a_sheet_in_force_counts_and_what_was_in_force_is_written_out(running: Box, desk: Path) -> None:
    """Checking is what activating would do; nothing that stands in a folder is overwritten."""

    def rules(*words: object) -> Said:
        return lanewatch("rules", *words, "-c", running.config)

    done = rules(
        "activate", desk / "newer.yaml", "--site", desk / "lane-3.yaml", "--why", "x", "--supervisor", "N. Lee"
    )
    assert (done.code, done.err) == (0, "")
    digest = rules("list", "--json").json()[0]["digest"]
    first, note = rules("check", desk / "newer.yaml").out.splitlines()
    assert first == f"{desk}/newer.yaml: ok, under the sheet in force here"
    assert note.endswith("rule bottles has no message in ms, vi: English stands there")
    assert rules("check", desk / "newer.yaml", "--without-site").out == f"{desk}/newer.yaml: ok\n"
    billed = rules("backtest", desk / "newer.yaml", "--format", "json").json()["rulebook"]
    assert billed.startswith("customs@2 with lane-3@1 sha256:")
    bare = rules("backtest", desk / "newer.yaml", "--without-site", "--format", "json").json()["rulebook"]
    assert bare.startswith("customs@2 sha256:")
    for verb in (("check",), ("backtest",), ("activate", "--why", "x")):
        both = rules(verb[0], desk / "newer.yaml", *verb[1:], "--site", desk / "lane-3.yaml", "--without-site")
        assert (both.code, "contradict each other" in both.err) == (2, True)
    other = (desk / "newer.yaml").read_text("utf-8").replace("name: customs", "name: harbour", 1)
    (desk / "other.yaml").write_text(other, encoding="utf-8")
    unfit = rules("check", desk / "other.yaml")
    assert (unfit.code, unfit.err.partition(":")[0]) == (1, "site in force")
    assert "the central book is harbour" in unfit.err

    shown = rules("show", digest[:9], "--into", desk / "shown")
    assert (shown.code, len(shown.out.splitlines())) == (0, 3)
    assert (desk / "shown/customs.yaml").read_bytes() == (desk / "newer.yaml").read_bytes()
    assert (desk / "shown/site.yaml").read_text("utf-8") == sheet()
    assert rules("show", digest[:9], "--into", desk / "shown") == shown
    assert rules("show", "0000", "--into", desk / "shown").code == 3
    (desk / "shown/site.yaml").write_text("mine\n", encoding="utf-8")
    spared = rules("show", digest[:9], "--into", desk / "shown")
    assert (spared.code, (desk / "shown/site.yaml").read_text("utf-8")) == (3, "mine\n")
    (desk / "older").mkdir()
    (desk / "older/site.yaml").write_text(sheet(), encoding="utf-8")
    beside = rules("show", NOW[:12], "--into", desk / "older")  # has no sheet: read together, they were never in force
    assert (beside.code, [path.name for path in (desk / "older").iterdir()]) == (3, ["site.yaml"])
    assert "they say the same" not in rules("diff", NOW[:12], digest).out
    assert rules("diff", digest[:9], desk / "newer.yaml").out == "they say the same\n"
    assert rules("diff", desk / "newer.yaml", digest[:9]).out == "they say the same\n"
    (desk / "lane-4.yaml").write_text(sheet(2), encoding="utf-8")
    newer = "the site's sheet is lane-3@2 instead of lane-3@1\n"
    assert rules("diff", digest[:9], desk / "newer.yaml", "--site-b", desk / "lane-4.yaml").out == newer
    assert rules("diff", digest[:9], digest[:9], "--site-b", desk / "lane-4.yaml").out == newer
    assert rules("diff", digest[:9], NOW[:12]).out.splitlines()[1] == "the site's sheet lane-3@1 is gone"


@pytest.fixture
def judged(config: Path) -> Path:
    """A box that judged a scan by the default book, with a second scan that waits."""
    lane = Lane(Store.open(config.parent / "state"))
    asyncio.run(lane.rulebooks.begin())
    scan = lane.receive("SCAN-1")
    lane.release = "demo"
    lane.conclude(scan, lane.answer(scan, finding("lighter")))
    lane.receive("waits")
    lane.store.close()
    return config


def test_replay_says_how_it_came_out_and_ends_so(judged: Path) -> None:
    said = lanewatch("replay", "SCAN-1", "-c", judged)
    assert (said.code, said.err) == (0, "")
    assert said.out.endswith("Z  REVIEW  the same again\n")
    (told,) = lanewatch("replay", "SCAN-1", "-c", judged, "--json").json()
    assert (told["same"], told["differs"], told["missing"]) == (True, [], "")
    assert lanewatch("replay", "nobody", "-c", judged).code == 3
    waits = lanewatch("replay", "waits", "-c", judged)
    assert (waits.code, waits.out) == (3, "")
    assert "scan waits has no verdict yet" in waits.err
    with sqlite3.connect(judged.parent / "state/lanewatch.db") as db:
        db.execute("UPDATE verdict SET document = replace(document, 'medium', 'low')")
    other = lanewatch("replay", "SCAN-1", "-c", judged)
    assert other.code == 1
    assert '  risk_level: was "low", now "medium"' in other.out.splitlines()
    (judged.parent / f"state/rulebooks/{NOW}.json").unlink()
    gone = lanewatch("replay", "SCAN-1", "-c", judged)
    assert gone.code == 3
    assert f"{NOW}.json: No such file or directory" in gone.out


def test_backtest_prints_the_bill_in_three_forms(judged: Path, desk: Path) -> None:
    words = ("rules", "backtest", desk / "customs.yaml", "--days", "3660", "-c", judged)
    said = lanewatch(*words, "--level", "raised")
    assert (said.code, said.err) == (0, "")
    assert "threat level raised:\n1 scan" in said.out
    assert "SCAN-1  REVIEW -> PHYSICAL_INSPECTION  lighter: Restricted: lighter." in said.out
    bill = json.loads(lanewatch(*words, "--format", "json").out)
    assert (bill["judged"], bill["changed"]) == (1, 0)
    raised = json.loads(lanewatch(*words, "--level", "raised", "--format", "json").out)
    assert [one["link"] for one in raised["shown"]] == ["http://127.0.0.1:0/scans#SCAN-1/1"]
    assert lanewatch(*words, "--format", "html").out.startswith("<!doctype html>")
    refused = lanewatch("rules", "backtest", desk / "broken.yaml", "-c", judged)
    assert (refused.code, refused.out) == (1, "")
    assert f"{desk}/broken.yaml:" in refused.err
    misspelt = lanewatch(*words, "--level", "raisd")
    assert misspelt.code == 1
    assert "there is no level 'raisd' (did you mean raised?)" in misspelt.err
    assert lanewatch("rules", "backtest", desk / "customs.yaml", "--days", "0", "-c", judged).code == 2


def test_understand_says_what_words_mean(judged: Path, desk: Path) -> None:
    """By the rulebook in force, or by the one that is named; 1 where nobody understands a phrase."""
    said = lanewatch("rules", "understand", "pisau lipat", "2 laptops", "screwdirver", "-c", judged)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "phrase\tclass\thow\tname\tlanguage\tscore\tnumber",
        "pisau lipat\tfolding knife (prohibited)\texact\tpisau lipat\tms\t1.00\t-",
        "2 laptops\tlaptop\texact\tlaptop\ten\t1.00\t2",
        "screwdirver\tscrewdriver\talike\tscrewdriver\ten\t0.91\t-",
    ]
    nobody = lanewatch("rules", "understand", "flux capacitor", "-3 knife", "-c", judged)
    assert nobody.code == 1
    assert nobody.out.splitlines()[1:] == [
        "flux capacitor\t-\tnobody understands this\t-\t-\t-\t-",
        "-3 knife\t-\tnobody understands this\t-\t-\t-\t-",
    ]
    (told,) = lanewatch("rules", "understand", "goods", "--hs", "8205.20", "-c", judged, "--json").json()
    assert [(one["item"], one["how"], one["alias"]) for one in told["understood"]] == [("hammer", "hs", "820520")]
    nowhere = {"LANEWATCH_CONFIG": str(desk / "nowhere.yaml")}
    elsewhere = lanewatch("rules", "understand", "laptop", "--book", desk / "customs.yaml", **nowhere)
    assert (elsewhere.code, elsewhere.err) == (0, "")
    for wrong in ((), ("x" * 600,)):
        assert lanewatch("rules", "understand", *wrong, "-c", judged).code == 2
