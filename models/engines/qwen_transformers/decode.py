"""Answers a batch of questions: one pass over all prompts, then a token for each answer until the last has ended.

Takes a model with its processor, and readings. Gives each answer as soon as it ends: its pieces, or why there are none.
Always the likeliest token that the schema allows; how likely is told before the schema has its say. Scores that are no
numbers fail their own question. Running out of memory is the caller's to survive.
"""

# torch and transformers do not say their types
# pyright: basic

import codecs
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from llguidance import LLMatcher
from torch import Tensor
from transformers import Qwen2_5_VLForConditionalGeneration, Qwen2_5_VLProcessor

from models import prompt
from models.engines.qwen_transformers.grammar import Grammars
from models.ports import EngineRefusedError, Piece, Reading

LONGEST = 1024
"""Tokens of an answer. One that has not ended by then is refused, never cut off."""
CELL = 28
"""Pixels along a token of the picture."""
CANARY = np.random.default_rng(7).integers(0, 256, (CELL * 4, CELL * 4, 3), np.uint8)

Said = tuple[Piece, ...] | EngineRefusedError


class Voice:
    """A model that can be asked."""

    def __init__(
        self, model: Qwen2_5_VLForConditionalGeneration, processor: Qwen2_5_VLProcessor, longest: int = LONGEST
    ) -> None:
        self._model: Any = model
        self._processor: Any = processor
        self._longest = longest
        self._grammars = Grammars(processor.tokenizer, self._model.config.text_config.vocab_size)
        self._reserved = tuple(str(each) for each in processor.tokenizer.added_tokens_decoder.values())

    @torch.inference_mode()
    def say(self, readings: Sequence[Reading]) -> Iterator[tuple[int, Said]]:
        """The number of a reading and what is said to it, in the order in which answers end."""
        rows: list[_Row] = []
        for number, reading in enumerate(readings):
            try:
                self._check(reading)
                rows.append(_Row(number, self._grammars.matcher(reading.schema)))
            except EngineRefusedError as problem:
                yield number, problem
        if not rows:
            return
        inputs = self._inputs([readings[row.number] for row in rows])
        seen, places = inputs["attention_mask"], self._places(inputs)
        after = places.amax(dim=(0, 2))[:, None] + 1
        out = self._model(**inputs, position_ids=places, use_cache=True, logits_to_keep=1)
        for _ in range(self._longest):
            ended = self._choose(rows, out.logits[:, -1].float())
            yield from ((row.number, said) for row, said in zip(rows, ended, strict=True) if said is not None)
            on = [place for place, said in enumerate(ended) if said is None]
            if not on:
                return
            if len(on) < len(rows):
                rows = [rows[place] for place in on]
                kept = torch.tensor(on, device=seen.device)
                seen, after = seen[kept], after[kept]
                out.past_key_values.batch_select_indices(kept)
            seen = torch.cat([seen, seen.new_ones(len(rows), 1)], dim=1)
            out = self._model(
                input_ids=torch.tensor([[row.tokens[-1]] for row in rows], device=seen.device),
                attention_mask=seen,
                position_ids=after.expand(3, -1, -1),
                past_key_values=out.past_key_values,
                use_cache=True,
            )
            after = after + 1
        for row in rows:
            yield row.number, EngineRefusedError(f"the answer did not end within {self._longest} tokens")

    @torch.inference_mode()
    def canary(self) -> Tensor:
        """The scores of the first token of an answer about a picture that never changes."""
        inputs = self._inputs([Reading(CANARY, prompt.question("general"), "{}")])
        return self._model(**inputs, position_ids=self._places(inputs), logits_to_keep=1).logits.float().cpu()

    def _check(self, reading: Reading) -> None:
        height, width = reading.picture.shape[:2]
        if height % CELL or width % CELL:
            raise EngineRefusedError(f"a picture of {width} by {height} is not framed: {CELL} must divide both sides")
        for word in self._reserved:
            if word in reading.question:
                raise EngineRefusedError(f"{word!r} in a question would be taken for more than words")

    def _inputs(self, readings: Sequence[Reading]) -> dict[str, Tensor]:
        asked = [
            self._processor.apply_chat_template(
                prompt.messages(reading.question), tokenize=False, add_generation_prompt=True
            )
            for reading in readings
        ]
        inputs = self._processor(
            text=asked,
            images=[reading.picture for reading in readings],
            text_kwargs={"padding": True, "padding_side": "left", "return_mm_token_type_ids": True},
            images_kwargs={"do_resize": False, "input_data_format": "channels_last"},
            return_tensors="pt",
        )
        return inputs.to(self._model.device)

    def _places(self, inputs: dict[str, Tensor]) -> Tensor:
        """Qwen's three positions (time, row, column) of every token."""
        return self._model.model.get_rope_index(**{name: inputs[name] for name in inputs if name != "pixel_values"})[0]

    def _choose(self, rows: "list[_Row]", scores: Tensor) -> list[Said | None]:
        """A token more for every answer; what those say that end with it."""
        sound = scores.isfinite().all(dim=-1).tolist()
        allowed = torch.from_numpy(self._grammars.allowed([row.matcher for row in rows])).to(scores.device)
        chosen = scores.masked_fill(~allowed, -torch.inf).argmax(dim=-1, keepdim=True)
        sure = scores.log_softmax(dim=-1).gather(1, chosen)[:, 0].tolist()
        picked = chosen[:, 0].tolist()
        return [
            self._take(row, token, logprob) if well else EngineRefusedError("the model's scores are no numbers")
            for row, token, logprob, well in zip(rows, picked, sure, sound, strict=True)
        ]

    def _take(self, row: "_Row", token: int, logprob: float) -> Said | None:
        if token == self._processor.tokenizer.eos_token_id and row.matcher.is_accepting():
            return self._pieces(row)
        if not row.matcher.consume_token(token):
            return EngineRefusedError(f"the schema was left: {row.matcher.get_error()}")
        row.tokens.append(token)
        row.logprobs.append(logprob)
        return self._pieces(row) if row.matcher.is_stopped() else None

    def _pieces(self, row: "_Row") -> tuple[Piece, ...]:
        read = codecs.getincrementaldecoder("utf-8")(errors="replace")
        return tuple(
            Piece(text=read.decode(self._grammars.bytes_of(token)), logprob=logprob)
            for token, logprob in zip(row.tokens, row.logprobs, strict=True)
        )


class _Row:
    """An answer on its way."""

    def __init__(self, number: int, matcher: LLMatcher) -> None:
        self.number = number
        self.matcher = matcher
        self.tokens: list[int] = []
        self.logprobs: list[float] = []
