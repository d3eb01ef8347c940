"""The way in for DICOM and DICOS senders: a C-STORE receiver.

Takes objects over the network, gives each to the reception as a Part-10 file, the
data exactly as the sender encoded it, and answers success only after the scan is
on disk. What is inside an object is not looked at here; that is the decoder's
business, in its child process.
"""

from __future__ import annotations

import asyncio
import re
import threading
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import ALL_TRANSFER_SYNTAXES, DEFAULT_TRANSFER_SYNTAXES, evt, register_uid
from pynetdicom.ae import ApplicationEntity
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.presentation import AllStoragePresentationContexts
from pynetdicom.service_class import StorageServiceClass

from appliance.errors import ConfigError, DecoderError, LanewatchError, RefusedError, StoreBrokenError, StoreFullError
from appliance.intake.dicom.wire import MAX_PDU, BoundedServer, TooLarge
from appliance.journal import journal
from appliance.ports import DeliveredFile, Delivery, Receipt, Reception
from appliance.scan import Sheet
from appliance.settings import DicomSource

log = journal("dicom")

DICOS = (
    UID("1.2.840.10008.5.1.4.1.1.501.1"),  # CT
    UID("1.2.840.10008.5.1.4.1.1.501.2.1"),  # digital x-ray, for presentation
    UID("1.2.840.10008.5.1.4.1.1.501.2.2"),  # digital x-ray, for processing
    UID("1.2.840.10008.5.1.4.1.1.501.3"),  # threat detection report
    UID("1.2.840.10008.5.1.4.1.1.501.4"),  # 2D advanced imaging
    UID("1.2.840.10008.5.1.4.1.1.501.5"),  # 3D advanced imaging
    UID("1.2.840.10008.5.1.4.1.1.501.6"),  # quadrupole resonance
)
ECHO = UID("1.2.840.10008.1.1")
MAX_ASSOCIATIONS = 16
MAX_CONNECTIONS = 2 * MAX_ASSOCIATIONS
"""Open connections, those included that have not said yet what they want."""
MAX_PER_PEER = 8
"""Of those, so many from one address: one machine never takes all."""
NEGOTIATION_SECONDS = 10.0
IDLE_SECONDS = 60.0

SUCCESS, NO_ROOM, CANNOT = 0x0000, 0xA700, 0xC000
_MAX_COMMENT = 64
_UID = re.compile(r"[0-9.]{1,64}")

for _uid in DICOS:  # the library does not know them as storage, and would refuse them
    register_uid(_uid, _uid.keyword, StorageServiceClass)


@dataclass(frozen=True, slots=True)
class DicomCounts:
    """What came through one door since it opened."""

    accepted: int = 0
    repeated: int = 0
    """Of the accepted: those that had been received before."""
    accepted_at: datetime | None = None
    """When the last of them was."""
    refused: int = 0
    strangers: int = 0
    """Associations refused for an unknown title, and whatever was too many at once."""
    connections: int = 0
    """Open now."""


