"""The folder way in with the real decoder and the real writers of the soak."""

from __future__ import annotations

import asyncio
from pathlib import Path

from appliance.intake.decoding.decoder import ChildDecoder
from appliance.settings import Operations
from appliance.store.database import Store
from tests.appliance.intake.belt import belt
from tests.soak.writers import Written, write_all


def test_five_scanners_at_once_lose_nothing_and_tear_nothing(store: Store, tmp_path: Path) -> None:
    """Real pictures in all styles: what is kept is exactly what was written whole."""

    async def story() -> None:
        decoder = ChildDecoder(Operations())
        await decoder.start()
        try:
            one = belt(store, tmp_path / "in", decoder=decoder, incomplete_seconds=600)
            written: list[Written] = []
            async with one.running():
                await asyncio.to_thread(write_all, one.path, 60, 7, written)
                await one.until(lambda: {item.sha256 for item in written} <= kept())
                await one.taken(60)
            assert kept() == {item.sha256 for item in written}
            assert one.intake.counts().quarantined == 0
        finally:
            await decoder.close()

    def kept() -> set[str]:
        with store.reader() as db:
            sql = "SELECT value FROM scan, json_tree(brought, '$.pictures') WHERE path LIKE '%.originals'"
            return {row[0] for row in db.execute(sql)}

    asyncio.run(story())
