"""`lanewatch`: the box's command line. Each command lives in its own file under `commands` and loads when it runs."""

from __future__ import annotations

import os
import sys
from typing import Any, cast

from cyclopts import App, CycloptsError

EXIT_CODES = "Exit codes: 0 done, 1 the thing asked about is not well, 2 wrong usage, 3 something needed is missing."
GROUPS = {
    "scans": "Look at scans and take them out.",
    "rules": "Rulebooks: check, compare, try on the past, put in force.",
    "ledger": "The chain of verdicts.",
    "officers": "The people who may sit at the desk.",
    "tokens": "Tokens by which machines come in.",
}
COMMANDS = (
    ("run", "run:run", "Run the box until it is told to stop.", "--config appliance.yaml --with-engine"),
    ("demo", "demo:demo", "Run a whole box on rehearsal scans, on this machine alone.", "--scans 20 --exit"),
    ("check", "check:check", "Check the configuration without starting anything.", "--config appliance.yaml"),
    ("status", "status:status", "Show how the running box is and what waits.", "--config appliance.yaml"),
    ("doctor", "doctor:doctor", "Look at everything the box needs and say what to do.", "--config appliance.yaml"),
    ("scans list", "scans:list_", "List the newest scans.", "--action REVIEW --limit 20"),
    ("scans show", "scans:show", "Show one scan with all its verdicts.", "SCAN-2026-001234"),
    (
        "scans export",
        "export:export",
        "Print the newest verdicts as JSON, CSV, COCO or Label Studio's, write them as YOLO, or one scan as evidence.",
        "--evidence SCAN-2026-001234 --into packs",
    ),
    ("replay", "lookback:replay", "Judge a scan again from the record alone.", "SCAN-2026-001234"),
    ("rules check", "rules:check", "Check a rulebook as activating it would.", "customs.yaml --site lane-3.yaml"),
    ("rules test", "rules:try_", "Run a rulebook's own tests and show what came out.", "customs.yaml"),
    ("rules diff", "rules:diff", "Say in words how one rulebook differs from another.", "old.yaml new.yaml"),
    ("rules list", "rules:list_", "List what is and was in force.", "--json"),
    ("rules show", "rules:show", "Write the texts of a rulebook of this box to a folder.", "3f2a --into rules-now"),
    (
        "rules understand",
        "rules_understand:understand",
        "Say what declared words are understood as, and by which name.",
        '"pisau lipat" "2 laptops"',
    ),
    (
        "rules backtest",
        "lookback:backtest",
        "Show what a rulebook would have changed in the last days.",
        "customs.yaml --days 30",
    ),
    (
        "rules activate",
        "rules_change:activate",
        "Put rules in force from the next verdict on.",
        'customs.yaml --why "order 12/2026"',
    ),
    ("rules rollback", "rules_change:rollback", "Go back to the rules before.", '--why "too many alarms"'),
    ("rules level", "rules_change:level", "Switch the threat level.", 'raised --why "bulletin 7"'),
    ("ledger verify", "ledger:verify", "Walk the chain of verdicts; name the first row that does not hold.", "--json"),
    (
        "officers add",
        "officers:add",
        "Let somebody in; print their code.",
        '"T. Tan" --role officer',
    ),
    ("officers list", "officers:list_", "List everybody, never their secrets.", "--json"),
    ("officers disable", "officers:disable", "Shut the door to somebody, at once.", '"T. Tan"'),
    ("officers reset", "officers:reset", "Print a code for a new password.", '"T. Tan"'),
    ("officers enter", "officers:enter", "Print a code that lets somebody in once.", '"T. Tan"'),
    ("tokens add", "tokens:add", "Make a token and print it, this once.", "scanner-1 --scope inspect,read"),
    ("tokens list", "tokens:list_", "List the tokens, never their secrets.", "--json"),
    ("tokens revoke", "tokens:revoke", "End a token for good.", "scanner-1"),
)
"""Each command with the function it is, what it does, and the arguments of its example."""


def build() -> App:
    """Make the command line; no command is loaded yet."""
    app = App(
        name="lanewatch",
        help="The appliance beside a scanner lane: takes scans, judges them, keeps every verdict.",
        help_epilogue=_epilogue("run", "--config appliance.yaml --with-engine"),
        help_flags=["--help", "-h"],
        help_format="plaintext",  # markdown would cost a tenth of a second
        version_flags=[],
    )
    groups: dict[str, App] = {}
    for path, function, does, example in COMMANDS:
        *group, name = path.split()
        for parent in group:
            if parent not in groups:
                groups[parent] = App(name=parent, help=GROUPS[parent], help_epilogue=_epilogue(path, example))
                app.command(groups[parent])
        home = groups[group[0]] if group else app
        home.command(f"appliance.commands.{function}", name=name, help=does, help_epilogue=_epilogue(path, example))
    app.command(
        "appliance.commands.about:about",
        name="--version",
        help="Say the versions of app, rules, release, SQLite and driver.",
        help_epilogue=_epilogue("--version", ""),
    )
    untyped = cast("Any", app)  # what follows is only half typed there
    untyped.register_install_completion_command(help="Let the shell complete commands and options.")
    return app


def _epilogue(path: str, example: str) -> str:
    return f"Example: {f'lanewatch {path} {example}'.strip()}\n\n{EXIT_CODES}"


def main() -> None:
    """Run a command; a foreseen error is one clear line, never a traceback."""
    sys.exit(_outcome())


def _outcome() -> int:
    try:
        result = build()(exit_on_error=False, print_error=True, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError:
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read us has seen enough; nothing more may be written, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as problem:
        from appliance.commands.common import exit_code, explained
        from appliance.errors import LanewatchError

        if not isinstance(problem, LanewatchError | OSError):
            raise
        print(f"lanewatch: {explained(problem)}", file=sys.stderr)
        return exit_code(problem)
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
