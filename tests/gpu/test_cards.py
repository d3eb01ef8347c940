"""What the driver tells of the cards of this machine."""

from __future__ import annotations

import pytest

from appliance.operations import gpus

if gpus.driver() is None:
    pytest.skip("there is no GPU here", allow_module_level=True)


def test_a_real_card_is_warm_has_memory_and_a_name() -> None:
    for card in gpus.look():
        assert card.name != "unknown"
        assert 0 < (card.celsius or 0) < 120
        assert 0 < (card.memory_used_bytes or 0) <= (card.memory_bytes or 0)
    assert gpus.look()
