"""`lanewatch rules activate | rollback | level`: other rules, with who and why. Spoken through the daemon."""

from __future__ import annotations

import getpass
import re
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from appliance.commands.common import DEFAULT_CONFIG, Config, UsageError, ask_daemon
from appliance.commands.rules import Sheet, WithoutSite, kept_texts, read_text, read_texts, refuse_both

MOST_SAID = 500
_DIGEST = re.compile(r"[0-9a-f]{4,64}")
Why = Annotated[str, Parameter(help="The reason, for the record.")]
Who = Annotated[str | None, Parameter(help="By whose word; else the user at this terminal.")]
Supervisor = Annotated[str | None, Parameter(help="Who else stands for another book, or for a sheet that loosens.")]


def activate(
    book: Annotated[
        Path | None, Parameter(help="The rulebook, or the digest of one that was in force. Else the present one stays.")
    ] = None,
    /,
    *,
    why: Why,
    site: Sheet = None,
    without_site: WithoutSite = False,
    who: Who = None,
    supervisor: Supervisor = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Check rules and put them in force from the next verdict on; refused ones change nothing."""
    if book is None and site is None and not without_site:
        raise UsageError("nothing to activate: give a rulebook, --site FILE or --without-site")
    refuse_both(site, without_site)
    given: dict[str, Any] = {"without_site": without_site}
    names = ["rulebook in force", "taxonomy in force", str(site) if site else "site in force"]
    if book is not None and not book.exists() and _DIGEST.fullmatch(str(book)):
        kept = kept_texts(str(book), config)
        given |= {"book": kept.book, "taxonomy": kept.taxonomy}
        given |= {} if site or without_site else {"site": kept.site, "without_site": kept.site is None}
        names = [f"{part} of {book}" for part in ("rulebook", "taxonomy", "site")]
    elif book is not None:
        texts, told = read_texts(book, site)
        given |= texts.model_dump(exclude_none=True)
        names[:2] = told[:2]
    if site is not None:
        given["site"], names[2] = read_text(site), str(site)
    body = {"word": _word(who, why, supervisor), "given": given, "names": names}
    _tell(ask_daemon(config, "POST", "/control/rules", body))


def rollback(*, why: Why, who: Who = None, supervisor: Supervisor = None, config: Config = DEFAULT_CONFIG) -> None:
    """Go back to the rules before the present ones."""
    _tell(ask_daemon(config, "POST", "/control/rules/rollback", {"word": _word(who, why, supervisor)}))


def level(
    name: Annotated[str, Parameter(help="normal, or a level of the rulebook, such as raised.")],
    /,
    *,
    why: Why,
    who: Who = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Let the rules stand at another threat level from the next verdict on."""
    _tell(ask_daemon(config, "POST", "/control/rules/level", {"word": _word(who, why, None), "level": name}))


def _word(who: str | None, why: str, supervisor: str | None) -> dict[str, str | None]:
    word = {"who": who or getpass.getuser(), "why": why, "supervisor": supervisor}
    for name, text in word.items():
        if text is not None and not 0 < len(text.strip()) <= MOST_SAID:
            raise UsageError(f"--{name}: give 1 to {MOST_SAID} characters")
    return word


def _tell(done: dict[str, Any]) -> None:
    print(f"in force: {done['name']} sha256:{done['digest']}, level {done['level']}")
