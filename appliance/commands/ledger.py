"""`lanewatch ledger verify`: is the chain of verdicts whole?"""

from __future__ import annotations

from appliance.commands.common import DEFAULT_CONFIG, Config, Json, reading, show_json
from appliance.commands.telling import count


def verify(*, config: Config = DEFAULT_CONFIG, json: Json = False) -> int:
    """Walk the chain and name the first row that does not hold."""
    from appliance.store import ledger

    with reading(config) as db:
        checked = ledger.verify(db)
    if json:
        broken = checked.broken._asdict() if checked.broken else None
        show_json({"rows": checked.rows, "last": checked.last, "broken": broken})
    elif checked.broken:
        print(f"BROKEN at row {checked.broken.seq}: {checked.broken.problem} (before it: {count(checked.rows, 'row')})")
    else:
        print(f"ok: {count(checked.rows, 'row')}, last {checked.last}")
    return 1 if checked.broken else 0
