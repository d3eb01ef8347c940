"""`lanewatch scans list` and `show`: what came in and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter, validators

from appliance.commands.common import (
    DEFAULT_CONFIG,
    Config,
    Json,
    UnreachableError,
    printable,
    reading,
    show_json,
    show_table,
)
from appliance.commands.telling import when

if TYPE_CHECKING:
    import sqlite3

COLUMNS = {
    "matched": "declared and seen",
    "undeclared": "seen, not declared",
    "not_seen": "declared, not seen",
    "not_verifiable": "declared, not to be told from the picture",
}
WORDS = {
    "agree": "agrees",
    "false_alarm": "a false alarm",
    "missed": "something was missed",
    "wrong_item": "another thing than was said",
    "cannot_tell": "cannot tell",
}
OUTCOMES = {"found": "found", "nothing": "nothing was found", "not_opened": "it was not opened"}


def list_(
    *,
    action: Annotated[
        Literal["CLEAR", "REVIEW", "PHYSICAL_INSPECTION"] | None, Parameter(help="Only what ended so.")
    ] = None,
    state: Annotated[
        Literal["received", "inspecting", "concluded", "quarantined"] | None, Parameter(help="Only what stands there.")
    ] = None,
    source: Annotated[str | None, Parameter(help="Only what came in there.")] = None,
    limit: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=10_000), help="How many at the most.")] = 50,
    before: Annotated[int | None, Parameter(help="Go on after the last id of a page.")] = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """List the newest scans."""
    from appliance.store import browse

    with reading(config) as db:
        found = browse.page(db, browse.Query(action=action, state=state, source=source), before, limit)
    if json:
        show_json([row._asdict() for row in found])
        return
    rows = [
        (
            str(r.id),
            r.scan_id,
            str(r.revision),
            r.state,
            r.recommended_action or "-",
            when(r.received_at),
            r.degraded or "",
        )
        for r in found
    ]
    show_table(("id", "scan", "revision", "state", "action", "received", "degraded"), rows)


def show(
    scan_id: str,
    /,
    *,
    revision: Annotated[int | None, Parameter(help="An earlier one than the newest.")] = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Show one scan with all its verdicts."""
    from appliance.store import browse, outcomes, reviews, scans

    with reading(config) as db:
        scan = scans.find(db, scan_id, revision)
        if scan is None:
            raise no_such_scan(db, scan_id, revision)
        verdicts = browse.verdicts(db, scan.id)
        said, came = reviews.listing(db, scan.id), outcomes.listing(db, scan.id)
    if json:
        show_json({"scan": scan.model_dump(mode="json"), "verdicts": verdicts, "reviews": said, "outcomes": came})
        return
    name = printable(scan.scan_id)
    print(f"{name} revision {scan.revision}: {scan.state}, from {scan.source}, received {when(scan.received_at)}")
    for picture in scan.pictures:
        view, originals = printable(picture.name), ", ".join(picture.originals)
        print(f"  view {view}: {picture.width}x{picture.height}, original {originals}")
    for view in scan.missing:
        print(f"  view {printable(view)}: missing")
    if scan.quarantine:
        print(f"  quarantined: {printable(scan.quarantine)}")
    for verdict in verdicts:
        _tell(verdict["at"], verdict["document"])
    for word in said:
        _tell_word(word)
    for outcome in came:
        things = ", ".join(f"{_amount(one['quantity'])}{one['item']}" for one in outcome["found"])
        print(f"{when(outcome['at'])}  {printable(outcome['who'])}: the search: {OUTCOMES[outcome['kind']]}")
        _tell_more(printable(things), printable(outcome["note"]))


def _tell(at: str, said: dict[str, Any]) -> None:
    print(f"{when(at)}  {said['recommended_action']}  risk {said['risk_level']}")
    print(f"  {printable(said['reasoning'])}")
    for reason in said["degraded"]:
        print(f"  degraded: {printable(reason)}")
    for column, words in COLUMNS.items():
        if said["declaration"][column]:
            print(f"  {words}: {printable(', '.join(said['declaration'][column]))}")
    for words in said["loosened"]:
        print(f"  loosened: {printable(words)}")


def _tell_word(word: dict[str, Any]) -> None:
    state = "" if word["standing"] else " (undone)" if word["undone_at"] else " (no longer stands)"
    print(f"{when(word['at'])}  {printable(word['who'])}: {WORDS[word['kind']]}{state}")
    for mark in word["marks"]:
        box = " at " + ", ".join(f"{edge:.3f}" for edge in mark["box"]) if mark["box"] else ""
        print(f"  view {printable(mark['view'])}{box}: {printable(mark['item'] or 'not named')}")
    _tell_more(printable(word["note"]))


def _tell_more(*texts: str) -> None:
    for text in texts:
        if text:
            print(f"  {text}")


def _amount(quantity: float | None) -> str:
    return "" if quantity is None else f"{quantity:g} x "


def no_such_scan(db: sqlite3.Connection, scan_id: str, revision: int | None) -> UnreachableError:
    """What to say of a scan that was asked for and is not there."""
    from appliance.store import browse

    there = ", ".join(str(number) for number in browse.revisions(db, scan_id))
    if there:
        return UnreachableError(f"scan {scan_id!r} has no revision {revision}", hint=f"there is: {there}")
    return UnreachableError(f"no scan {scan_id!r}", hint="see: lanewatch scans list")
