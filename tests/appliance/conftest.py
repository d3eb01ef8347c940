"""What several tests of the appliance begin with."""

from __future__ import annotations

import asyncio

import pytest

from appliance.store.database import Store
from tests.appliance.lookback.books import Lane


@pytest.fixture
def lane(store: Store) -> Lane:
    """A lane whose rulebooks have begun."""
    lane = Lane(store)
    asyncio.run(lane.rulebooks.begin())
    return lane
