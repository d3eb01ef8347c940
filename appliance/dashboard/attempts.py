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
"""Wrong guesses at one name from one browser that does."""
OF_AN_ADDRESS = 60
"""Wrong guesses from one address of the network at all names, by strangers."""
MOST_KEPT = 20_000


class Guess(NamedTuple):
    """Somebody who tries to come in."""

    name: str
    device: str
    """The digest of a browser that knows the name, else empty."""
    address: str
    """Empty where everybody comes through one door: this machine, or a proxy's socket."""

    @property
    def limits(self) -> dict[str, int]:
        if self.device:
            return {f"device {self.device}": OF_A_DEVICE}
        found = {f"name {self.name}": OF_A_STRANGER}
        if self.address:
            found[f"address {self.address}"] = OF_AN_ADDRESS
        return found


class Attempts:
    """Wrong guesses of the last while."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()

    def let(self, guess: Guess) -> None:
        """Take one guess on account, or send away who has made too many. `right` takes it back."""
        now = time.monotonic()
        for key, most in guess.limits.items():
            wrong = self._recent(key, now)
            if len(wrong) >= most:
                wait = max(1, round(wrong[0] + WINDOW - now))
                raise Problem(
                    429,
                    "too many wrong passwords; wait, or sign in at a computer where you have before",
                    hint="an administrator can give a new code: lanewatch officers reset",
                    headers={"Retry-After": str(wait)},
                )
        for key in guess.limits:
            self._recent(key, now).append(now)

    def right(self, guess: Guess) -> None:
        """The guess was none."""
        for key in guess.limits:
            if self._wrong.get(key):
                self._wrong[key].pop()

    def _recent(self, key: str, now: float) -> list[float]:
        wrong = self._wrong.pop(key, [])
        self._wrong[key] = wrong = [at for at in wrong if now - at < WINDOW]
        while len(self._wrong) > MOST_KEPT:
            self._wrong.popitem(last=False)
        return wrong
