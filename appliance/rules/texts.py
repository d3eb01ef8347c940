"""The texts a rulebook is made of, as one sealed thing: the book, its taxonomy, and the site's sheet over it."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path

from appliance.scan import canonical
from models.answer import Value

DEFAULT = "customs@1"
"""The book a box begins with."""
_HERE = Path(__file__).parent / "baggage"


class Texts(Value):
    """What was written, letter by letter."""

    book: str
    taxonomy: str
    site: str | None = None

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def sealed(self) -> bytes:
        """The one spelling of all of it as bytes; their sha256 is the rulebook's digest."""
        return canonical(self.model_dump())

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.sealed).hexdigest()


def default() -> Texts:
    """The book that a box begins with."""
    return Texts(
        book=(_HERE / "customs.yaml").read_text("utf-8"), taxonomy=(_HERE / "taxonomy.yaml").read_text("utf-8")
    )
