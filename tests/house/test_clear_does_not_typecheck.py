"""A `Clear` without complete evidence is a type error: the checker itself is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAD = """
from appliance.rules.evidence import CompleteEvidence, Described, Detected, ReadableDeclaration, RoomOnDisk
from appliance.rules.evidence import SamePictures, SoundRules, TrustedRelease, gather
from appliance.rules.outcome import Clear, Harmless, Inspect, Outcome, Review
from models.answer import Answered, ExamNotPassed, ExamPassed, Silent

def story(silent: Silent, unexamined: ExamNotPassed, maybe: CompleteEvidence | tuple[str, ...]) -> object:
    detector, vlm = Detected(), Described()
    pictures, declaration = SamePictures(digests=()), ReadableDeclaration(state="absent")
    release, room, exam = TrustedRelease(release="r"), RoomOnDisk(), ExamPassed(cases=1)
    rules, nothing = SoundRules(rulebook="r"), Harmless(items=())
"""
FULL = (
    "detector=detector, vlm=vlm, exam=exam, pictures=pictures, declaration=declaration, release=release, room=room, "
    "rules=rules"
)


def _clear(pieces: str) -> str:
    return f"Clear(evidence=CompleteEvidence({pieces}), harmless=nothing)"


HOLDS = {"whole": _clear(FULL)}
FAILS = {
    "nothing": "Clear()",
    "none": "Clear(evidence=None, harmless=nothing)",
    "maybe": "Clear(evidence=maybe, harmless=nothing)",
    "reasons": "Clear(evidence=('engine late',), harmless=nothing)",
    "something prohibited": f"Clear(evidence=CompleteEvidence({FULL}), harmless=None)",
    "something unsaid": f"Clear(evidence=CompleteEvidence({FULL}))",
    "silent detector": _clear(FULL.replace("detector=detector", "detector=silent")),
    "no vlm": _clear(FULL.replace("vlm=vlm, ", "")),
    "words swapped": _clear(FULL.replace("vlm=vlm", "vlm=detector")),
    "no exam": _clear(FULL.replace("exam=exam", "exam=unexamined")),
    "unreadable declaration": "ReadableDeclaration(state='unreadable')",
    "made-up answers": _clear(FULL.replace("release=release", "release=exam")),
    "full disk": _clear(FULL.replace("room=room", "room=release")),
    "no room": _clear(FULL.replace(", room=room", "")),
    "erring rules": _clear(FULL.replace("rules=rules", "rules=room")),
    "no rules": _clear(FULL.replace(", rules=rules", "")),
}


@pytest.fixture(scope="module")
def lines_with_errors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    """Every expression on a line of its own, checked in one run."""
    folder = tmp_path_factory.mktemp("typing")
    expressions = HOLDS | FAILS
    body = "".join(f"    _{number} = {text}\n" for number, text in enumerate(expressions.values()))
    (folder / "story.py").write_text(f"{HEAD}{body}    return None\n")
    settings = {"typeCheckingMode": "standard", "extraPaths": [str(ROOT)], "pythonVersion": "3.11"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(folder)]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    first = HEAD.count("\n")
    wrong = {error["range"]["start"]["line"] for error in report["generalDiagnostics"] if error["severity"] == "error"}
    assert all(line >= first for line in wrong), report
    return {name: first + number in wrong for number, name in enumerate(expressions)}


@pytest.mark.parametrize("name", HOLDS)
def test_complete_evidence_type_checks(lines_with_errors: dict[str, bool], name: str) -> None:
    assert not lines_with_errors[name]


@pytest.mark.parametrize("name", FAILS)
def test_anything_less_does_not(lines_with_errors: dict[str, bool], name: str) -> None:
    assert lines_with_errors[name]
