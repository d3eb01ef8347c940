"""The client in the vendors' page is one: it runs as it stands there."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest

from appliance.store.database import Store
from tests.appliance.intake.feeding import conclude, feed
from tests.conftest import png
from tests.waiting import until

PAGE = Path(__file__).parents[3] / "docs" / "scanner-vendors.md"


@pytest.mark.parametrize("lost", [0, 1], ids=["as it stands", "and again"])
def test_the_vendors_example_sends_a_scan_and_prints_its_verdict(store: Store, tmp_path: Path, lost: int) -> None:
    """Taken from the page, pointed at a running feed: accepted, and then the action."""
    block = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert block is not None
    (tmp_path / "scan.png").write_bytes(png())

    async def send(program: str) -> str:
        words = [sys.executable, "-W", "ignore", "-c", program, str(tmp_path / "scan.png")]
        process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
        said, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0
        return said.decode()

    async def story() -> None:
        async with feed(store) as running:
            program = block[1].replace("tcp://127.0.0.1:5599", running.endpoint)
            sending = asyncio.create_task(send(program))
            await until(lambda: running.counts().accepted == 1)
            await conclude(store, "SCAN-2026-001234")
            assert (await sending).splitlines()[-1] == "REVIEW"
            for _ in range(lost):
                assert (await send(program)).splitlines()[-1] == "REVIEW"

    asyncio.run(story())
