"""The documents tell the truth: links lead somewhere, commands exist, generated parts are current."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.generate import outdated
from tests.house.tree import ROOT, name, texts, verbs

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
SHELL_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"(?:^|\brun )(lanewatch(?:-[a-z]+)?)((?: [a-z][a-z-]*)*)")


def shell_lines() -> list[tuple[str, str]]:
    """Every line of every `sh` block, with the document it stands in."""
    blocks = [(name(path), block) for path, text in texts(".md") for block in SHELL_BLOCK.findall(text)]
    return [(document, line.split("#")[0].strip()) for document, block in blocks for line in block.splitlines()]


def commands() -> list[str]:
    """Every command of ours that a document shows, without options and arguments."""
    found = [COMMAND.search(line) for _, line in shell_lines()]
    return sorted({f"{match[1]}{match[2]}" for match in found if match})


def test_links_lead_somewhere() -> None:
    """Every relative link in a document points at a file, and its anchor at a heading."""
    broken = [
        f"{name(path)}: {target}#{anchor}"
        for path, text in texts(".md")
        for target, anchor in LINK.findall(text)
        if not _leads_somewhere(path, target, anchor)
    ]
    assert not broken


def test_documents_use_only_verbs_that_exist() -> None:
    """Every `./dev VERB` in a shell block is one that ./dev offers."""
    used = [(document, match[1]) for document, line in shell_lines() if (match := re.match(r"\./dev (\S+)", line))]
    assert used
    assert [use for use in used if use[1] not in verbs()] == []


@pytest.mark.parametrize("command", commands())
def test_documents_use_only_commands_that_exist(command: str) -> None:
    """Every command of ours in a shell block has a help page of its own."""
    program, *words = command.split()
    script = Path(sys.executable).with_name(program)
    result = subprocess.run([script, *words, "--help"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert command in " ".join(result.stdout.split()), result.stdout


def test_generated_parts_are_current() -> None:
    """What ./dev docs would write already stands there."""
    assert [name(path) for path, _ in outdated()] == [], "run ./dev docs"


def test_the_readme_shows_the_whole_house() -> None:
    """Every folder at the top is named in the README's tree."""
    readme = (ROOT / "README.md").read_text()
    folders = {name(path).split("/")[0] for path, _ in texts() if "/" in name(path)}
    assert [folder for folder in sorted(folders) if f"{folder}/" not in readme] == []


def test_decision_records_are_numbered_and_whole() -> None:
    """Each record has its number, and says state, reason, decision and what follows."""
    records = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [record.name[:4] for record in records] == [f"{number:04}" for number in range(len(records))]
    headings = ("Status", "Why", "Decision", "What follows")
    unfinished = [record.name for record in records if any(f"## {h}\n" not in record.read_text() for h in headings)]
    assert not unfinished


def _leads_somewhere(document: Path, target: str, anchor: str) -> bool:
    path = document.parent / target if target else document
    return path.exists() and (not anchor or anchor in _anchors(path))


def _anchors(document: Path) -> set[str]:
    headings = re.findall(r"(?m)^#+ (.+)$", document.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
