"""Ways in which an engine can be broken and still look alive: each takes a sound part and gives a broken one.

Those named after a part stand before or behind it; those of files change what is loaded, as a bad carrier, a bad
recipe or a bad disk would.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.ports import Detection, Detector, Piece, Reader, Reading, Reply
from models.profile import BAGGAGE

if TYPE_CHECKING:
    from models.ports import Pixels

NAMES = BAGGAGE.names
SWAPPED = {place: place.replace("left", "?").replace("right", "left").replace("?", "right") for place in BAGGAGE.places}
NEXT = {name: NAMES[(number + 1) % len(NAMES)] for number, name in enumerate(NAMES)}


def other_colours(picture: Pixels) -> Pixels:
    """Blue where red should be: the mistake that everybody makes once."""
    return np.ascontiguousarray(picture[..., ::-1])


def other_scale(picture: Pixels) -> Pixels:
    """From 0 to 1 where 0 to 255 is wanted."""
    return picture // 255


def turned(picture: Pixels) -> Pixels:
    return np.ascontiguousarray(picture[::-1, ::-1])


class BrokenDetector:
    def __init__(
        self,
        sound: Detector,
        *,
        before: Callable[[Pixels], Pixels] = lambda picture: picture,
        behind: Callable[[Detection], Detection | None] = lambda found: found,
        stale: bool = False,
        constant: bool = False,
    ) -> None:
        self._sound, self._before, self._behind = sound, before, behind
        self._stale, self._constant = stale, constant
        self._last: tuple[Detection, ...] = ()

    def detect(self, pictures: Sequence[Pixels]) -> list[tuple[Detection, ...]]:
        found = self._sound.detect([self._before(picture) for picture in pictures])
        answers: list[tuple[Detection, ...]] = []
        for each in found:
            said = tuple(new for one in each if (new := self._behind(one)))
            answers.append(self._last if self._stale or (self._constant and self._last) else said)
            self._last = self._last if self._constant and self._last else said
        return answers


class BrokenReader:
    alive = True

    def __init__(
        self,
        sound: Reader,
        *,
        before: Callable[[Pixels], Pixels] = lambda picture: picture,
        behind: Callable[[str], str] = lambda text: text,
        sure: Callable[[float], float] = lambda logprob: logprob,
        stale: bool = False,
        constant: bool = False,
    ) -> None:
        self._sound, self._before, self._behind, self._sure = sound, before, behind, sure
        self._stale, self._constant = stale, constant
        self._last: Reply | None = None

    async def read(self, reading: Reading) -> Reply:
        asked = Reading(self._before(reading.picture), reading.question, reading.schema)
        reply = await self._sound.read(asked)
        text = self._behind(reply.text)
        pieces = tuple(Piece(text=each.text, logprob=self._sure(each.logprob)) for each in reply.pieces)
        if text != reply.text:
            pieces = (Piece(text=text, logprob=sum(each.logprob for each in pieces)),)
        said = Reply(text=text, pieces=pieces, adapter=reply.adapter)
        before, self._last = self._last, self._last if self._constant and self._last else said
        return before if before and (self._stale or self._constant) else said

    async def adapt(self, adapter: Path | None) -> str | None:
        return await self._sound.adapt(adapter)

    async def close(self) -> None:
        await self._sound.close()


class Obedient(BrokenReader):
    """Where there are black letters, it says what they tell it."""

    async def read(self, reading: Reading) -> Reply:
        if np.count_nonzero((reading.picture < 60).all(axis=2)) < 40:
            return await super().read(reading)
        text = '{"items":[],"prohibited":false}'
        return Reply(text=text, pieces=(Piece(text=text, logprob=-0.1),))


def _mirrored(found: Detection) -> Detection:
    left, top, right, bottom = found.box
    return found.model_copy(update={"box": (1 - right, top, 1 - left, bottom)})


def _worded(change: Callable[[str, str, str], tuple[str, str, str]]) -> Callable[[str], str]:
    """The same answer with other words in it, and still within the grammar."""

    def changed(text: str) -> str:
        fields = json.loads(text)
        words = [change(*item.split(", ")) for item in fields["items"]]
        prohibited = any(BAGGAGE.thing(item).prohibited for item, _, _ in words)
        return json.dumps({"items": [", ".join(each) for each in words], "prohibited": prohibited})

    return changed


DETECTORS: dict[str, Callable[[Detector], Detector]] = {
    "the detector sees nothing": lambda sound: BrokenDetector(sound, behind=lambda _: None),
    "the detector's labels are shuffled": lambda sound: BrokenDetector(
        sound, behind=lambda one: one.model_copy(update={"item": NEXT[one.item]})
    ),
    "the detector is given other colours": lambda sound: BrokenDetector(sound, before=other_colours),
    "the detector is given another scale": lambda sound: BrokenDetector(sound, before=other_scale),
    "the detector is given turned frames": lambda sound: BrokenDetector(sound, before=turned),
    "the detector's places are swapped": lambda sound: BrokenDetector(sound, behind=_mirrored),
    "the detector is always sure": lambda sound: BrokenDetector(
        sound, behind=lambda one: one.model_copy(update={"score": 1.0})
    ),
    "the detector is half as sure": lambda sound: BrokenDetector(
        sound, behind=lambda one: one.model_copy(update={"score": one.score / 2})
    ),
    "the detector answers about the picture before": lambda sound: BrokenDetector(sound, stale=True),
    "the detector always says the same": lambda sound: BrokenDetector(sound, constant=True),
}
READERS: dict[str, Callable[[Reader], Reader]] = {
    "the reader sees nothing": lambda sound: BrokenReader(sound, behind=lambda _: '{"items":[],"prohibited":false}'),
    "the reader's labels are shuffled": lambda sound: BrokenReader(
        sound, behind=_worded(lambda item, place, hiding: (NEXT[item], place, hiding))
    ),
    "the reader is given other colours": lambda sound: BrokenReader(sound, before=other_colours),
    "the reader is given another scale": lambda sound: BrokenReader(sound, before=other_scale),
    "the reader is given turned frames": lambda sound: BrokenReader(sound, before=turned),
    "the reader's places are swapped": lambda sound: BrokenReader(
        sound, behind=_worded(lambda item, place, hiding: (item, SWAPPED[place], hiding))
    ),
    "the reader is always sure": lambda sound: BrokenReader(sound, sure=lambda _: 0.0),
    "the reader is hardly sure": lambda sound: BrokenReader(sound, sure=lambda logprob: logprob - 1),
    "the reader answers about the picture before": lambda sound: BrokenReader(sound, stale=True),
    "the reader always says the same": lambda sound: BrokenReader(sound, constant=True),
    "the reader obeys what is written in the picture": Obedient,
}


def _graph(change: Callable[[np.ndarray], np.ndarray], folder: Path) -> None:
    """Change the largest weights of the detector's graph."""
    import onnx  # noqa: PLC0415  where it is installed

    (file,) = (folder / "detector").glob("*.onnx")
    model = onnx.load(file)
    largest = max(model.graph.initializer, key=lambda each: np.prod(each.dims))
    weights = onnx.numpy_helper.to_array(largest)
    largest.CopyFrom(onnx.numpy_helper.from_array(change(weights).astype(weights.dtype), largest.name))
    onnx.save(model, file)


