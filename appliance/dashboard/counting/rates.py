"""Shares with how sure they are: Wilson's interval at 95 %, which holds for few scans and near 0 and 1, too."""

from __future__ import annotations

import math
from typing import TypedDict

Z = 1.959964
"""The normal distribution holds 95 % within so many standard deviations."""


class Rate(TypedDict):
    """A share of n. Of none there is none."""

    k: int
    n: int
    rate: float | None
    low: float | None
    high: float | None


def rate(k: int, n: int) -> Rate:
    """How many of so many, and between which shares the true one lies in 95 of 100 cases."""
    if n == 0:
        return Rate(k=k, n=n, rate=None, low=None, high=None)
    share, spread = k / n, Z * Z / n
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    low, high = (0.0 if k == 0 else middle - half), (1.0 if k == n else middle + half)
    return Rate(k=k, n=n, rate=round(share, 6), low=round(low, 6), high=round(high, 6))
