"""Passwords: which may be chosen, and whether one is right.

Takes texts and hashes. A hash costs 64 MB and a tenth of a second by design, so only two are made at once: one for
strangers and one for those who are known here, who never wait behind a crowd. Whoever finds the queue full is told to
come back.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from appliance.dashboard.problems import Problem

T = TypeVar("T")

LEAST, MOST = 10, 256
"""Characters."""
FEWEST_SIGNS = 5
"""Different characters."""
LEAST_OWN = 4
"""Characters that are left without the name, words that everybody takes, and digits around them."""
MOST_WAITING = 10
"""In each of the two queues."""
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$b1qqIhP0l5xA3Zq8CpQ/FA$6FLq5MWnqpPoBsfejtimdpxX0jS+4Y20eXAULMx+PyU"
"""No password has this hash; looking whether one does takes as long as for somebody's."""
_COMMON = (
    "password", "passw0rd", "qwerty", "letmein", "welcome", "iloveyou", "admin", "lanewatch", "customs", "officer",
    "supervisor", "secret", "dragon", "monkey", "football", "sunshine", "princess", "abc123", "asdfgh", "zxcvbn",
    "kastam", "malaysia", "haiquan", "vietnam", "matkhau", "katalaluan",
)  # fmt: skip


class Passwords:
    """Makes and checks hashes, one at a time in each queue."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._known, self._strangers = _Queue(), _Queue()

    async def made(self, password: str, name: str) -> str:
        """The hash of a password somebody chose, or a problem that says why it is none."""
        refuse_weak(password, name)
        return await self._known.run(lambda: self._hasher.hash(_plain(password)))

    async def fits(self, password: str, secret: str | None, *, known: bool) -> bool:
        """Whether a password is right. For somebody who has none it takes as long, and is wrong.

        Known is who signed in at this browser before, or sits here now.
        """
        queue = self._known if known else self._strangers
        right = await queue.run(lambda: self._verify(secret or _NOBODYS, _plain(password[: 4 * MOST])))
        return right and secret is not None

    def _verify(self, secret: str, password: str) -> bool:
        try:
            return self._hasher.verify(secret, password)
        except (VerificationError, InvalidHashError):
            return False


class _Queue:
    """Work done one after the other, for so many as may wait."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0

    async def run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Problem(503, "too many people are signing in at once", headers={"Retry-After": "5"})
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def refuse_weak(password: str, name: str) -> None:
    """Say why a text is no password. Length is what counts; nobody has to mix signs, and none grows old."""
    plain = _plain(password)
    if not LEAST <= len(plain) <= MOST:
        raise Problem(422, f"a password has {LEAST} to {MOST} characters; several words make a good one")
    bare = "".join(character for character in plain.casefold() if character.isalnum())
    rest = bare.replace("".join(filter(str.isalnum, name.casefold())) or bare, "")
    for common in _COMMON:
        rest = rest.replace(common, "")
    rest = rest.strip("0123456789")
    if len(set(plain)) < FEWEST_SIGNS or len(rest) < LEAST_OWN:
        raise Problem(422, "this password is among the first that anybody tries; several words make a good one")


def _plain(password: str) -> str:
    """The same password from any keyboard."""
    return unicodedata.normalize("NFKC", password)
