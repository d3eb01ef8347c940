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
    from appliance.store import browse, scans

    with reading(config) as db:
        scan = scans.find(db, scan_id, revision)
        if scan is None:
            raise no_such_scan(db, scan_id, revision)
        verdicts = browse.verdicts(db, scan.id)
    if json:
        show_json({"scan": scan.model_dump(mode="json"), "verdicts": verdicts})
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


def no_such_scan(db: sqlite3.Connection, scan_id: str, revision: int | None) -> UnreachableError:
    """What to say of a scan that was asked for and is not there."""
    from appliance.store import browse

    there = ", ".join(str(number) for number in browse.revisions(db, scan_id))
    if there:
        return UnreachableError(f"scan {scan_id!r} has no revision {revision}", hint=f"there is: {there}")
    return UnreachableError(f"no scan {scan_id!r}", hint="see: lanewatch scans list")
