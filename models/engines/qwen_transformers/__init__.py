"""Qwen2.5-VL over transformers: ready in seconds, on any machine, in bf16, bitsandbytes INT8 and NF4, and GPTQ."""
