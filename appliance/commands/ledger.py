"""`lanewatch ledger verify`: are the chains of verdicts and of what people did whole?"""

from __future__ import annotations

from appliance.commands.common import DEFAULT_CONFIG, Config, Json, reading, show_json
from appliance.commands.telling import count


def verify(*, config: Config = DEFAULT_CONFIG, json: Json = False) -> int:
    """Walk both chains, of verdicts and of what people did, and name the first row of each that does not hold."""
    from appliance.store import deeds, ledger, reviews

    with reading(config) as db:
        db.execute("BEGIN")  # one moment of the store, whatever is judged meanwhile
        chains = {"verdicts": ledger.verify(db)}
        if deeds.are_kept(db):
            chains["deeds"] = reviews.verify(db)
    broken = [name for name, checked in chains.items() if checked.broken]
    if json:
        told = {
            name: {**checked._asdict(), "broken": checked.broken._asdict() if checked.broken else None}
            for name, checked in chains.items()
        }
        show_json({"ok": not broken, "chains": told})
    else:
        for name, checked in chains.items():
            if checked.broken:
                before = count(checked.rows, "row")
                print(f"{name}: BROKEN at row {checked.broken.seq}: {checked.broken.problem} (before it: {before})")
            else:
                print(f"{name}: ok: {count(checked.rows, 'row')}, last {checked.last}")
    return 1 if broken else 0
