"""What goes over the socket between the box and its engine.

Frames, after the peer's name that ZeroMQ keeps for itself:

    ask    ID  Ask       ->  seen ID Seen, perhaps; then answer ID Answer  |  failed ID Failed
    adapt  ID  Adapt     ->  adapted ID Identity |  failed ID Failed
    cancel ID            ->  nothing; the question is dropped
    health ID            ->  health ID Health

Takes and gives values and bytes. Who asks and who answers is `client` and `desk`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import zmq
import zmq.asyncio
from pydantic import Field, ValidationError

from models.answer import Finding, Identity, Question, Value

ASK, ANSWER, FAILED, CANCEL, HEALTH = b"ask", b"answer", b"failed", b"cancel", b"health"
ADAPT, ADAPTED = b"adapt", b"adapted"
SEEN = b"seen"

LONGEST_WAIT = 3600.0
"""Nobody at a lane waits an hour; a longer wish is a mistake."""
LONGEST_ID = 64
"""Bytes. Ours are counted up and far shorter."""
LONGEST_REASON = 500
"""Characters of a reason that an officer will read."""
LARGEST_FRAME = 1 << 20
"""Bytes. A picture travels as a path, so that even twenty views or a hundred findings stay far below."""


class Ask(Value):
    """A question, and how long its asker will still be there."""

    question: Question
    within: float = Field(gt=0, le=LONGEST_WAIT, allow_inf_nan=False)
    """Seconds."""


class Seen(Value):
    """What the detector alone sees, while the rest of the engine still thinks."""

    findings: tuple[Finding, ...] = Field(min_length=1)


class Adapt(Value):
    """Answer with another adapter from now on, or with none."""

    adapter: str | None
    """The path of its folder."""


Fault = Literal["engine", "question", "picture"]
"""What there was no answer for: the engine comes up, goes down or has too much to do; the rest is the asker's."""


class Failed(Value):
    """Why there is no answer."""

    reason: str
    fault: Fault = "question"


State = Literal["loading", "ready", "stopping"]


class Health(Value):
    """How the engine is. That it says so at all is half of the news."""

    state: State
    identity: Identity | None
    """Nobody, while it is still loading."""
    in_flight: int = Field(ge=0)
    """Questions it holds: those it thinks about and those that wait."""


def address(socket: Path) -> str:
    """How ZeroMQ calls a socket in the file system."""
    return f"ipc://{socket}"


def send(socket: zmq.asyncio.Socket, *frames: bytes) -> bool:
    """Send now or not at all, and say which: a full or closed pipe never holds up its user."""
    untyped: Any = socket
    return untyped.send_multipart(frames, flags=zmq.DONTWAIT).exception() is None


def fault(problem: ValidationError) -> str:
    """The first thing that is wrong with a message, and where."""
    first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}"
