"""The decoder: untrusted bytes to clean pictures, at the cost of one file at most.

The `Decoder` port of the house. Each file is decoded by a confined child of its
own (`zygote.py`, `confine.py`, `picture.py`); what the child says is checked
(`reply.py`). Leaves to others what to do with a file that cannot be read.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from appliance.errors import DecoderError, IncompleteError, UnreadableError
from appliance.intake.decoding.keeper import DecoderLostError, Keeper
from appliance.intake.decoding.reply import opened
from appliance.journal import journal
from appliance.ports import DecodedView
from appliance.settings import Operations

log = journal("decoder")

_LOOK_SECONDS = 1.0
"""Between two looks whether the zygote is there."""
_TRIES = 3
"""So often a file is tried whose decoder was lost; the last time with a zygote of its own, to pay for no other file."""


@dataclass(frozen=True, slots=True)
class DecoderCounts:
    """What the decoder did since it was made."""

    decoded: int = 0
    incomplete: int = 0
    unreadable: int = 0
    restarts: int = 0
    """How often the zygote was lost."""
    filtered: bool = False
    """Whether the children's calls are filtered, and not only their resources limited."""


class ChildDecoder:
    """The `Decoder` of the house."""

    def __init__(self, settings: Operations) -> None:
        self._settings = settings
        self._places = asyncio.Semaphore(settings.decoders)
        self._starting = asyncio.Lock()
        self._keeper: Keeper | None = None
        self._closed = False
        self._decoded = self._incomplete = self._unreadable = self._restarts = 0

    async def run(self) -> None:
        """Keep a zygote ready until cancelled; one that does not start is tried again."""
        try:
            while True:
                try:
                    await self.start()
                except DecoderError as problem:
                    log.warning("no decoder, trying again", problem=str(problem))
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            await self.close()

    async def start(self) -> None:
        """Return when the first file can be decoded at once."""
        await self._ready()

    async def close(self) -> None:
        """End the zygote and all its children. What is being decoded is lost."""
        self._closed = True
        async with self._starting:
            keeper, self._keeper = self._keeper, None
            if keeper:
                await keeper.close()

    @property
    def alive(self) -> bool:
        """Whether a file would be decoded now."""
        return self._keeper is not None and not self._keeper.lost

    def counts(self) -> DecoderCounts:
        filtered = bool(self._keeper and self._keeper.filtered)
        return DecoderCounts(self._decoded, self._incomplete, self._unreadable, self._restarts, filtered)

    async def decode(self, planes: dict[str, bytes], palette: str) -> tuple[DecodedView, ...]:
        """Decode one file, or the "high" and "low" planes of one view that came as two."""
        try:
            async with self._places:
                found = await self._tried(planes, palette)
        except IncompleteError:
            self._incomplete += 1
            raise
        except UnreadableError:
            self._unreadable += 1
            raise
        self._decoded += 1
        return found

    async def _tried(self, planes: dict[str, bytes], palette: str) -> tuple[DecodedView, ...]:
        for _ in range(_TRIES - 1):
            keeper = await self._ready()
            try:
                return await keeper.ask(planes, palette, self._understood)
            except DecoderLostError:
                continue
        keeper = await Keeper.start(self._settings)
        try:
            return await keeper.ask(planes, palette, self._understood)
        except DecoderLostError as problem:
            raise UnreadableError(
                f"the decoder died on this file, {_TRIES} times", hint="most likely for want of memory on this box"
            ) from problem
        finally:
            await keeper.close()

    def _understood(self, reply: bytes) -> tuple[DecodedView, ...]:
        return opened(reply, self._settings.max_side)

    async def _ready(self) -> Keeper:
        async with self._starting:
            if self._closed:
                raise DecoderError("the decoder is closed")
            if self._keeper and self._keeper.lost:
                lost, self._keeper = self._keeper, None
                self._restarts += 1
                await lost.close()
            if not self._keeper:
                self._keeper = await Keeper.start(self._settings)
            return self._keeper