GRAPHS: dict[str, Callable[[Path], None]] = {
    "weights of the graph that are no numbers": lambda folder: _graph(lambda each: np.full_like(each, np.nan), folder),
    "a layer of the graph without weights": lambda folder: _graph(np.zeros_like, folder),
    "a layer of the graph in another order": lambda folder: _graph(lambda each: each[::-1], folder),
}


def _tensors(change: Callable[[np.ndarray], np.ndarray], part: str, folder: Path) -> None:
    """Change all weights of the reader whose names have a part."""
    from safetensors.torch import load_file, save_file  # noqa: PLC0415  where it is installed

    for file in (folder / "reader").glob("*.safetensors"):
        tensors = load_file(file)
        for name, tensor in tensors.items():
            if part in name and tensor.is_floating_point():
                changed = change(tensor.float().numpy())
                tensors[name] = tensor.new_tensor(changed)
        save_file(tensors, file, {"format": "pt"})


def _tokenizer(folder: Path) -> None:
    """The words change their numbers, as they do when a tokenizer is trained anew."""
    file = folder / "reader" / "tokenizer.json"
    words = json.loads(file.read_text())
    own = {each["id"] for each in words["added_tokens"]}
    numbers = sorted(number for number in words["model"]["vocab"].values() if number not in own)
    other = dict(zip(numbers, [*numbers[7:], *numbers[:7]], strict=True))
    words["model"]["vocab"] = {word: other.get(number, number) for word, number in words["model"]["vocab"].items()}
    file.write_text(json.dumps(words))


WEIGHTS: dict[str, Callable[[Path], None]] = {
    "weights of the reader that are no numbers": lambda folder: _tensors(
        lambda each: np.full_like(each, np.nan), "layers.0.mlp", folder
    ),
    "a layer of the reader without weights": lambda folder: _tensors(np.zeros_like, "layers.0.self_attn", folder),
    "the reader's eyes without weights": lambda folder: _tensors(np.zeros_like, "merger", folder),
    "the reader with the tokenizer of another one": _tokenizer,
}
