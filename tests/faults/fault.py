"""One fault that was ordered: which kind of request fails, when, and how.

Takes the requests as they come; raises the ordered error when it is their turn.
"""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(slots=True)
class Fault:
    """The n-th call of a kind from now on fails: once, or it and all that follow."""

    op: str
    nth: int
    code: int
    forever: bool
    seen: int = 0
    struck: int = 0

    def meet(self, op: str) -> None:
        if op != self.op:
            return
        self.seen += 1
        if self.seen == self.nth or (self.forever and self.seen > self.nth):
            self.struck += 1
            raise OSError(self.code, os.strerror(self.code))
