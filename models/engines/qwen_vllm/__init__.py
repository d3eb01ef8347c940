"""Qwen2.5-VL on vLLM: the engine of a box with a GPU.

vLLM's build for processors runs the same code slowly: it is for laptops and tests, and never goes into the bundle of a
box with a GPU, where it would take the place of the other build. Nothing here may look at the network or tell anybody
that it runs; libraries read that when they are imported.
"""

import os

OWNER = "LANEWATCH_ENGINE_OWNER"
"""The process that serves, as vLLM's own processes are told."""

os.environ.update(
    HF_HUB_OFFLINE="1",
    TRANSFORMERS_OFFLINE="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    VLLM_NO_USAGE_STATS="1",
    VLLM_WORKER_MULTIPROC_METHOD="spawn",  # threads run already, and a forked CUDA does not work
)
os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")  # GiB; only the build for processors reads it