class DicomDoor:
    """One DICOM source. Its `address` tells where it listens once it does."""

    def __init__(self, settings: DicomSource, reception: Reception) -> None:
        self._settings = settings
        self._reception = reception
        self._max_bytes = int(settings.max_megabytes * 1_000_000)
        self._counting = threading.Lock()
        self._count = DicomCounts()
        self._server: BoundedServer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._broken: asyncio.Future[None] | None = None
        self.address = ("", 0)

    def counts(self) -> DicomCounts:
        server, count = self._server, self._count
        if server is None:
            return count
        return replace(count, strangers=count.strangers + server.turned_away, connections=len(server.connections))

    async def run(self) -> None:
        """Listen until cancelled. The library works on its own threads; only the reception runs on our loop."""
        self._loop = asyncio.get_running_loop()
        self._broken = self._loop.create_future()
        server = self._open()
        self._server = server
        self.address = server.server_address[:2]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="dicom", daemon=True)
        thread.start()
        log.info("dicom door open", source=self._settings.name, address=self.address)
        try:
            await self._broken
        finally:
            self._server = None
            await asyncio.to_thread(server.close)

    def _open(self) -> BoundedServer:
        settings = self._settings
        entity = ApplicationEntity(settings.called_titles[0])
        entity.require_called_aet = True
        entity.require_calling_aet = list(settings.calling_titles)
        entity.maximum_associations = MAX_ASSOCIATIONS
        entity.maximum_pdu_size = MAX_PDU
        entity.acse_timeout = NEGOTIATION_SECONDS
        entity.dimse_timeout = entity.network_timeout = IDLE_SECONDS
        plain_first = list(dict.fromkeys([*DEFAULT_TRANSFER_SYNTAXES, *ALL_TRANSFER_SYNTAXES]))
        for context in AllStoragePresentationContexts:
            entity.add_supported_context(cast("UID", context.abstract_syntax), plain_first)
        for uid in DICOS:
            entity.add_supported_context(uid, plain_first)
        entity.add_supported_context(ECHO)
        host, _, port = settings.bind.rpartition(":")
        try:
            return BoundedServer(
                entity,
                (host.strip("[]"), int(port)),
                {
                    evt.EVT_C_STORE: self._store,
                    evt.EVT_REQUESTED: self._choose_title,
                    evt.EVT_REJECTED: self._count_stranger,
                },
                max_bytes=self._max_bytes,
                max_connections=MAX_CONNECTIONS,
                max_per_peer=MAX_PER_PEER,
            )
        except (OSError, OverflowError) as problem:
            hint = "another program may listen there already, or this box has no such address"
            raise ConfigError(f"source {settings.name}: {settings.bind}: {problem}", hint=hint) from problem

    def _choose_title(self, event: evt.Event) -> None:
        """Answer under the title that was called, if it is one of ours; the library then refuses all others."""
        called = getattr(event.assoc.requestor.primitive, "called_ae_title", "").strip()
        if called in self._settings.called_titles:
            event.assoc.acceptor.ae_title = called

    def _store(self, event: evt.Event) -> Dataset:
        """Take one object, on its association's thread."""
        request = cast("C_STORE", event.request)
        uid = str(request.AffectedSOPInstanceUID or "")
        try:
            receipt = self._hand_over(self._delivery(event, request, uid)).result()
        except StoreBrokenError as problem:
            self._break(problem)
            return self._refuse(NO_ROOM, "the box cannot keep anything now", uid)
        except (StoreFullError, DecoderError, CancelledError):
            return self._refuse(NO_ROOM, "no room, send again later", uid)
        except LanewatchError as problem:
            return self._refuse(CANNOT, problem.message, uid)
        except Exception:  # one object may never cost more than itself, whatever is in it
            log.exception("an object could not be taken", source=self._settings.name, scan_id=uid)
            return self._refuse(CANNOT, "could not be taken: the journal says why", uid)
        self._add(accepted=1, repeated=0 if receipt.fresh else 1)
        with self._counting:
            self._count = replace(self._count, accepted_at=datetime.now(UTC))
        return _answer(SUCCESS)

    def _delivery(self, event: evt.Event, request: C_STORE, uid: str) -> Delivery:
        settings = self._settings
        if not _UID.fullmatch(uid):
            raise RefusedError("Affected SOP Instance UID: not a UID")
        if request.DataSet is None or isinstance(request.DataSet, TooLarge):
            raise RefusedError(f"no object, or larger than {self._max_bytes} bytes")
        content = event.encoded_dataset()
        if len(content) > self._max_bytes:
            raise RefusedError(f"no object, or larger than {self._max_bytes} bytes")
        return Delivery(
            source=settings.name,
            slot=f"{settings.name}:{uid}",
            name=uid,
            files=(DeliveredFile(view="view", content=content),),
            sheet=Sheet(scan_id=uid, lane=settings.lane),
            received_at=datetime.now(UTC),
            deadline_seconds=settings.deadline_seconds,
            rehearsal=settings.rehearsal,
            palette=settings.palette,
        )

    def _hand_over(self, delivery: Delivery) -> Future[Receipt]:
        if self._loop is None:
            raise LanewatchError("the door is not open")
        return asyncio.run_coroutine_threadsafe(self._reception.receive(delivery), self._loop)

    def _break(self, problem: StoreBrokenError) -> None:
        """End the room: what is below the store failed."""

        def tell() -> None:
            if self._broken and not self._broken.done():
                self._broken.set_exception(problem)

        if self._loop:
            self._loop.call_soon_threadsafe(tell)

    def _refuse(self, status: int, reason: str, uid: str) -> Dataset:
        self._add(refused=1)
        log.warning("an object was refused", source=self._settings.name, scan_id=uid, problem=reason)
        return _answer(status, reason)

    def _count_stranger(self, _event: evt.Event) -> None:
        self._add(strangers=1)

    def _add(self, **more: int) -> None:
        with self._counting:
            self._count = replace(self._count, **{key: getattr(self._count, key) + by for key, by in more.items()})


def _answer(status: int, reason: str = "") -> Dataset:
    answer = Dataset()
    answer.Status = status
    if reason:
        answer.ErrorComment = reason.encode("ascii", "replace").decode()[:_MAX_COMMENT].replace("\\", "/")
    return answer
