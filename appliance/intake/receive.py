"""The one door all ways in lead to: digest, decode, keep, and only then give a receipt.

Takes a `Delivery` with untrusted bytes, gives a `Receipt` once the originals and
the row are on disk for good. What cannot be decoded is kept too, in quarantine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import groupby
from typing import TypeVar

from appliance.errors import (
    IncompleteError,
    RefusedError,
    StoreBrokenError,
    StoreError,
    StoreFullError,
    UnreadableError,
)
from appliance.ports import DecodedView, Decoder, DeliveredFile, Delivery, Receipt
from appliance.scan import Arrival, Picture
from appliance.store import scans
from appliance.store.database import Store

T = TypeVar("T")


class Receiver:
    """The `Reception` of the house."""

    def __init__(self, store: Store, decoder: Decoder, no_room: Callable[[], str]) -> None:
        self._store = store
        self._decoder = decoder
        self._no_room = no_room

    async def receive(self, delivery: Delivery) -> Receipt:
        if reason := self._no_room():
            raise StoreFullError(reason, hint="nothing was taken; send it again later")
        if not delivery.files:
            raise RefusedError(f"{delivery.name}: a scan without pictures")
        started = time.monotonic()
        pictures: list[Picture] = []
        troubles: list[str] = []
        for view, files in groupby(delivery.files, key=lambda file: file.view):
            found, trouble = await self._view(view, tuple(files), delivery)
            pictures.extend(found)
            troubles.extend([trouble] if trouble else [])
        arrival = Arrival(
            source=delivery.source,
            slot=delivery.slot,
            name=delivery.name,
            sheet=delivery.sheet,
            pictures=tuple(pictures),
            missing=delivery.missing,
            quarantine="; ".join(troubles) or None,
            rehearsal=delivery.rehearsal,
            deadline_seconds=delivery.deadline_seconds,
            received_at=delivery.received_at,
            timings_ms={"decode": round((time.monotonic() - started) * 1000, 1)},
        )
        return await self._store.write(lambda db: scans.receive(db, arrival))

    async def _view(
        self, view: str, files: tuple[DeliveredFile, ...], delivery: Delivery
    ) -> tuple[list[Picture], str | None]:
        """Decode one view while its originals go to the disk; of one still growing nothing is kept."""
        planes = {file.plane or "": file.content for file in sorted(files, key=lambda file: file.plane or "")}
        if len(planes) != len(files):
            raise RefusedError(f"{delivery.name}: the view {view!r} came twice")
        contents = tuple(planes.values())
        shelf = self._store.pictures
        drafting = asyncio.ensure_future(self._on_disk(lambda: shelf.draft_all(contents)))
        try:
            clean, trouble = await self._decoded(view, planes, delivery)
            drafts = await asyncio.shield(drafting)
            cleaned = await self._cached(clean)
            originals = await self._on_disk(lambda: tuple(shelf.show(draft) for draft in drafts))
        except BaseException:
            shelf.drop_all(await drafting)
            raise
        raw = Picture(
            name=view,
            originals=originals,
            size=sum(len(content) for content in contents),
            palette=delivery.palette,
        )
        return [_cleaned(raw, one, digest) for one, digest in zip(clean, cleaned, strict=True)] or [raw], trouble

    async def _decoded(
        self, view: str, planes: dict[str, bytes], delivery: Delivery
    ) -> tuple[tuple[DecodedView, ...], str | None]:
        """The clean pictures of a view, or why there are none."""
        try:
            return await self._decoder.decode(planes, delivery.palette), None
        except UnreadableError as problem:
            if isinstance(problem, IncompleteError) and not delivery.accept_incomplete:
                raise
            return (), f"{view}: {problem}"

    async def _cached(self, clean: tuple[DecodedView, ...]) -> list[str]:
        """Keep clean pictures; they can be made again from the originals."""
        return await self._on_disk(lambda: [self._store.clean.keep(one.png, sync=False) for one in clean])

    async def clean(self, picture: Picture) -> bytes:
        """The clean picture of a view, made again from its originals where it is gone."""
        try:
            return await asyncio.to_thread(self._store.clean.read, picture.sha256 or "")
        except StoreError:
            contents = [await asyncio.to_thread(self._store.pictures.read, digest) for digest in picture.originals]
        names = ["high", "low"] if len(contents) > 1 else [""]
        made = await self._decoder.decode(dict(zip(names, contents, strict=True)), picture.palette)
        found = [
            one.png for one, sha256 in zip(made, await self._cached(made), strict=True) if sha256 == picture.sha256
        ]
        if not found:
            raise StoreError(f"picture {picture.sha256}: this version makes another one of its original")
        return found[0]

    async def _on_disk(self, do: Callable[[], T]) -> T:
        """Do something that writes, on a thread."""
        try:
            return await asyncio.to_thread(do)
        except StoreBrokenError as problem:
            self._store.fail(problem)
            raise


def _cleaned(raw: Picture, clean: DecodedView, sha256: str) -> Picture:
    name = f"{raw.name}-{clean.suffix}" if clean.suffix else raw.name
    return raw.model_copy(update={"name": name, "sha256": sha256, "width": clean.width, "height": clean.height})
