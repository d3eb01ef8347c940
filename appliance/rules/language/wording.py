"""What the expression engine says, in the words of whoever writes rules.

Takes its messages, gives one clear line with its place. Nothing here decides anything.
"""

from __future__ import annotations

import re

from appliance.rules.history import QUESTIONS
from appliance.rules.language.bounds import told as written
from appliance.rules.language.schema import Schema
from appliance.spelling import meant

TOO_DEEP = "nested too deep: make it several rules"
_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_KINDS = {
    "bool": "yes or no",
    "int": "a whole number",
    "double": "a number with decimals",
    "string": "a text",
    "null_type": "an absent value",
    "dyn": "a value of any kind",
}
_FUNCTIONS = ("all", "exists", "exists_one", "filter", "map", "has", "size", "contains", "startsWith", "endsWith")
_UNKNOWN = "nothing is called"
_ABSENT = "a context field is absent: ask has(context.field) first"


def told(message: str, schema: Schema) -> tuple[str, int, int]:
    """Say the first error of a text that does not compile, with its line and column."""
    errors = [(text, int(line), int(column)) for line, column, text in _ERROR.findall(message)]
    if "recursion" in message:
        return TOO_DEEP, 1, 1
    if not errors:
        return (
            ("holds half a character" if "surrogate" in message or "incompatible" in message else _clean(message)),
            1,
            1,
        )
    text, line, column = errors[0]
    if "undeclared reference to 'history" in text:
        text, line, column = errors[min(1, len(errors) - 1)]
        return _no_function(text), line, column
    reworded = [(_reworded(text, schema), line, column) for text, line, column in errors]
    guessed = [error for error in reworded if "did you mean" in error[0]]  # of `items.exist(i, ...)`: not the i
    text, line, column = (guessed if reworded[0][0].startswith(_UNKNOWN) and guessed else reworded)[0]
    return text, max(line, 1), max(column, 1)


def failure(message: str) -> str:
    """Say why an expression gave neither yes nor no."""
    if "No matching overloads" in message or message == "None":  # types were checked, so this can only be null
        return _ABSENT
    if "Iteration budget" in message:
        return "takes too many turns"
    return _clean(message)


def kind(of: str) -> str:
    """A type of the engine, in words: what it calls wrapper(int) is a context field's whole number."""
    bare = re.sub(r"wrapper\((\w+)\)", r"\1", of)
    return _KINDS.get(bare) or ("a list" if bare.startswith("list(") else f"a whole {bare}")


def _reworded(text: str, schema: Schema) -> str:
    if match := re.match(r"undefined field '(.*)' not found in struct '(.*)'", text):
        return f"{match[2]} has no field {match[1]}{meant(match[1], schema.fields.get(match[2], ()))}"
    if match := re.match(r"undeclared reference to '(.*)' \(in", text):
        known = (*schema.variables, "history")
        return f"{_UNKNOWN} {match[1]}{meant(match[1], known, more=_FUNCTIONS)}"
    if match := re.match(r"found no matching overload for '(.*)' applied to '\((.*)\)'", text):
        return _unfit(written(match[1]), re.split(r", (?![^(]*\))", match[2]))
    if text.startswith("Syntax error: "):
        return _syntax(text.removeprefix("Syntax error: "))
    return _clean(text)


def _unfit(function: str, kinds: list[str]) -> str:
    bare = {re.sub(r"wrapper\((\w+)\)", r"\1", one) for one in kinds}
    if bare == {"double", "int"}:
        return f"{function} does not mix whole numbers and numbers with decimals: write 1.0 for 1, or double(...)"
    return f"{function} does not go with {' and '.join(kind(one) for one in kinds)}"


def _syntax(text: str) -> str:
    text = text.split(" expecting ", 1)[0]
    if text.endswith("'<EOF>'"):
        missing = re.match(r"missing ('.*') at", text)
        return f"ends too early{f': {missing[1]} is missing' if missing else ''}"
    if re.search(r"token recognition error at: '=\s*'", text):
        return "= is written == here"
    if match := re.search(r"token recognition error at: '(.*)'$", text):
        return f"{match[1].strip()} cannot be read: is a quotation mark missing?"
    if match := re.search(r"(?:mismatched|extraneous) input ('.*')", text):
        return f"{match[1]} is not expected here"
    return text


def _no_function(text: str) -> str:
    match = re.match(r"undeclared reference to '(?:history\.?)?(.*)' \(in", text)
    name = match[1] if match else ""
    if not name or name in QUESTIONS:
        return f"history is asked by its functions, as in history.{name or 'seen'}(..., 30)"
    return f"history has no function {name}{meant(name, QUESTIONS)}"


def _clean(message: str) -> str:
    """Without the names of codes and all but the first line."""
    line = message.strip().splitlines()[0] if message.strip() else "failed without a word"
    line = re.sub(r"^[A-Z_]+: ?", "", line)
    return re.sub(r" \[[A-Z_]+\]$", "", line).strip() or "failed without a word"
