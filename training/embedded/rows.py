"""How a picture and the questions about it stand in a row of tokens, as Qwen's template and processor would have it.

Takes framed pictures and lessons, gives patches, tokens and their positions. All questions about a picture may stand
in one row behind it: none of them sees another one, so it is as if each had been asked alone, at less than half the
price.
"""

# torch and transformers do not say their types
# pyright: basic

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from transformers import PreTrainedTokenizerFast

from models import prompt
from models.profile import BAGGAGE

MEAN = np.array((0.48145466, 0.4578275, 0.40821073), np.float32)  # Qwen's, of red, green and blue
SPREAD = np.array((0.26862954, 0.26130258, 0.27577711), np.float32)
WIDE, HIGH = BAGGAGE.reader_frame[0] // 28, BAGGAGE.reader_frame[1] // 28  # tokens
TOKENS = WIDE * HIGH
IGNORED = -100
END = "<|im_end|>"


@dataclass(frozen=True, slots=True)
class Row:
    ids: list[int]
    labels: list[int]
    block: list[int]  # 0: the picture and what stands before it; then the number of the question
    positions: Tensor


class Layout:
    """The fixed words around picture and question, in the tokens of one tokenizer."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        self._tokenizer = tokenizer
        whole = str(tokenizer.apply_chat_template(prompt.messages("?"), tokenize=False, add_generation_prompt=True))
        before, self._after = whole.split("<|image_pad|><|vision_end|>")
        words = self.ids(before)
        self._picture = [*words, *self.ids("<|image_pad|>") * TOKENS, *self.ids("<|vision_end|>")]
        self._start = _positions(len(words))
        self.filling = self.ids(str(tokenizer.pad_token))[0]

    def row(self, asked: Iterable[tuple[str, str]]) -> Row:
        """Questions with their answers, each behind the picture alone. An answer of nothing is still to be given."""
        ids = list(self._picture)
        labels, block, positions = [IGNORED] * len(ids), [0] * len(ids), [self._start]
        first = int(self._start.max()) + 1
        for number, (question, answer) in enumerate(asked, 1):
            before = self.ids(self._after.replace("?", question, 1))
            answered = self.ids(f"{answer}{END}") if answer else []
            length = len(before) + len(answered)
            ids += [*before, *answered]
            labels += [*([IGNORED] * len(before)), *answered]
            block += [number] * length
            positions.append(torch.arange(first, first + length).expand(3, -1))
        return Row(ids, labels, block, torch.cat(positions, dim=1))

    def batch(self, rows: list[Row]) -> dict[str, Tensor]:
        """As long as the longest, filled behind; the mask says what each token sees."""
        longest = max(len(row.ids) for row in rows)
        block = torch.tensor([_longer(row.block, longest, -1) for row in rows])
        own = (block[:, None, :] == 0) | (block[:, None, :] == block[:, :, None])
        return {
            "ids": torch.tensor([_longer(row.ids, longest, self.filling) for row in rows]),
            "labels": torch.tensor([_longer(row.labels, longest, IGNORED) for row in rows]),
            "positions": torch.stack([_filled(row.positions, longest) for row in rows], dim=1),
            "mask": (own & torch.ones(longest, longest, dtype=torch.bool).tril())[:, None],
        }

    def ids(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])


def grid_of(many: int) -> Tensor:
    """The patches of so many pictures: time, rows, columns."""
    return torch.tensor([[1, HIGH * 2, WIDE * 2]] * many)


def patches_of(picture: np.ndarray) -> np.ndarray:
    """A framed picture as Qwen's processor lays it out: patches of 14 pixels, four to a token, twice in time."""
    light = (picture.astype(np.float32) / 255 - MEAN) / SPREAD
    tiles = light.reshape(HIGH, 2, 14, WIDE, 2, 14, 3).transpose(0, 3, 1, 4, 6, 2, 5)
    twice = np.repeat(tiles[:, :, :, :, :, None], 2, axis=5)
    return np.ascontiguousarray(twice.reshape(TOKENS * 4, -1))


def _positions(before: int) -> Tensor:
    """Qwen's three positions (time, row, column) of the words before the picture, its tokens, and its end."""
    words = torch.arange(before).expand(3, -1)
    rows, columns = torch.arange(HIGH).repeat_interleave(WIDE), torch.arange(WIDE).repeat(HIGH)
    picture = before + torch.stack([torch.zeros(TOKENS, dtype=torch.long), rows, columns])
    return torch.cat([words, picture, torch.full((3, 1), before + max(WIDE, HIGH))], dim=1)


def _longer(values: list[int], length: int, filling: int) -> list[int]:
    return [*values, *([filling] * (length - len(values)))]


def _filled(positions: Tensor, length: int) -> Tensor:
    return functional.pad(positions, (0, length - positions.shape[1]))
