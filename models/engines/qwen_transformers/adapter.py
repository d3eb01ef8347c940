"""Adapters: small additions to a model's weights, changed while it runs.

Takes a folder as peft writes it. What fits the model is put in where its tensors belong; put in, it has to change what
the model says about a known picture. Else it is refused and the one before stays.
"""

# torch and transformers do not say their types
# pyright: basic

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel
from peft.tuners.lora import awq, gptq
from peft.utils import other, quantization_utils
from safetensors.torch import load
from transformers import Qwen2_5_VLForConditionalGeneration

from models.answer import Digest
from models.artifacts.adapter import KEY, WORDS, Adapter, fitting, modules_of
from models.artifacts.words import parse
from models.engines.qwen_transformers.decode import Voice
from models.ports import AdapterRefusedError

HIGHEST_RANK = 256  # only to have a bound: any that is in use is far below

# Where GPTQModel is installed and optimum is not, peft fails while it looks for packed layers. There are none here.
for _room in (awq, gptq, other, quantization_utils):
    vars(_room)["is_gptqmodel_available"] = lambda: False


class Adapters:
    """The adapter in force, if any."""

    def __init__(self, model: Qwen2_5_VLForConditionalGeneration, voice: Voice) -> None:
        self._model = model
        self._voice = voice
        self._plain = voice.canary()
        self._modules = modules_of(model.config.to_dict())
        self._dressed: Any = None  # a PeftModel, once there was an adapter
        self._name = ""
        self._count = 0
        self.digest: Digest | None = None

    def take(self, folder: Path | None) -> Digest | None:
        """From now on this one. Raises `AdapterRefusedError`, and then nothing has changed."""
        if folder is None:
            self._undress()
            return None
        fit = fitting(folder, self._modules, HIGHEST_RANK)
        self._count += 1  # a name is never used twice, whatever is behind it
        name = f"adapter{self._count}"
        try:
            self._dress(name, fit)
        except Exception as problem:
            self._back(name)
            if isinstance(problem, AdapterRefusedError):
                raise
            raise AdapterRefusedError(f"the adapter cannot be put in: {problem!r}") from problem
        if self._name:
            self._dressed.delete_adapter(self._name)
        self._name, self.digest = name, fit.digest
        return fit.digest

    def _dress(self, name: str, fit: Adapter) -> None:
        words = parse(WORDS, fit.words)
        tensors = {KEY.sub(r"model.language_model.\1.\2", key): each for key, each in load(fit.weights).items()}
        config = LoraConfig(
            r=words["r"],
            lora_alpha=words["lora_alpha"],
            use_rslora=bool(words.get("use_rslora")),
            target_modules=sorted({key.rpartition(".")[0] for key in tensors}),
            inference_mode=True,
        )
        if self._dressed is None:
            self._dressed = PeftModel(self._model, config, name)
        else:
            self._dressed.add_adapter(name, config)
        self._dressed.eval()
        empty = dict(self._dressed.named_parameters())
        # not by way of a state_dict: asked for one, bitsandbytes changes its weights
        for key, tensor in tensors.items():
            empty[f"base_model.model.{key}.{name}.weight"].data.copy_(tensor)
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
