"""Sixty and more ways in which a model's folder can be wrong: every one is refused before any library sees it."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.artifacts.folder import checked
from models.artifacts.refusal import ArtifactRefusedError
from tests.models.artifacts.making import HEADER, ONES, field, folder, graph, model, node, tensor, tensors


class Evil:
    """Unpickled, it would make a folder in the folder it is unpickled in."""

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, ("unpickled",)


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as whole:
        whole.writestr("archive/data.pkl", PICKLE)
    return out.getvalue()


def tape() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as whole:
        info = tarfile.TarInfo("../../outside")
        info.size = len(PICKLE)
        whole.addfile(info, io.BytesIO(PICKLE))
    return out.getvalue()


def described(**changes: Any) -> bytes:
    return tensors(HEADER | {"a": HEADER["a"] | changes})


def outside(path: str) -> bytes:
    return tensor(field(13, field(1, "location") + field(2, path)), field(14, 1))


def nested(depth: int) -> bytes:
    whole = graph(initializer=outside("x"))
    for _ in range(depth):
        whole = graph(node(field(5, field(6, whole))))
    return model(whole)


PICKLE = pickle.dumps(Evil())
WEIGHTS, GRAPH, WORDS = "model.safetensors", "detector.onnx", "config.json"

KINDS = [
    f"weights.{end}"
    for end in (
        *("bin", "pt", "pth", "pkl", "pickle", "ckpt", "zip", "tar", "gz", "npz", "npy", "h5", "gguf"),
        *("msgpack", "py", "so", "mar", "engine", "keras", "joblib"),
    )
]
PAYLOADS = {
    "pickle": PICKLE,
    "zip": archive(),
    "tar": tape(),
    "gzip": gzip.compress(PICKLE),
    "nothing but zeros": bytes(64),
}

BAD: dict[str, dict[str, bytes]] = {
    **{f"a file called {name}": {name: PICKLE} for name in KINDS},
    **{f"{what} called weights": {WEIGHTS: one} for what, one in PAYLOADS.items()},
    **{f"{what} called a graph": {GRAPH: one} for what, one in PAYLOADS.items()},
    **{f"{what} called settings": {WORDS: one} for what, one in PAYLOADS.items()},
    "text that is none": {"merges.txt": PICKLE},
    "weights: header longer than the file": {WEIGHTS: tensors(length=1 << 40)},
    "weights: header of the largest number": {WEIGHTS: tensors(length=2**64 - 1)},
    "weights: header shorter than it is": {WEIGHTS: tensors(length=20)},
    "weights: no header": {WEIGHTS: tensors(length=0)},
    "weights: header that is a list": {WEIGHTS: tensors(b"[]", b"")},
    "weights: header in which a tensor stands twice": {WEIGHTS: tensors(b'{"a": {}, "a": {}}')},
    "weights: header nested without end": {WEIGHTS: tensors(b'{"a":' * 100_000)},
    "weights: no tensors": {WEIGHTS: tensors({"__metadata__": {}}, b"")},
    "weights: larger than its place": {WEIGHTS: described(shape=[3, 3])},
    "weights: smaller than its place": {WEIGHTS: described(shape=[1])},
    "weights: negative sides": {WEIGHTS: described(shape=[-2, -2])},
    "weights: sides beyond counting": {WEIGHTS: described(shape=[2**63, 2**63])},
    "weights: a side that is true": {WEIGHTS: described(shape=[True, 4])},
    "weights: numbers nobody knows": {WEIGHTS: described(dtype="OBJECT")},
    "weights: end before begin": {WEIGHTS: described(data_offsets=[16, 0])},
    "weights: before the file": {WEIGHTS: described(data_offsets=[-16, 0])},
    "weights: behind the file": {WEIGHTS: described(data_offsets=[160, 176])},
    "weights: one over another": {WEIGHTS: tensors(HEADER | {"c": HEADER["a"]})},
    "weights: a path in a tensor": {WEIGHTS: described(file="/etc/passwd")},
    "weights: something behind them": {WEIGHTS: tensors(body=ONES + PICKLE)},
    "weights: something before them": {WEIGHTS: tensors({"a": HEADER["b"]})},
    "weights: cut off": {WEIGHTS: tensors(body=ONES[:-4])},
    **{
        f"graph: a tensor in {path}": {GRAPH: model(graph(initializer=outside(path)))}
        for path in ("/etc/passwd", "../../secret", "weights.bin", "")
    },
    "graph: a tensor outside, deep inside": {GRAPH: nested(3)},
    "graph: without end": {GRAPH: nested(60)},
    "graph: a tensor outside, in a node": {GRAPH: model(graph(node(field(5, field(5, outside("x"))))))},
    "graph: a tensor outside, in a sparse one": {GRAPH: model(graph() + field(15, field(1, outside("x"))))},
    "graph: a tensor outside, in a function": {
        GRAPH: model(None, field(25, field(7, node(field(5, field(10, outside("x")))))))
    },
    "graph: a tensor larger than it is": {GRAPH: model(graph(initializer=tensor(dimensions=(2000, 3000))))},
    "graph: a tensor smaller than it is": {GRAPH: model(graph(initializer=tensor(raw=ONES * 9)))},
    "graph: operators of others": {GRAPH: model(domain="evil.operators")},
    "graph: an operator of others": {GRAPH: model(graph(node(domain="evil.operators")))},
    "graph: made for training": {GRAPH: model(None, field(20, graph()))},
    "graph: two of them": {GRAPH: model(None, field(7, graph()))},
    "graph: none": {GRAPH: field(1, 9)},
    "graph: cut off": {GRAPH: model()[:-3]},
    "graph: a number without an end": {GRAPH: b"\xff" * 20},
    "graph: a field longer than the file": {GRAPH: field(1, 9) + b"\x3a\xff\xff\xff\x7f"},
    **{
        f"settings: {key}": {WORDS: json.dumps({"deep": [{key: "x.py"}]}).encode()}
        for key in ("auto_map", "trust_remote_code", "custom_pipelines")
    },
    "graph: a field whose number others read shorter": {
        GRAPH: model(graph(initializer=tensor(field((1 << 29) + 13, b"x"), field((1 << 29) + 14, 1))))
    },
    "graph: an operator that opens files": {GRAPH: model(graph(node(domain="com.microsoft")))},
    **{
        f"settings: weights in {path}": {WORDS: json.dumps({"weight_map": {"a": path}}).encode()}
        for path in ("../../evil.safetensors", "evil.bin", 7)
    },
    "settings: a list": {WORDS: b"[]"},
    "settings: a key twice": {WORDS: b'{"auto": 1, "auto": 2}'},
    "settings: nested without end": {WORDS: b'{"a":' * 100_000},
}


@pytest.mark.parametrize("what", BAD)
def test_it_is_refused(tmp_path: Path, what: str) -> None:
    place = folder(tmp_path / "model", BAD[what])
    (name,) = BAD[what]
    with pytest.raises(ArtifactRefusedError) as refused:
        checked(place)
    assert refused.value.name == name
    assert refused.value.why
    assert not list(tmp_path.rglob("unpickled"))


def test_there_are_at_least_sixty() -> None:
    assert len(BAD) >= 60


def test_good_ones_are_not(tmp_path: Path) -> None:
    """Else the refusals above would prove nothing."""
    subgraph = model(graph(node(field(5, field(6, graph()))), node(field(5, field(5, tensor())))), domain="ai.onnx")
    empty = tensors({"a": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}, b"")
    files = {"empty.safetensors": empty, "nested.onnx": subgraph, "merges.txt": "é ü".encode(), "tokenizer.json": b"{}"}
    found = checked(folder(tmp_path / "model", files))
    assert found.keys() == {*files, WEIGHTS, GRAPH, WORDS}
    assert all(path.read_bytes() for path in found.values())


def _link(place: Path) -> None:
    (place / WORDS).rename(place.parent / "elsewhere")
    (place / WORDS).symlink_to(place.parent / "elsewhere")


def _pipe(place: Path) -> None:
    (place / WORDS).unlink()
    os.mkfifo(place / WORDS)


def _change(place: Path) -> None:
    whole = bytearray((place / WEIGHTS).read_bytes())
    whole[-1] ^= 1
    (place / WEIGHTS).write_bytes(whole)


def _manifest(place: Path, **changes: Any) -> None:
    path = place / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


AFTERWARDS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a link": (_link, WORDS),
    "a pipe": (_pipe, WORDS),
    "a bit": (_change, WEIGHTS),
    "longer": (lambda place: (place / WEIGHTS).write_bytes((place / WEIGHTS).read_bytes() + b"x"), WEIGHTS),
    "gone": (lambda place: (place / GRAPH).unlink(), GRAPH),
    "empty": (lambda place: (place / GRAPH).write_bytes(b""), GRAPH),
    "a stranger": (lambda place: (place / "extra.json").write_text("{}"), "extra.json"),
    "a folder": (lambda place: (place / "sub").mkdir(), "sub"),
    "no manifest": (lambda place: (place / "manifest.json").unlink(), "manifest.json"),
    "a manifest of nothing": (lambda place: _manifest(place, files={}), "manifest.json"),
    "a manifest with more in it": (lambda place: _manifest(place, run="x.py"), "manifest.json"),
    "a way out": (
        lambda place: _manifest(place, files={"../x.json": {"size": 1, "sha256": "0" * 64}}),
        "manifest.json",
    ),
}


@pytest.mark.parametrize("what", AFTERWARDS)
def test_what_happened_to_a_good_folder_is_seen(tmp_path: Path, what: str) -> None:
    place = folder(tmp_path / "model")
    happens, name = AFTERWARDS[what]
    happens(place)
    with pytest.raises(ArtifactRefusedError) as refused:
        checked(place)
    assert refused.value.name == name
