"""What must be there before a scan may be called clear, each piece as a type of its own.

Takes a scan, an answer and the moment; gives `CompleteEvidence` or the list of
what lacks. Nothing else in the house can make a `CompleteEvidence` without
holding every piece, and no failure has a type that fits in its place.
"""

from __future__ import annotations

from typing import Literal

from appliance.rules.judged import Moment
from appliance.rules.words import can_be_read
from appliance.scan import Picture, Scan
from models.answer import Answer, Answered, ComponentName, Digest, ExamPassed, Silent, Value

MOST_TOLD = 10
"""Lines named one by one."""


class Detected(Value):
    """The detector's word."""

    milliseconds: float


class Described(Value):
    """The language model's word."""

    milliseconds: float


class SamePictures(Value):
    """The engine looked at exactly the pictures of this scan: all views, none missing, and nothing newer came."""

    digests: tuple[Digest, ...]


class ReadableDeclaration(Value):
    """A declaration that could be read, or that none was made."""

    state: Literal["given", "absent"]


class TrustedRelease(Value):
    """A release whose answers count for this scan: never made-up ones for a real bag."""

    release: str


class RoomOnDisk(Value):
    """The box can still keep what it says."""


class SoundRules(Value):
    """A rulebook in force whose every rule was judged and which fits the release that spoke."""

    rulebook: str


class CompleteEvidence(Value):
    """Everything that CLEAR stands on."""

    detector: Detected
    vlm: Described
    exam: ExamPassed
    pictures: SamePictures
    declaration: ReadableDeclaration
    release: TrustedRelease
    room: RoomOnDisk
    rules: SoundRules


def gather(
    scan: Scan, answer: Answer | None, trouble: str, moment: Moment, rules: SoundRules | tuple[str, ...]
) -> CompleteEvidence | tuple[str, ...]:
    """Collect the evidence, or say everything that lacks, each in a few words for the officer."""
    amiss = () if isinstance(rules, SoundRules) else rules
    if scan.quarantine is not None:
        return (f"picture unreadable: {scan.quarantine}", *_lacking_around(scan, moment), *amiss)
    if answer is None:
        return (trouble or "engine unavailable", *_lacking_around(scan, moment), *amiss)
    detector = _word(answer, "detector")
    vlm = _word(answer, "vlm")
    exam = answer.identity.exam
    pictures = _pictures(scan, answer)
    declaration = _declaration(scan)
    release = _release(scan, answer, moment)
    room = _room(moment)
    if (  # spelled out, so that the type checker sees each piece
        isinstance(detector, Detected)
        and isinstance(vlm, Described)
        and isinstance(exam, ExamPassed)
        and isinstance(pictures, SamePictures)
        and isinstance(declaration, ReadableDeclaration)
        and isinstance(release, TrustedRelease)
        and isinstance(room, RoomOnDisk)
        and isinstance(rules, SoundRules)
        and not trouble
    ):
        return CompleteEvidence(
            detector=detector,
            vlm=vlm,
            exam=exam,
            pictures=pictures,
            declaration=declaration,
            release=release,
            room=room,
            rules=rules,
        )
    failed_exam = () if isinstance(exam, ExamPassed) else (f"engine not examined: {exam.reason}",)
    pieces = (detector, vlm, pictures, declaration, release, room)
    return tuple(p for p in (trouble, *pieces, *failed_exam, *amiss) if isinstance(p, str) and p)


def _lacking_around(scan: Scan, moment: Moment) -> tuple[str, ...]:
    """What lacks besides the engine's word."""
    return tuple(piece for piece in (_whole(scan), _declaration(scan), _room(moment)) if isinstance(piece, str))


def _word(answer: Answer, name: ComponentName) -> Detected | Described | str:
    """Take a component's word. Said twice, or failed even once, is not said."""
    words = [component for component in answer.components if component.name == name]
    silent = [word for word in words if isinstance(word, Silent)]
    if silent:
        return f"{name} {silent[0].state}: {silent[0].reason}"
    if len(words) != 1:
        return f"{name} absent" if not words else f"{name} spoke twice"
    kind = Detected if name == "detector" else Described
    return kind(milliseconds=words[0].milliseconds) if isinstance(words[0], Answered) else f"{name} absent"


def _pictures(scan: Scan, answer: Answer) -> SamePictures | str:
    missing = _whole(scan)
    if missing:
        return missing
    wanted = tuple(picture.sha256 for picture in scan.pictures)
    if not wanted or wanted != answer.pictures:
        return "engine looked at other pictures"
    return SamePictures(digests=answer.pictures)


def _whole(scan: Scan) -> str | None:
    if scan.superseded:
        return "superseded: something newer came in its place"
    if scan.missing:
        return f"view missing: {', '.join(scan.missing)}"
    unreadable = [picture.name for picture in scan.pictures if _is_unreadable(picture)]
    return f"picture unreadable: {', '.join(unreadable)}" if unreadable and scan.quarantine is None else None


def _is_unreadable(picture: Picture) -> bool:
    return picture.sha256 is None


def _declaration(scan: Scan) -> ReadableDeclaration | str:
    if scan.declaration.state == "unreadable":
        return f"declaration unreadable: {scan.declaration.problem}"
    strange = [number for number, line in enumerate(scan.declaration.items, 1) if not can_be_read(line.text)]
    if strange:
        return f"declaration unreadable: nobody here reads line {', '.join(map(str, strange[:MOST_TOLD]))}"
    return ReadableDeclaration(state=scan.declaration.state)


def _release(scan: Scan, answer: Answer, moment: Moment) -> TrustedRelease | str:
    if answer.identity.release != moment.release:
        return f"answered by release {answer.identity.release}, while {moment.release} is in force"
    if answer.identity.canned and not scan.rehearsal:
        return "engine gives made-up answers"
    if answer.identity.rehearsal and not scan.rehearsal:
        return f"release {answer.identity.release} knows simulated scans only"
    return TrustedRelease(release=answer.identity.release)


def _room(moment: Moment) -> RoomOnDisk | str:
    return RoomOnDisk() if moment.room_on_disk else "disk nearly full"
