"""The way in for scanner software that speaks ZeroMQ.

Takes messages from a router, pull or subscribe socket and hands each scan to the
reception. A router client hears `accepted` only after its scan is on disk, or
`refused` with the reason; a DEALER is sent the verdict too. Those who can only
push or publish get no word, so their numbering is watched for losses. Whatever
comes, one message costs one message.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

import zmq
import zmq.asyncio
from zmq.utils.monitor import parse_monitor_message

from appliance.errors import RefusedError
from appliance.intake.zeromq import flood
from appliance.intake.zeromq.handover import Handover, NoRoomError
from appliance.intake.zeromq.limits import Numbering, Rates, Room
from appliance.intake.zeromq.socket import Client, Line, open_envelope, said_of_itself, send_now
from appliance.intake.zeromq.tally import FeedCounts, Tally
from appliance.intake.zeromq.verdicts import VerdictPost
from appliance.intake.zeromq.wire import (
    ACCEPTED,
    REFUSED,
    VERDICT,
    CarriedScan,
    named_scan,
    read_scan,
    to_json,
)
from appliance.journal import journal
from appliance.ports import Reception
from appliance.settings import ZeromqSource
from appliance.store.database import Store

log = journal("feed")

IN_HAND = 64
"""Messages in work at once. What is more waits in the sender."""
IN_HAND_BYTES = 256_000_000
SPARE_BYTES = 256_000_000
"""What this process may grow by while a feed is open, besides what the feed holds itself."""
PAUSE = 1.0
"""Seconds until a scan that cannot be refused is tried again on a full disk."""


class Feed:
    """One ZeroMQ source. Its `endpoint` tells where it listens once it does."""

    def __init__(self, settings: ZeromqSource, reception: Reception, store: Store) -> None:
        self._settings = settings
        self._max_bytes = int(settings.max_megabytes * 1_000_000)
        self._room = Room(IN_HAND, IN_HAND_BYTES)
        self._rates = Rates(settings.messages_per_second)
        self._streams: dict[str, Numbering] = {}
        self._post = VerdictPost(store, self._send_verdict)
        self._tally = Tally(settings.name)
        self._handover = Handover(settings, reception, self._tally)
        self._socket: zmq.asyncio.Socket | None = None
        self.endpoint = ""

    def counts(self) -> FeedCounts:
        streams = self._streams.values()
        return replace(
            self._tally.counts,
            verdicts=self._post.sent,
            in_hand=self._room.held,
            gaps=sum(stream.gaps for stream in streams),
            missing=sum(stream.missing for stream in streams),
            restarts=sum(stream.restarts for stream in streams),
            unnumbered=sum(stream.unnumbered for stream in streams),
        )

    async def run(self) -> None:
        """Listen until cancelled, on a fresh line whenever strangers filled the memory behind the old one."""
        settings = self._settings
        await self._post.start()
        line = Line(settings, self._max_bytes)
        self.endpoint = line.endpoint
        try:
            async with asyncio.TaskGroup() as tasks:
                if settings.mode == "router":
                    tasks.create_task(self._post.run())
                while True:
                    log.info("feed open", source=settings.name, mode=settings.mode, address=self.endpoint)
                    problem = await self._listen(line, tasks)
                    self._tally.add(reopened=1)
                    log.warning("memory filled up, all senders disconnected", source=settings.name, problem=problem)
                    line.close()
                    flood.give_back()
                    here = {"bind": self.endpoint} if settings.bind else {}
                    line = Line(settings.model_copy(update=here), self._max_bytes)
        finally:
            self._socket = None
            line.close()

    async def _listen(self, line: Line, tasks: asyncio.TaskGroup) -> str:
        """Take what comes until the memory fills up, and say by how much. Scans in hand are not of the line."""
        problem = ""
        allowed = SPARE_BYTES + IN_HAND_BYTES + 4 * self._max_bytes
        try:
            async with asyncio.TaskGroup() as ears:
                ears.create_task(flood.watch(allowed))
                ears.create_task(self._count_strangers(line.strangers))
                if line.keeper:
                    ears.create_task(line.keeper.run())
                if self._settings.mode == "router":
                    self._socket = line.socket
                    await self._serve(line.socket, tasks)
                else:
                    await self._drain(line.socket, tasks)
        except* flood.FloodedError as problems:
            problem = str(problems.exceptions[0])
        finally:
            self._socket = None
        return problem

    async def _serve(self, socket: zmq.asyncio.Socket, tasks: asyncio.TaskGroup) -> None:
        """Router: every message is answered, in the order its scan is done with."""
        while True:
            await self._room.wait()
            frames = await socket.recv_multipart(copy=False)
            client, body = open_envelope(frames)
            size = sum(map(len, body))
            self._room.enter(size)
            tasks.create_task(self._answer(client, body)).add_done_callback(lambda _, size=size: self._room.leave(size))

    async def _answer(self, client: Client, body: list[bytes]) -> None:
        try:
            self._check_rate(client)
            scan = await asyncio.to_thread(read_scan, body, self._max_bytes)
            receipt = await self._handover.take(scan)
        except RefusedError as refusal:
            self._tally.refused(refusal, client.name)
            name = named_scan(body)
            await self._send(client, REFUSED, {"reason": str(refusal)} | ({"scan_id": name} if name else {}))
            return
        told = await self._send(client, ACCEPTED, {"scan_id": receipt.scan_id, "sha256": scan.digest})
        if told and client.takes_verdicts:
            await self._post.promise(receipt.id, client)

    async def _drain(self, socket: zmq.asyncio.Socket, tasks: asyncio.TaskGroup) -> None:
        """Pull and subscribe: nobody can be told anything, so what comes too fast or finds no room waits."""
        while True:
            await self._room.wait()
            frames = await socket.recv_multipart(copy=False)
            await asyncio.shield(tasks.create_task(self._take(frames, tasks)))  # a scan taken outlives its line

    async def _take(self, frames: list[zmq.Frame], tasks: asyncio.TaskGroup) -> None:
        sender = said_of_itself(frames[-1], "User-Id") or "anyone"
        body = [frame.bytes for frame in frames]
        if self._settings.mode == "subscribe":
            del body[0]
        await self._rates.wait(sender)
        try:
            scan = await asyncio.to_thread(read_scan, body, self._max_bytes)
        except RefusedError as refusal:
            self._tally.refused(refusal, sender)
            return
        trouble = self._streams.setdefault(sender, Numbering()).note(scan.sequence)
        if trouble:
            self._tally.warn("the feed's numbering does not hold", problem=trouble, sender=sender)
        size = sum(map(len, body))
        self._room.enter(size)
        tasks.create_task(self._insist(scan, sender)).add_done_callback(lambda _, size=size: self._room.leave(size))

    async def _insist(self, scan: CarriedScan, sender: str) -> None:
        """Hold on to a scan whose sender has no second copy until there is room for it."""
        while True:
            try:
                await self._handover.take(scan)
            except NoRoomError as full:
                self._tally.warn("no room for a scan, trying again", problem=str(full), sender=sender)
                await asyncio.sleep(PAUSE)
                continue
            except RefusedError as refusal:
                self._tally.refused(refusal, sender)
            return

    async def _send_verdict(self, client: Client, document: dict[str, Any]) -> bool:
        return await self._send(client, VERDICT, document)

    async def _send(self, client: Client, kind: bytes, document: dict[str, Any]) -> bool:
        sent = self._socket is not None and await send_now(self._socket, client, kind, to_json(document))
        if not sent:
            self._tally.add(undelivered=1)
        return sent

    async def _count_strangers(self, monitor: zmq.asyncio.Socket) -> None:
        while True:
            happening = parse_monitor_message(await monitor.recv_multipart())
            self._tally.add(strangers=1)
            self._tally.warn("somebody was not let in", why=zmq.Event(happening["event"]).name)

    def _check_rate(self, client: Client) -> None:
        if self._rates.take(client.name, time.monotonic()):
            self._tally.add(too_fast=1)
            raise RefusedError(f"more than {self._settings.messages_per_second:g} messages a second: send again")
