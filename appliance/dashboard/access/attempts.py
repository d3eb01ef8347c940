"""How often somebody may guess a password before they have to wait.

Takes a name, the browser's standing with that name, and the address at the socket. What a header says counts for
nothing. Guesses from strangers never keep out who sits at a browser in which they have signed in before.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import NamedTuple

from appliance.dashboard.problems import Problem

WINDOW = 900.0
"""Seconds after which a wrong guess is forgotten."""
OF_A_STRANGER = 10
"""Wrong guesses at one name, from all browsers that do not know it together."""
OF_A_DEVICE = 10
"""Wrong guesses at one name from one browser that does, or from one session."""
OF_AN_ADDRESS = 60
"""Wrong guesses from one address of the network at all names, by strangers."""
MOST_KEPT = 5_000
"""Names, browsers and addresses with wrong guesses. When there are more, strangers wait; nothing is forgotten early."""


class Guess(NamedTuple):
    """Somebody who tries to come in."""

    name: str
    """Empty for a code, which nobody can guess: only its sender's address is watched."""
    device: str
    """What tells a browser that knows the name, else empty."""
    address: str
    """Empty where everybody comes through one door: this machine, or a proxy's socket."""

    @property
    def limits(self) -> dict[str, int]:
        if self.device:
            return {f"device {self.device} {self.name}": OF_A_DEVICE}
        found = {f"name {self.name}": OF_A_STRANGER} if self.name else {}
        if self.address:
            found[f"address {self.address}"] = OF_AN_ADDRESS
        return found


class Attempts:
    """Wrong guesses of the last while."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()
        """The newest last, so that what is over stands first."""

    def let(self, guess: Guess) -> None:
        """Take one guess on account, or send away who has made too many. `right` takes it back."""
        now = time.monotonic()
        self._drop_what_is_over(now)
        for key, most in guess.limits.items():
            wrong = [at for at in self._wrong.get(key, ()) if now - at < WINDOW]
            if len(wrong) >= most:
                raise _wait(wrong[0] + WINDOW - now)
            if not wrong and len(self._wrong) >= MOST_KEPT and not guess.device:
                raise _wait(next(iter(self._wrong.values()))[-1] + WINDOW - now)
        for key in guess.limits:
            wrong = [at for at in self._wrong.pop(key, ()) if now - at < WINDOW]
            self._wrong[key] = [*wrong, now]

    def right(self, guess: Guess) -> None:
        """The guess was none."""
        for key in guess.limits:
            if wrong := self._wrong.get(key):
                wrong.pop()
                if not wrong:
                    del self._wrong[key]

    def _drop_what_is_over(self, now: float) -> None:
        while self._wrong:
            key, wrong = next(iter(self._wrong.items()))
            if now - wrong[-1] < WINDOW:
                return
            del self._wrong[key]


def _wait(seconds: float) -> Problem:
    return Problem(
        429,
        "too many wrong passwords; wait, or sign in at a computer where you have before",
        hint="an administrator can give a new code: lanewatch officers reset",
        headers={"Retry-After": str(max(1, round(seconds)))},
    )
