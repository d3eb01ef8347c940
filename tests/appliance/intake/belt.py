"""One folder way in over a real store, for the tests: drop files, wait, look at what was handed over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

from appliance.errors import IncompleteError, UnreadableError
from appliance.intake.folder.intake import FolderIntake
from appliance.intake.receive import Receiver
from appliance.ports import DecodedView, Decoder, Delivery, Receipt
from appliance.settings import FolderSource
from appliance.store.database import Store

PATIENCE = 300.0
END = b" END"
"""How a picture of these tests shows that it is whole."""


def picture(word: str) -> bytes:
    return f"picture of {word}".encode() + END


class WordDecoder:
    """Decodes pictures of words: one without its end is incomplete, one that begins with "?" is none at all."""

    async def decode(self, planes: dict[str, bytes], palette: str) -> tuple[DecodedView, ...]:  # noqa: ARG002 - the port has it
        whole = b"|".join(planes.values())
        if any(content.startswith((b"?", b"Lanewatch:")) for content in planes.values()):
            raise UnreadableError("no picture")
        if not all(content.endswith(END) for content in planes.values()):
            raise IncompleteError("ends too early")
        return (DecodedView("", b"clean " + whole, 8, 8),)


class Belt:
    """A folder, its way in, and what was handed over."""

    def __init__(self, settings: FolderSource, store: Store, decoder: Decoder, **more: Any) -> None:
        self.path = settings.path
        self.settings = settings
        self.store = store
        self.deliveries: list[Delivery] = []
        self.receipts: list[Receipt] = []
        self.refuse: Exception | None = None
        self._receiver = Receiver(store, decoder, lambda: "")
        self.intake = FolderIntake(settings, self, store, **more)

    async def receive(self, delivery: Delivery) -> Receipt:
        if self.refuse:
            raise self.refuse
        receipt = await self._receiver.receive(delivery)
        self.deliveries.append(delivery)
        self.receipts.append(receipt)
        return receipt

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[Belt]:
        task = asyncio.create_task(self.intake.run())
        try:
            await self.until(lambda: self.intake.counts().listed_at or not self.path.exists() or task.done())
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await asyncio.sleep(0.005)

    async def taken(self, number: int) -> None:
        """Wait until so many scans were handed over and nothing that is finished waits."""
        await self.until(lambda: len(self.deliveries) >= number and not self.intake.counts().waiting)
        await self.until(lambda: self.ask("SELECT count(DISTINCT scan) FROM sighting")[0][0] >= self.whole())

    async def quiet(self) -> None:
        """Let the folder be listed twice more."""
        for _ in range(2):
            before = self.intake.counts().listed_at
            await self.until(lambda before=before: self.intake.counts().listed_at != before)

    def whole(self) -> int:
        """How many different scans were handed over, leaving out those that a revision took the place of."""
        newest = {receipt.scan_id: receipt.id for receipt in self.receipts}
        return len(set(newest.values()))

    def ids(self) -> list[str]:
        return sorted({receipt.scan_id for receipt in self.receipts})

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.store.reader() as db:
            return [tuple(row) for row in db.execute(sql, values)]


def belt(
    store: Store, folder: Path, *, decoder: Decoder | None = None, more: dict[str, Any] | None = None, **settings: Any
) -> Belt:
    """A belt with short times, unless told otherwise."""
    folder.mkdir(exist_ok=True)
    times = {"settle_seconds": 0.1, "rescan_seconds": 0.2, "incomplete_seconds": 0.6}
    source = FolderSource.model_validate({"name": "belt-1", "path": folder, **times, **settings})
    return Belt(source, store, decoder or WordDecoder(), **(more or {}))
