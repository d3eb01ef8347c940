"""Tests of vLLM take minutes on a machine without a GPU: they run when they are asked for.

LANEWATCH_TEST_VLLM=1 ./dev test tests/models/engines
"""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("LANEWATCH_TEST_VLLM") else ["test_qwen_vllm*.py"]
