"""Which tokens may come next, so that an answer keeps to its schema.

Takes a tokenizer and the text of a schema; gives matchers that follow one answer each. Equal texts are compiled once.
"""

# torch and transformers do not say their types
# pyright: basic

from collections.abc import Sequence

import numpy as np
from llguidance import LLMatcher
from llguidance.hf import from_tokenizer
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerFast

from models.ports import EngineRefusedError

MOST = 256
"""Schemas that are kept compiled. A profile has a few."""


class Grammars:
    """Compiled schemas over the tokens of one model, of which there may be fewer than the model has scores."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, scores: int) -> None:
        self._tokenizer = from_tokenizer(tokenizer, scores)
        self._scores = scores
        self._compiled: dict[str, LLMatcher] = {}

    def matcher(self, schema: str) -> LLMatcher:
        """A fresh one, at the start of an answer. JSON as `models.prompt` writes it: without spaces."""
        compiled = self._compiled.get(schema) or self._compile(schema)
        return compiled.deep_copy()

    def allowed(self, matchers: Sequence[LLMatcher]) -> NDArray[np.bool_]:
        """For each answer, which tokens may come next."""
        bits = allocate_token_bitmask(len(matchers), self._scores)
        for row, matcher in enumerate(matchers):
            fill_next_token_bitmask(matcher, bits, row)
        return np.unpackbits(bits.view(np.uint8), axis=1, bitorder="little")[:, : self._scores].astype(np.bool_)

    def bytes_of(self, token: int) -> bytes:
        """A token may be a part of a letter only."""
        return self._tokenizer.decode_bytes([token])

    def _compile(self, schema: str) -> LLMatcher:
        try:
            grammar = LLMatcher.grammar_from_json_schema(schema, overrides={"whitespace_flexible": False})
        except ValueError as problem:
            raise EngineRefusedError(f"the schema is no JSON: {problem}") from problem
        matcher = LLMatcher(self._tokenizer, grammar, log_level=0)
        if matcher.is_error():
            raise EngineRefusedError(f"the schema cannot be kept to: {matcher.get_error()}")
        if len(self._compiled) >= MOST:
            self._compiled.clear()
        self._compiled[schema] = matcher
        return matcher
