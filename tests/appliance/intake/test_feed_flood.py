"""What strangers gather in memory without ever sending a message."""

from __future__ import annotations

import asyncio

import pytest
import zmq

from appliance.intake.zeromq import feed as feeding
from appliance.store.database import Store
from tests.appliance.intake.endless import pour
from tests.appliance.intake.feeding import feed, kept, message, peers
from tests.conftest import png
from tests.waiting import until


@pytest.mark.parametrize("kind", [zmq.DEALER, zmq.PUSH])
def test_a_message_without_end_is_cut_off_and_the_honest_sender_is_heard_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, kind: int
) -> None:
    """Twice: all are disconnected before the memory is full, and who was connected before is back by itself."""
    monkeypatch.setattr(feeding, "SPARE_BYTES", 64_000_000)
    monkeypatch.setattr(feeding, "IN_HAND_BYTES", 1_000_000)
    mode = "router" if kind == zmq.DEALER else "pull"

    async def story() -> None:
        async with feed(store, max_megabytes=1.0, mode=mode) as running, peers(running.endpoint) as connect:
            honest = connect(kind)
            for round_ in (1, 2):
                await honest.send(message(png((round_, 0, 0)), scan_id=f"BEFORE-{round_}"))
                await until(lambda round_=round_: kept(store) == 2 * round_ - 1)
                assert await asyncio.to_thread(pour, running.endpoint, mode) > 60_000_000
                await until(lambda round_=round_: running.counts().reopened == round_)
                await honest.send(message(png((round_, 9, 9)), scan_id=f"AFTER-{round_}"))
                await until(lambda round_=round_: kept(store) == 2 * round_)

    asyncio.run(story())
