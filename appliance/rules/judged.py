"""What a judgement takes besides the scan and the answer, and what it gives, ready to be kept and to be done again."""

from __future__ import annotations

from pydantic import Field

from appliance.scan import Verdict
from models.answer import Answer, Value


class Moment(Value):
    """What is true of the box while it judges."""

    now: float
    """Unix seconds."""
    room_on_disk: bool
    """False on the lowest rung of the disk ladder."""
    release: str
    """The release in force. What another one says is no evidence."""
    profile: str = "x-ray baggage"
    """The domain of that release: what it can name at all."""
    app: str
    """Our own version, for the record."""


class Circumstances(Value):
    """Everything else a verdict followed from: with the scan, the answer and the rulebook it can be judged again."""

    moment: Moment
    rulebook: str
    """The digest of the texts."""
    level: str
    trouble: str
    """Why the engine's word is missing, where it is."""
    final: bool
    superseded: bool
    misfits: tuple[str, ...] = ()
    """Why the rulebook did not fit then, if so."""
    erred: tuple[str, ...] = ()
    """Rules that could not be judged, and why."""
    history: dict[str, float] = Field(default_factory=dict)
    """What the rules asked of the past, and what they were told."""
    spent_ms: dict[str, float] = Field(default_factory=dict)


class Judged(Value):
    """A verdict with the answer it was drawn from, ready to be kept."""

    verdict: Verdict
    answer: Answer | None
    owed: bool
    """True when the engine still owes its word and the scan must be judged again."""
    circumstances: Circumstances

    def with_times(self, spent_ms: dict[str, float]) -> Judged:
        """The same, telling how long it took."""
        timings = self.verdict.timings_ms | spent_ms
        return self.model_copy(
            update={
                "verdict": self.verdict.model_copy(update={"timings_ms": timings}),
                "circumstances": self.circumstances.model_copy(update={"spent_ms": spent_ms}),
            }
        )
