"""Checkpoints in AutoGPTQ's format, unpacked to the very values that they stand for.

Takes a reader's tensors and what its config says of their packing, gives plain weights: scale times (integer minus zero
point), for each group of inputs. No kernel for packed weights is needed, and none for processors is faster than plain
ones on small models; a checkpoint too large to be unpacked is for vLLM.
"""

# torch and transformers do not say their types
# pyright: basic

from typing import Any

import torch
from torch import Tensor

from models.artifacts.refusal import ArtifactRefusedError

CONFIG = "config.json"
PACKED = ("qweight", "qzeros", "scales", "g_idx")
WORD = 32  # bits in which integers are packed


def unpacked(tensors: dict[str, Tensor], packing: dict[str, Any], dtype: torch.dtype) -> dict[str, Tensor]:
    """All tensors of the model, none of them packed."""
    bits, form = packing.get("bits"), packing.get("checkpoint_format", "gptq")
    if bits not in (4, 8) or form not in ("gptq", "gptq_v2"):
        raise ArtifactRefusedError(CONFIG, f"packs weights as {form!r} in {bits} bits, which is not known")
    plain = {name: tensor for name, tensor in tensors.items() if name.rpartition(".")[2] not in PACKED}
    for name in tensors:
        layer, _, part = name.rpartition(".")
        if part == "qweight":
            try:
                packed, zeros, scales, groups = (tensors[f"{layer}.{each}"] for each in PACKED)
            except KeyError as missing:
                raise ArtifactRefusedError(CONFIG, f"the packed weights lack {missing}") from missing
            plain[f"{layer}.weight"] = _weight(packed, zeros, scales, groups, bits, form == "gptq").to(dtype)
    return plain


def _weight(packed: Tensor, zeros: Tensor, scales: Tensor, groups: Tensor, bits: int, less: bool) -> Tensor:
    """Outputs by inputs. The older form keeps zero points less one."""
    shifts = torch.arange(0, WORD, bits, dtype=torch.int32)
    most = (1 << bits) - 1
    whole = (packed[:, None, :] >> shifts[None, :, None] & most).reshape(-1, packed.shape[1])
    zero = (zeros[:, :, None] >> shifts & most).reshape(zeros.shape[0], -1) + less
    groups = groups.long()
    return (scales[groups].float() * (whole - zero[groups]).float()).T.contiguous()
