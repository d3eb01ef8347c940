"""What must be there before a scan may be called clear, each piece as a type of its own.

Takes a scan, an answer and the moment; gives `CompleteEvidence` or the list of
what lacks. Nothing else in the house can make a `CompleteEvidence` without
holding every piece, and no failure has a type that fits in its place.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from appliance.rules.declared.recognition import MOST_READ, is_too_long
from appliance.rules.judged import Moment
from appliance.rules.words import can_be_read
from appliance.scan import Scan
from models.answer import Answer, Answered, ComponentName, Digest, ExamPassed, Silent, Value

MOST_TOLD = 10
"""Lines named one by one."""


class Detected(Value):
    """The detector's word."""


class Described(Value):
    """The language model's word."""


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


class Looked(Value):
    """Everything that has to look at the pictures did: what it did not see can be called not seen."""

    detector: Detected
    vlm: Described
    exam: ExamPassed
    pictures: SamePictures
    release: TrustedRelease


class CompleteEvidence(Looked):
    """Everything that CLEAR stands on."""

    declaration: ReadableDeclaration
    room: RoomOnDisk
    rules: SoundRules


class Gathered(NamedTuple):
    """What there is before any rule was asked; each piece, or what lacks in words for the officer."""

    looked: Looked | tuple[str, ...]
    declaration: ReadableDeclaration | str
    room: RoomOnDisk | str

    @property
    def lacking(self) -> tuple[str, ...]:
        looked = () if isinstance(self.looked, Looked) else self.looked
        return (*looked, *(piece for piece in (self.declaration, self.room) if isinstance(piece, str)))

    def with_rules(self, rules: SoundRules | tuple[str, ...]) -> CompleteEvidence | tuple[str, ...]:
        """Complete with sound rules and nothing lacking; otherwise everything that lacks."""
        if (  # spelled out, so that the type checker sees each piece
            isinstance(self.looked, Looked)
            and isinstance(self.declaration, ReadableDeclaration)
            and isinstance(self.room, RoomOnDisk)
            and isinstance(rules, SoundRules)
        ):
            return CompleteEvidence(
                detector=self.looked.detector,
                vlm=self.looked.vlm,
                exam=self.looked.exam,
                pictures=self.looked.pictures,
                release=self.looked.release,
                declaration=self.declaration,
                room=self.room,
                rules=rules,
            )
        return (*self.lacking, *(() if isinstance(rules, SoundRules) else rules))


def gather(scan: Scan, answer: Answer | None, trouble: str, moment: Moment) -> Gathered:
    """Collect the evidence, or what lacks."""
    return Gathered(_look(scan, answer, trouble, moment), _declaration(scan), _room(moment))


def _look(scan: Scan, answer: Answer | None, trouble: str, moment: Moment) -> Looked | tuple[str, ...]:
    """What was done with the pictures: nothing that a declaration says has a part in it."""
    if scan.quarantine is not None or answer is None:
        why = trouble or "engine unavailable" if scan.quarantine is None else f"picture unreadable: {scan.quarantine}"
        return tuple(filter(None, (why, _whole(scan))))
    detector = _word(answer, "detector")
    vlm = _word(answer, "vlm")
    exam = answer.identity.exam
    pictures = _pictures(scan, answer)
    release = _release(scan, answer, moment)
    if (
        isinstance(detector, Detected)
        and isinstance(vlm, Described)
        and isinstance(exam, ExamPassed)
        and isinstance(pictures, SamePictures)
        and isinstance(release, TrustedRelease)
        and not trouble
    ):
        return Looked(detector=detector, vlm=vlm, exam=exam, pictures=pictures, release=release)
    failed_exam = "" if isinstance(exam, ExamPassed) else f"engine not examined: {exam.reason}"
    pieces = (trouble, detector, vlm, pictures, release, failed_exam)
    return tuple(piece for piece in pieces if isinstance(piece, str) and piece)


def _word(answer: Answer, name: ComponentName) -> Detected | Described | str:
    """Take a component's word. Said twice, or failed even once, is not said."""
    words = [component for component in answer.components if component.name == name]
    silent = [word for word in words if isinstance(word, Silent)]
    if silent:
        return f"{name} {silent[0].state}: {silent[0].reason}"
    if len(words) != 1:
        return f"{name} absent" if not words else f"{name} spoke twice"
    if not isinstance(words[0], Answered):
        return f"{name} absent"
    return Detected() if name == "detector" else Described()


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
    unreadable = [picture.name for picture in scan.pictures if picture.sha256 is None]
    return f"picture unreadable: {', '.join(unreadable)}" if unreadable and scan.quarantine is None else None


def _declaration(scan: Scan) -> ReadableDeclaration | str:
    if scan.declaration.state == "unreadable":
        return f"declaration unreadable: {scan.declaration.problem}"
    if is_too_long(scan.declaration.items):
        return f"declaration unreadable: more than {MOST_READ:,} characters"
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
