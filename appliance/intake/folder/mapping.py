"""Read an XML sidecar through a site's mapping.

Takes untrusted bytes and the mapping from the configuration, gives the same
object a JSON sidecar would hold. Document types and entities are refused, so
nothing can be expanded or fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from xml.parsers import expat

from appliance.sheet import MAX_BYTES, MAX_DEPTH

_LISTS = ("declared_items", "declaration")


@dataclass(slots=True)
class _Element:
    name: str
    text: str = ""
    below: list[_Element] = field(default_factory=list["_Element"])


def parse_xml(raw: bytes, mapping: Mapping[str, str]) -> dict[str, Any]:
    """Read a sidecar, or raise ValueError saying what is wrong and where."""
    if len(raw) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES} bytes")
    top = _Element("", below=[_tree(raw)])
    fields: dict[str, Any] = {}
    context: dict[str, str] = {}
    for name, path in mapping.items():
        found = _find(top, path)
        if name in _LISTS:
            if found:
                fields[name] = [_line(element, name, mapping) for element in found]
        elif found and not name.startswith("declaration."):
            into, key = (context, name.removeprefix("context.")) if name.startswith("context.") else (fields, name)
            into[key] = _only(found, name).text.strip()
    return {**fields, "context": context} if context else fields


def _line(element: _Element, name: str, mapping: Mapping[str, str]) -> str | dict[str, str]:
    """One declared thing: the element's own text, or an object of what stands below it."""
    below = {key: path for key, path in mapping.items() if key.startswith("declaration.")}
    if name == "declared_items" or not below:
        return element.text.strip()
    found = {key.removeprefix("declaration."): _find(element, path) for key, path in below.items()}
    return {key: _only(elements, key).text.strip() for key, elements in found.items() if elements}


def _find(start: _Element, path: str) -> list[_Element]:
    found = [start]
    for step in path.split("."):
        found = [child for element in found for child in element.below if child.name == step]
    return found


def _only(found: list[_Element], name: str) -> _Element:
    if len(found) > 1:
        raise ValueError(f"{name}: stands there {len(found)} times")
    return found[0]


def _tree(raw: bytes) -> _Element:
    """Parse into elements by local name. Namespaces, attributes and comments are left out."""
    top = _Element("")
    path = [top]

    def start(name: str, _attributes: object) -> None:
        if len(path) > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH}")
        element = _Element(name.rpartition(" ")[2])
        path[-1].below.append(element)
        path.append(element)

    def end(_name: str) -> None:
        path.pop()

    def text(piece: str) -> None:
        path[-1].text += piece

    def refuse(*_what: object) -> NoReturn:
        raise ValueError("document types and entities are not accepted")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as problem:
        raise ValueError(
            f"not XML: {expat.ErrorString(problem.code)} at line {problem.lineno} column {problem.offset + 1}"
        ) from problem
    except (LookupError, ValueError) as problem:  # an encoding Python does not have, or not for text; or our own no
        raise ValueError(f"not read: {problem}") from problem
    return top.below[0]
