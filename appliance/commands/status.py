"""`lanewatch status`: how the running box is, in one look."""

from __future__ import annotations

from appliance.commands.common import DEFAULT_CONFIG, Config, Json, ask_daemon, printable, show_json
from appliance.commands.telling import count, rulebook_line, source_lines


def status(*, config: Config = DEFAULT_CONFIG, json: Json = False) -> int:
    """Show whether a scan would be judged now, and what waits."""
    found = ask_daemon(config, "GET", "/control/status")
    if json:
        show_json(found)
        return 0 if found["ready"] else 1
    print("ready" if found["ready"] else "NOT READY: a scan would not be judged now")
    for reason in found["reasons"]:
        print(f"  ! {reason}")
    for warning in found["warnings"]:
        print(f"  - {printable(warning)}")
    print(rulebook_line(found["rulebook"]))
    print(f"{count(found['waiting'], 'scan')} waiting for a verdict")
    if found["owed"]:
        print(f"{count(found['owed'], 'scan')} judged without the engine's full word, to be judged again")
    print(f"disk {found['disk']['free_percent']} % free ({found['disk']['rung']})")
    for name, counts in found["sources"].items():
        for line in source_lines(name, counts):
            print(printable(line))
    return 0 if found["ready"] else 1
