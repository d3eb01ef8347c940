"""What is wrong with a value, in plain words, and what was meant by it.

Takes an error of pydantic and the model it arose in, gives words that say what to write instead. Where it stands is
`located.py`'s business.
"""

from __future__ import annotations

import inspect
import re
from typing import Any, get_args

from pydantic import BaseModel

from appliance.spelling import meant

_NOT_A_DAY = "not a day: write it as YYYY-MM-DD, as in 2027-12-31"
_PLAINLY = {
    "extra_forbidden": "unknown key",
    "missing": "missing",
    "union_tag_not_found": "{discriminator} is missing",
    "union_tag_invalid": "no such {discriminator}: {tag}",
    "model_type": "not a mapping of keys to values",
    "model_attributes_type": "not a mapping of keys to values",
    "dict_type": "not a mapping of keys to values",
    "tuple_type": "not a list: write it between [ and ], or one to a line after a dash",
    "string_type": "not a text: put it in quotes",
    "string_too_short": "nothing stands here",
    "string_too_long": "longer than {max_length} characters",
    "too_short": "at least {min_length} must stand here",
    "too_long": "more than {max_length} stand here",
    "int_type": "not a whole number",
    "int_parsing": "not a whole number",
    "int_from_float": "not a whole number",
    "float_type": "not a number",
    "float_parsing": "not a number",
    "finite_number": "not a finite number",
    "bool_type": "neither true nor false",
    "bool_parsing": "neither true nor false",
    "date_type": _NOT_A_DAY,
    "date_parsing": _NOT_A_DAY,
    "date_from_datetime_parsing": _NOT_A_DAY,
    "date_from_datetime_inexact": _NOT_A_DAY,
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
}
"""By pydantic's kinds of error."""


def words(error: Any) -> str:
    """What is wrong and what to write."""
    kind: str = error["type"]
    if kind.endswith("_type") and error["input"] is None:
        return "nothing stands here"
    if kind in _PLAINLY:
        about = {key: _bare(str(value)) for key, value in error.get("ctx", {}).items()}
        return _PLAINLY[kind].format_map(about | {"discriminator": about.get("discriminator", "").strip("'")})
    return _bare(str(error["msg"]).removeprefix("Value error, ").replace("Input should be", "must be"))


def guess(error: Any, model: type[BaseModel]) -> str:
    """Guess what an unknown key or value was meant to be."""
    if error["type"] == "extra_forbidden":
        known, given = _fields_at(model, error["loc"][:-1]), str(error["loc"][-1])
    elif error["type"] in ("literal_error", "enum", "union_tag_invalid"):
        context = error["ctx"]
        expected = _bare(str(context.get("expected", context.get("expected_tags", ""))))
        known = [word.strip(" '\"") for word in expected.replace(" or ", ",").split(",")]
        given = str(context.get("tag", error["input"]))
    else:
        return ""
    return meant(given, known)


def _bare(text: str) -> str:
    """Without the names of our enumerations: <Risk.HIGH: 'high'> is 'high'."""
    return re.sub(r"<[\w.]+: ('[^']*')>", r"\1", text)


def _fields_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The names of all fields that may stand at a path: every union member's, where there are several."""
    candidates: list[type[BaseModel]] = [model]
    for step in path:
        if isinstance(step, int):
            continue
        deeper = [
            kind
            for one in candidates
            if step in one.model_fields
            for kind in _models_in(one.model_fields[step].annotation)
        ]
        candidates = deeper or [one for one in candidates if step in _tags(one)] or candidates
    return sorted({name for one in candidates for name in one.model_fields})


def _tags(model: type[BaseModel]) -> tuple[str, ...]:
    kind = model.model_fields.get("kind")
    return (str(kind.default),) if kind else ()


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]
