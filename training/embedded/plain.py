"""The tiny reader as plainly as can be, behind the door of serving: what training measures its own work with.

Takes a folder, gives a `Reader` that no grammar holds to its words, so that valid answers are the model's own doing.
Questions of one kind that wait together are answered together, for all wait for the longest answer; a picture is looked
at once for all that is asked about it.
"""

# torch and transformers do not say their types
# pyright: basic

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import DynamicCache, PreTrainedTokenizerFast, Qwen2_5_VLForConditionalGeneration

from models.ports import AdapterRefusedError, Piece, Reading, Reply
from training.embedded.reader import all_at_once, already
from training.embedded.rows import END, TOKENS, Layout, grid_of, patches_of

TOGETHER = 64  # questions
REMEMBERED = 100  # pictures
LONGEST = 400  # tokens of an answer


class PlainReader:
    alive = True

    def __init__(self, folder: Path, longest: int = LONGEST) -> None:
        self._tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(folder)
        self._model: Any = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
        self._longest = longest
        self._layout = Layout(self._tokenizer)
        (self._end,) = self._layout.ids(END)
        self._looked: dict[bytes, Tensor] = {}
        self._waiting: list[tuple[Reading, asyncio.Future[Reply]]] = []

    async def read(self, reading: Reading) -> Reply:
        waits: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append((reading, waits))
        await asyncio.sleep(0)  # whoever asks at the same time has asked now
        self._waiting.sort(key=lambda each: each[0].schema)
        while not waits.done():
            now, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            for (_, asked), reply in zip(now, self._replies([each for each, _ in now]), strict=True):
                asked.set_result(reply)
        return waits.result()

    async def adapt(self, adapter: Path | None) -> str | None:
        if adapter is not None:
            raise AdapterRefusedError("the plain reader takes no adapters")
        return None

    async def close(self) -> None:
        """Nothing is held open."""

    @torch.inference_mode()
    def _replies(self, readings: list[Reading]) -> list[Reply]:
        rows = [self._layout.row([(each.question, "")]) for each in readings]
        batch = self._layout.batch(rows)
        lengths = torch.tensor([len(row.ids) for row in rows])
        cache = DynamicCache()
        out = self._model.model(
            input_ids=batch["ids"],
            attention_mask=batch["mask"],
            position_ids=batch["positions"],
            mm_encoder_outputs=already(self._looks(readings)),
            past_key_values=cache,
        ).last_hidden_state
        many = torch.arange(len(rows))
        logits = self._model.lm_head(out[many, lengths - 1])
        # What fills up the shorter rows stays in the cache; nobody looks at it.
        seen = torch.arange(out.shape[1]) < lengths[:, None]
        place = batch["positions"].amax(dim=(0, 2)) + 1
        said, sure = [], []
        going = torch.ones(len(rows), dtype=torch.bool)
        for _ in range(self._longest):
            best = logits.log_softmax(dim=-1).max(dim=-1)
            said.append(torch.where(going, best.indices, self._end))
            sure.append(best.values)
            going = going & (best.indices != self._end)
            if not going.any():
                break
            seen = torch.cat([seen, torch.ones(len(rows), 1, dtype=torch.bool)], dim=1)
            out = self._model.model(
                input_ids=said[-1][:, None],
                attention_mask=seen[:, None, None],
                position_ids=place.expand(3, -1)[..., None],
                past_key_values=cache,
            ).last_hidden_state
            logits = self._model.lm_head(out[:, -1])
            place = place + 1
        return [self._reply(ids, logprobs) for ids, logprobs in zip(_rows(said), _rows(sure), strict=True)]

    def _looks(self, readings: list[Reading]) -> Tensor:
        """What the vision tower says of each reading's picture."""
        new = {key: each.picture for each in readings if (key := each.picture.tobytes()) not in self._looked}
        if new:
            if len(self._looked) > REMEMBERED:
                new = {each.picture.tobytes(): each.picture for each in readings}
                self._looked.clear()
            patches = torch.from_numpy(np.concatenate([patches_of(each) for each in new.values()]))
            with all_at_once():
                looked = self._model.model.visual(patches, grid_thw=grid_of(len(new))).pooler_output
            self._looked |= zip(new, looked.reshape(len(new), TOKENS, -1), strict=True)
        return torch.cat([self._looked[each.picture.tobytes()] for each in readings])

    def _reply(self, ids: list[int], logprobs: list[float]) -> Reply:
        pieces: list[Piece] = []
        text = ""
        for place, (each, logprob) in enumerate(zip(ids, logprobs, strict=True), 1):
            if each == self._end:
                break
            whole = str(self._tokenizer.decode(ids[:place]))
            pieces.append(Piece(text=whole[len(text) :], logprob=logprob))
            text = whole
        return Reply(text=text, pieces=tuple(pieces))


def _rows(columns: list[Tensor]) -> list[Any]:
    return torch.stack(columns, dim=1).tolist()
