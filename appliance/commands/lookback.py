"""`lanewatch replay` and `lanewatch rules backtest`: judge again what was judged. Nothing here changes the box."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

from cyclopts import Parameter, validators

from appliance.commands.common import DEFAULT_CONFIG, Config, Json, UnreachableError, printable, reading, show_json
from appliance.commands.rules import Book, Sheet
from appliance.commands.telling import when


def replay(
    scan_id: str,
    /,
    *,
    revision: Annotated[int | None, Parameter(help="An earlier one than the newest.")] = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> int:
    """Judge a scan again from the record alone; say what would differ, or what is missing."""
    from appliance.config import read_settings
    from appliance.lookback.replay import replay as again
    from appliance.store import scans
    from appliance.store.rulebooks import Shelf

    with reading(config) as db:
        scan = scans.find(db, scan_id, revision)
        if scan is None:
            raise UnreachableError(f"no scan {scan_id!r} with such a revision", hint="see: lanewatch scans list")
        found = again(db, Shelf(read_settings(config).storage.root / "rulebooks"), scan.id)
    if not found:
        raise UnreachableError(f"scan {printable(scan_id)} has no verdict yet", hint="see: lanewatch status")
    if json:
        show_json([one._asdict() for one in found])
    for one in () if json else found:
        told = "the same again" if one.same else one.missing or "otherwise now"
        print(f"{when(one.at)}  {one.action}  {printable(told)}")
        print("".join(f"  {printable(difference)}\n" for difference in one.differs), end="")
    if any(one.missing for one in found):
        return 3
    return 0 if all(one.same for one in found) else 1


def backtest(
    book: Book,
    /,
    *,
    site: Sheet = None,
    days: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=3660), help="How far back.")] = 30,
    without_site: Annotated[bool, Parameter(negative="", help="Without the site's sheet that is in force.")] = False,
    level: Annotated[str | None, Parameter(help="The threat level to judge at; else the one in force.")] = None,
    form: Annotated[Literal["text", "json", "html"], Parameter(name="--format", help="text, json or html.")] = "text",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Show what a rulebook would change on the last days' scans: inspections, lost finds; against what is in force."""
    from datetime import UTC, datetime, timedelta

    from appliance.commands.rules import checked, read_texts, refuse_both, texts_in_force
    from appliance.config import read_settings
    from appliance.errors import RefusedError
    from appliance.lookback import page
    from appliance.lookback.backtest import Asked
    from appliance.lookback.backtest import backtest as judge_again
    from appliance.spelling import meant
    from appliance.store.rulebooks import in_force
    from models.release import profile_of

    refuse_both(site, without_site)
    settings = read_settings(config)
    database = settings.storage.root / "lanewatch.db"
    with reading(config) as db:
        now = in_force(db)
    texts, names = read_texts(book, site)
    there = texts_in_force(config)
    if there and site is None and not without_site:  # as activating it would
        texts, names = texts.model_copy(update={"site": there.site}), names._replace(site="site in force")
    parts = checked(texts, names, config, there)
    level = level or (now.level if now else "normal")
    levels = ("normal", *parts.book.levels)
    if level not in levels:
        told = f"{book}: there is no level {level!r}{meant(level, levels)}"
        raise RefusedError(told, hint="name another one with --level")
    today, address = datetime.now(UTC), f"http://{settings.dashboard.bind}"
    since, profile = today - timedelta(days=days), profile_of(settings.engine.release)
    asked = Asked(parts.texts, level, since, days, today, address, profile)
    bill = judge_again(database, asked, _progress)
    if form == "json":
        show_json(bill.model_dump(mode="json"))
    elif form == "html":
        print(page.page(bill), end="")
    else:
        print(printable_lines(page.text(bill)))


def printable_lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.splitlines())


def _progress(done: int, all_of_them: int) -> None:
    """For who watches; nothing where nobody does."""
    if sys.stderr.isatty():
        print(f"\r{done} of {all_of_them} scans", end="\n" if done == all_of_them else "", file=sys.stderr, flush=True)
