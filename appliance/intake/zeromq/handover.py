"""Hand a scan that came over ZeroMQ to the reception.

Takes a scan whole and checked, gives the receipt, or raises the `RefusedError`
whose words its sender is told: what to send again, and when.
"""

from __future__ import annotations

from datetime import UTC, datetime

from appliance.errors import DecoderError, LanewatchError, RefusedError, StoreBrokenError, StoreFullError
from appliance.intake.zeromq.tally import Tally
from appliance.intake.zeromq.wire import CarriedScan
from appliance.journal import journal
from appliance.ports import Delivery, Receipt, Reception
from appliance.settings import ZeromqSource

log = journal("feed")


class NoRoomError(RefusedError):
    """The one refusal that is worth trying again by itself."""


class Handover:
    """Hands over the scans of one feed."""

    def __init__(self, settings: ZeromqSource, reception: Reception, tally: Tally) -> None:
        self._settings = settings
        self._reception = reception
        self._tally = tally

    async def take(self, scan: CarriedScan) -> Receipt:
        """Hand over one scan. Only a broken store is more than this scan's business."""
        try:
            receipt = await self._reception.receive(self._delivery(scan))
        except (StoreBrokenError, RefusedError):
            raise
        except StoreFullError as problem:
            raise NoRoomError(f"no room, send again later: {problem.message}") from problem
        except DecoderError as problem:
            raise NoRoomError(f"send again later: {problem.message}") from problem
        except LanewatchError as problem:
            self._tally.add(failed=1)
            raise RefusedError(f"could not be kept, send again: {problem.message}") from problem
        except Exception as problem:  # one message may never end the feed, whatever is in it
            self._tally.add(failed=1)
            log.exception("a scan could not be taken", source=self._settings.name, scan_id=scan.sheet.scan_id)
            raise RefusedError("could not be taken: the box's journal says why") from problem
        self._tally.accepted(fresh=receipt.fresh)
        return receipt

    def _delivery(self, scan: CarriedScan) -> Delivery:
        settings = self._settings
        name = scan.sheet.scan_id or f"{settings.name}-{scan.content[:16]}"
        lane = scan.sheet.lane or settings.lane
        return Delivery(
            source=settings.name,
            slot=f"{settings.name}:{name}",
            name=name,
            files=scan.files,
            sheet=scan.sheet.model_copy(update={"lane": lane}),
            received_at=datetime.now(UTC),
            deadline_seconds=settings.deadline_seconds,
            rehearsal=settings.rehearsal,
            palette=settings.palette,
        )
