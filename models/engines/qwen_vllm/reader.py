"""The reader on vLLM: many questions at once, one schema each, under the adapter of the moment.

Takes framed pictures with their questions, gives what the model said token by token. Adapters change while questions
are in flight. Three of vLLM's habits make that hard: it keeps the weights of an adapter by number, what it computed by
name and path, and in one batch it takes two adapters of one name for the same. So every change, even back to an adapter
that was there before, gets a number, a name and a path that never come again. And no more of them are with vLLM than it
has places for, so that none is ever thrown out and read again.
"""

# torch and transformers do not say their types
# pyright: basic, reportArgumentType=false, reportOptionalSubscript=false, reportOptionalMemberAccess=false

import asyncio
import json
import math
from collections.abc import Coroutine
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Self, TypeVar

import numpy as np
from PIL import Image
from vllm import SamplingParams
from vllm.inputs import TextPrompt
from vllm.lora.request import LoRARequest
from vllm.outputs import CompletionOutput
from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams
from vllm.v1.engine.async_llm import AsyncLLM
from vllm.v1.engine.exceptions import EngineDeadError

from models import prompt
from models.artifacts.adapter import fitting, modules_of
from models.engines.qwen_vllm.start import FORCES, limits, settings_of, started
from models.ports import (
    AdapterRefusedError,
    EngineError,
    EngineRefusedError,
    EngineUnavailableError,
    Piece,
    Reading,
    Reply,
)
from models.profile import Profile

PATIENCE = 1.0  # seconds that vLLM gets to end by itself
LISTEN = 1.0  # seconds between looks at whether vLLM still lives
ALTERNATIVES = 5  # tokens that the canary is compared by at each place
FAINT = 1e-3  # of a log-probability: less is no change
DEAD = "vLLM has ended; the engine must be started anew"

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Force:
    """What questions are answered with, from one change to the next."""

    digest: str | None = None
    lora: LoRARequest | None = None
    asked: int = 0


