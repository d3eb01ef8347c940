"""Adapters: small additions to a model's weights, changed while it runs.

Takes a folder as peft writes it. An adapter is held against the model before it is put in: it may add to linear layers
of the language model and to nothing else, and its tensors must be exactly those that its settings ask for. Put in, it
has to change what the model says about a known picture. Else it is refused and the one before stays.
"""

# torch and transformers do not say their types
# pyright: basic

import hashlib
import re
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel
from peft.tuners.lora import awq, gptq
from peft.utils import other, quantization_utils
from safetensors.torch import load
from torch import Tensor
from transformers import Qwen2_5_VLForConditionalGeneration

from models.answer import Digest
from models.artifacts.refusal import ArtifactRefusedError
from models.artifacts.tensors import check_tensors
from models.artifacts.words import check_words, parse
from models.engines.qwen_transformers.decode import Voice
from models.ports import AdapterRefusedError

SETTINGS, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
KNOWN = frozenset({"r", "lora_alpha", "use_rslora", "target_modules"})
"""What an adapter may set."""
HARMLESS = frozenset(
    {"base_model_name_or_path", "inference_mode", "init_lora_weights", "lora_dropout", "peft_version", "revision"}
)
"""What may be set but means nothing here."""
KEY = re.compile(r"base_model\.model\.(?P<layer>model\.language_model\.layers\.[\w.]+)\.lora_(?P<half>[AB])\.weight")

# Where GPTQModel is installed and optimum is not, peft fails while it looks for packed layers. There are none here.
for _room in (awq, gptq, other, quantization_utils):
    vars(_room)["is_gptqmodel_available"] = lambda: False


class Adapters:
    """The adapter in force, if any."""

    def __init__(self, model: Qwen2_5_VLForConditionalGeneration, voice: Voice) -> None:
        self._model = model
        self._voice = voice
        self._plain = voice.canary()
        self._layers = {name: layer for name, layer in model.named_modules() if isinstance(layer, torch.nn.Linear)}
        self._dressed: Any = None  # a PeftModel, once there was an adapter
        self._name = ""
        self._count = 0
        self.digest: Digest | None = None

    def take(self, folder: Path | None) -> Digest | None:
        """From now on this one. Raises `AdapterRefusedError`, and then nothing has changed."""
        if folder is None:
            self._undress()
            return None
        settings, tensors, digest = _opened(folder)
        self._check(tensors, settings["r"])
        self._count += 1  # a name is never used twice, whatever is behind it
        name = f"adapter{self._count}"
        try:
            self._dress(name, settings, tensors)
        except Exception as problem:
            self._back(name)
            if isinstance(problem, AdapterRefusedError):
                raise
            raise AdapterRefusedError(f"the adapter cannot be put in: {problem!r}") from problem
        if self._name:
            self._dressed.delete_adapter(self._name)
        self._name, self.digest = name, digest
        return digest

    def _dress(self, name: str, settings: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        config = LoraConfig(**settings, lora_dropout=0.0, inference_mode=True)
        if self._dressed is None:
            self._dressed = PeftModel(self._model, config, name)
        else:
            self._dressed.add_adapter(name, config)
        self._dressed.eval()
        mark = f".{name}.weight"
        empty = {key.replace(mark, ".weight"): each for key, each in self._dressed.named_parameters() if mark in key}
        if either := empty.keys() ^ tensors.keys():
            raise AdapterRefusedError(f"settings and tensors disagree about {min(either)}")
        for (
            key,
            tensor,
        ) in tensors.items():  # not by way of a state_dict: asked for one, bitsandbytes changes its weights
            empty[key].data.copy_(tensor)
        self._dressed.set_adapter(name)
        said = self._voice.canary()
        if not said.isfinite().all():
            raise AdapterRefusedError("with it the model's scores are no numbers")
        if torch.equal(said, self._plain):
            raise AdapterRefusedError("it changes nothing")

    def _back(self, name: str) -> None:
        if not self._name:
            self._undress()
        else:
            self._dressed.set_adapter(self._name)
            if name in self._dressed.peft_config:
                self._dressed.delete_adapter(name)

    def _undress(self) -> None:
        if self._dressed is not None:
            self._dressed.unload()
        self._dressed, self._name, self.digest = None, "", None

    def _check(self, tensors: dict[str, Tensor], rank: int) -> None:
        for key, tensor in tensors.items():
            match = KEY.fullmatch(key)
            layer = self._layers.get(match["layer"]) if match else None
            if match is None or layer is None:
                raise AdapterRefusedError(f"{key} names no linear layer of the language model")
            shape = (rank, layer.in_features) if match["half"] == "A" else (layer.out_features, rank)
            if tuple(tensor.shape) != shape:
                raise AdapterRefusedError(f"{key} is {tuple(tensor.shape)} where {shape} would fit")


def _opened(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor], Digest]:
    try:
        words, content = (folder / SETTINGS).read_bytes(), (folder / WEIGHTS).read_bytes()
        check_words(SETTINGS, memoryview(words))
        check_tensors(WEIGHTS, memoryview(content))
    except OSError as problem:
        raise AdapterRefusedError(f"{folder}: {problem.strerror}: {problem.filename}") from problem
    except ArtifactRefusedError as problem:
        raise AdapterRefusedError(str(problem)) from problem
    return _settings(parse(SETTINGS, words)), load(content), hashlib.sha256(content).hexdigest()


def _settings(words: dict[str, Any]) -> dict[str, Any]:
    """Those that are known. A setting that might mean something else is refused, unless it stands at peft's default."""
    if words.get("peft_type") != "LORA":
        raise AdapterRefusedError(f"an adapter of the kind {words.get('peft_type')!r}; only LORA is known")
    usual = LoraConfig().to_dict()
    for name, value in words.items():
        if name not in KNOWN | HARMLESS | {"peft_type", "task_type", "auto_mapping"} and value != usual.get(name):
            raise AdapterRefusedError(f"its settings ask for {name}, which is not known")
    chosen = {name: words[name] for name in KNOWN & words.keys()}
    if not isinstance(chosen.get("r"), int) or not chosen.get("target_modules"):
        raise AdapterRefusedError("its settings name no rank or no layers")
    return chosen
