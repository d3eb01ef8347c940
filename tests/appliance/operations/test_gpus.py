"""Where no driver answers there is no GPU, and nothing else goes wrong. Real cards: `tests/gpu/test_cards.py`."""

from __future__ import annotations

import pytest

from appliance.operations import gpus


def test_a_machine_without_a_driver_has_no_gpu() -> None:
    if gpus.driver() is not None:
        pytest.skip("a driver answers here")
    assert gpus.look() == ()


def test_a_card_tells_what_it_knows() -> None:
    def unknown() -> int:
        raise gpus.NVML.NVMLError(gpus.NVML.NVML_ERROR_NOT_SUPPORTED)

    assert gpus._told(unknown) is None
    assert gpus._told(lambda: 41) == 41
