"""Whose word a change of the rules is: who sits here says their password again, and who stands beside them says theirs.

Takes what was typed, gives the people; they are held against the store once more in the transaction that does it.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from appliance.dashboard.house import Asked, House
from appliance.dashboard.people.entrance import guess_of, same_person, second_step, weighed
from appliance.dashboard.people.signing import Typed
from appliance.dashboard.problems import Problem
from appliance.rulebooks import Beside, Said, Word
from appliance.store import officers
from appliance.store.officers import Officer
from appliance.store.rulebooks import Activation, Changed, tell
from models.answer import Value

WRONG = "the second person's name or password is wrong"


class Second(Value):
    """Somebody else, who stands for it too."""

    name: Typed
    password: Typed
    otp: str = ""


class Reason(Value):
    """Why something is changed, and the password of who changes it, said once more."""

    why: Said
    password: Typed


class People(NamedTuple):
    """By whose word something changes."""

    who: Officer
    second: Officer | None = None
    step: int = 0
    """Of the second person's second factor."""

    def word(self, why: str) -> Word:
        return Word(who=self.who.shown, why=why, supervisor=self.second.shown if self.second else None)

    def deed(self, what: Changed) -> Beside:
        """What is written down with the change, as long as they all still may."""

        def write(db: sqlite3.Connection, done: Activation) -> None:
            for officer in filter(None, (self.who, self.second)):
                _still(db, officer)
            if self.second and self.step and not officers.take_step(db, self.second.name, self.step):
                raise Problem(403, "this number was used already; wait for the next one", needs=["otp"])
            tell(db, done, self.who.name, what)

        return write


async def people(request: Asked, house: House, password: str, second: Second | None = None) -> People:
    """Who stands for a change. Guesses at the second person's password count as at the door."""
    who = await same_person(request, house, password)
    if second is None:
        return People(who)
    if officers.folded(second.name) == who.name:
        raise Problem(422, "the second person is somebody else than who asks", field="second.name")
    other = await house.store.read(lambda db: officers.find(db, second.name))
    guess = await guess_of(request, house, second.name)
    if not await weighed(request, house, guess, second.password, other) or other is None:
        raise Problem(403, WRONG, field="second.password")
    if "supervise" not in other.rights:
        raise Problem(403, f"{other.shown} may not stand for rules: only a supervisor may", field="second.name")
    step = await second_step(request, house, guess, other, second.otp, 403) if other.totp else 0
    return People(who, other, step)


def _still(db: sqlite3.Connection, officer: Officer) -> None:
    now = officers.known(db, officer.name)
    if now.disabled_at or "supervise" not in now.rights or now.secret != officer.secret:
        raise Problem(403, f"{now.shown} may not do that any more")