class QwenVllm:
    """A `Reader`. Of its own it has a process of vLLM's, and a folder with copies of the adapters in use."""

    def __init__(self, llm: AsyncLLM, folder: Path, profile: Profile) -> None:
        self._llm = llm
        self._modules = modules_of(settings_of(folder))
        self._copies = Path(mkdtemp(prefix="lanewatch-adapters-"))
        self._canary = _canary(profile)
        self._force = _Force()
        self._spent: list[_Force] = []
        self._freed = asyncio.Event()
        self._changing = asyncio.Lock()
        self._numbers, self._names = count(1), count(1)

    @classmethod
    async def load(cls, folder: Path, profile: Profile) -> Self:
        settings_of(folder)
        return cls(await asyncio.to_thread(started, folder, profile.reader_frame), folder, profile)

    @property
    def alive(self) -> bool:
        return not self._llm.errored

    async def read(self, reading: Reading) -> Reply:
        force = self._force
        force.asked += 1
        try:
            said = await self._or_dead(self._ask(reading, force.lora))
        finally:
            force.asked -= 1
            self._freed.set()
        return Reply(text=said.text, pieces=_pieces(said), adapter=force.digest)

    async def adapt(self, adapter: Path | None) -> str | None:
        async with self._changing:
            await self._sweep()
            force = _Force() if adapter is None else await self._loaded(adapter)
            self._spent.append(self._force)
            self._force = force
            return force.digest

    async def close(self) -> None:
        self._llm.shutdown(timeout=PATIENCE)
        await asyncio.to_thread(rmtree, self._copies, ignore_errors=True)

    async def _loaded(self, folder: Path) -> _Force:
        """An adapter that fits, is with vLLM, and changes the canary's answer."""
        fit = await asyncio.to_thread(fitting, folder, self._modules, limits().rank)
        number = next(self._numbers)
        copy = self._copies / f"{number}-{fit.digest}"
        await asyncio.to_thread(fit.put, copy)
        force = _Force(fit.digest, LoRARequest(f"{fit.digest}-{number}", number, str(copy)))
        try:
            await self._or_dead(self._llm.add_lora(force.lora))
            await self._sing(force)
        except BaseException as problem:
            self._spent.append(force)
            if isinstance(problem, EngineRefusedError):
                raise AdapterRefusedError(str(problem)) from problem
            raise
        return force

    async def _sing(self, force: _Force) -> None:
        """The canary's answer must be another one than without an adapter, and than with the one in force."""
        others = [None] if self._force.digest in (None, force.digest) else [None, self._force.lora]
        songs = await asyncio.gather(
            *(self._or_dead(self._ask(self._canary, lora, ALTERNATIVES)) for lora in (force.lora, *others))
        )
        _pieces(songs[0])  # which are numbers
        if any(_same(songs[0], other) for other in songs[1:]):
            raise AdapterRefusedError("a known question is answered exactly as before: it changes nothing")

    async def _sweep(self) -> None:
        """Let go of what no question is in flight with any more, and wait until there is room for one more."""
        while True:
            self._freed.clear()
            for force in [force for force in self._spent if not force.asked]:
                self._spent.remove(force)
                if force.lora is not None:
                    await self._or_dead(self._llm.remove_lora(force.lora.lora_int_id))
                    await asyncio.to_thread(rmtree, force.lora.lora_path, ignore_errors=True)
            if sum(force.lora is not None for force in (*self._spent, self._force)) < FORCES:
                return
            await self._freed.wait()

    async def _ask(self, reading: Reading, lora: LoRARequest | None, alternatives: int = 0) -> CompletionOutput:
        words = self._llm.renderer.get_tokenizer().apply_chat_template(
            prompt.messages(reading.question), tokenize=False, add_generation_prompt=True
        )
        picture = Image.fromarray(np.ascontiguousarray(reading.picture))
        asked = TextPrompt(prompt=words, multi_modal_data={"image": picture})
        (rendered,) = await self._llm.renderer.render_cmpl_async([asked])
        how = SamplingParams(
            temperature=0.0,
            max_tokens=None,
            logprobs=alternatives,
            structured_outputs=StructuredOutputsParams(json=reading.schema),
            output_kind=RequestOutputKind.FINAL_ONLY,
        )
        said = None
        async for output in self._llm.generate(rendered, how, str(next(self._names)), lora_request=lora):
            said = output.outputs[0]
        if said is None or said.finish_reason != "stop":
            raise EngineRefusedError(f"the answer did not come to its end ({said and said.finish_reason})")
        return said

    async def _or_dead(self, work: Coroutine[None, None, T]) -> T:
        """Wait for vLLM, but not for a dead one. Whoever is no longer waited for is aborted."""
        task = asyncio.create_task(work)
        try:
            await self._done(task)
            return task.result()
        except EngineError:
            raise
        except EngineDeadError as problem:
            raise EngineUnavailableError(DEAD) from problem
        except Exception as problem:  # vLLM raises of all kinds, its own plain ones too
            raise EngineRefusedError(f"vLLM: {problem.__cause__ or problem}") from problem
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=LISTEN)

    async def _done(self, task: asyncio.Task[T]) -> None:
        while not (await asyncio.wait({task}, timeout=LISTEN))[0]:
            if not self.alive:
                raise EngineUnavailableError(DEAD)


def _pieces(said: CompletionOutput) -> tuple[Piece, ...]:
    """What was said token by token, without the end."""
    pieces: list[Piece] = []
    for token, words in zip(said.token_ids, said.logprobs or (), strict=True):
        word = words[token]
        if not math.isfinite(word.logprob):
            raise EngineRefusedError("the model's numbers are broken: a log-probability is none")
        pieces.append(Piece(text=word.decoded_token or "", logprob=word.logprob))
    return tuple(pieces[:-1])


def _same(one: CompletionOutput, other: CompletionOutput) -> bool:
    """Nothing differs, neither the words nor how likely each and its alternatives were."""
    if tuple(one.token_ids) != tuple(other.token_ids):
        return False
    for words, others in zip(one.logprobs or (), other.logprobs or (), strict=True):
        for token in words.keys() & others.keys():
            mine, theirs = words[token].logprob, others[token].logprob
            if mine != theirs and not abs(mine - theirs) <= FAINT:
                return False
    return True


def _canary(profile: Profile) -> Reading:
    """A question about a picture that is always the same: coloured patches."""
    width, height = profile.reader_frame
    patches = np.random.default_rng(0).integers(0, 256, (height // 28, width // 28, 3), np.uint8)
    picture = patches.repeat(28, axis=0).repeat(28, axis=1)
    return Reading(picture, prompt.question("general"), json.dumps(prompt.schema("general", profile)))
