"""The kinds of values a setting can have: a name, an address, a place, a section of them.

Each says itself what is wrong with what it was given. Which settings there are
is said in `settings.py`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo

from models.answer import Value


def _from_the_folder(path: Path, info: ValidationInfo) -> Path:
    """Relative paths count from the folder of the configuration, which whoever reads it gives as context."""
    folder: object = info.context
    return (folder / path).absolute() if isinstance(folder, Path) else path


def _is_a_bind(bind: str) -> bool:
    host, _, port = bind.rpartition(":")
    host_is_well = re.fullmatch(r"[^\s/:\[\]]+|\[[0-9a-fA-F:]+\]", host)
    return bool(host_is_well and re.fullmatch(r"[0-9]{1,5}", port)) and int(port) < 2**16


def _has_a_port(bind: str) -> str:
    if not _is_a_bind(bind):
        raise ValueError("not HOST:PORT, such as 127.0.0.1:8080")
    return bind


def _has_a_port_or_a_path(bind: str) -> str:
    if bind.startswith(UNIX):
        path = bind.removeprefix(UNIX)
        if not path.startswith("/") or "\0" in path or len(os.fsencode(path)) > LONGEST_SOCKET:
            raise ValueError(f"not unix:/PATH of at most {LONGEST_SOCKET} bytes, such as unix:/run/lanewatch/web.sock")
        return bind
    if not _is_a_bind(bind):
        raise ValueError("not HOST:PORT or unix:/PATH, such as 127.0.0.1:8080")
    return bind


def _is_an_endpoint(address: str) -> str:
    kind, _, rest = address.partition("://")
    any_port = rest.removesuffix("*") + "0" if rest.endswith(":*") else rest
    if not (kind == "tcp" and _is_a_bind(any_port)) and not (kind == "ipc" and rest):
        raise ValueError("not tcp://HOST:PORT or ipc://PATH, such as tcp://127.0.0.1:5599")
    return address


Place = Annotated[Path, AfterValidator(_from_the_folder)]
"""A path; a relative one counts from the configuration's folder."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")]
"""A short name that can stand in a path, a metric and a log line."""
Bind = Annotated[str, AfterValidator(_has_a_port)]
"""HOST:PORT."""
UNIX = "unix:"
"""What the address of a socket file begins with."""
WebBind = Annotated[str, AfterValidator(_has_a_port_or_a_path)]
"""HOST:PORT, or unix:/PATH."""
Endpoint = Annotated[str, AfterValidator(_is_an_endpoint)]
"""What ZeroMQ binds or connects to."""

_FIELDS = r"scan_id|lane|scanned_at|declared_items|declaration(\.(text|hs|quantity))?|context\..+"
SheetField = Annotated[str, Field(pattern=f"^({_FIELDS})$")]
"""What an XML sidecar may be mapped to."""
ElementPath = Annotated[str, Field(pattern=r"^[^.]+(\.[^.]+)*$")]
"""Names of XML elements, outermost first, with dots between."""

Extension = Annotated[str, Field(pattern=r"^(\..+)?$")]
"""The ending of a file's name, with its dot; an empty one for names without."""
CurveKey = Annotated[str, Field(pattern=r"^[0-9A-Za-z.:+=^!/*?&<>()\[\]{}@%$#-]{40}$")]
"""Half of a key pair, in Z85."""
Title = Annotated[str, Field(pattern=r"^[!-\[\]-~]([ -\[\]-~]{0,14}[!-\[\]-~])?$")]
"""An application entity's title: 1 to 16 plain characters without a backslash."""


LONGEST_SOCKET = 107
"""Bytes that the path of a Unix socket may have: what the kernel takes."""


class Section(Value):
    """One part of the configuration. The texts under its keys become their descriptions."""

    model_config = ConfigDict(use_attribute_docstrings=True, allow_inf_nan=False)


def same_door(one: str, other: str) -> bool:
    """Whether no two programs could listen at both: the same port at the same or at every address of this machine."""
    hosts: list[str] = []
    ports: list[str] = []
    for bind in (one, other):
        host, _, port = bind.removeprefix("tcp://").rpartition(":")
        hosts.append(_EVERY if host in ("", "*", "0.0.0.0", "[::]") else host.replace("localhost", "127.0.0.1"))  # noqa: S104
        ports.append(port.lstrip("0"))
    if "ipc://" in one + other or UNIX in one + other:
        return one.removeprefix("ipc://").removeprefix(UNIX) == other.removeprefix("ipc://").removeprefix(UNIX)
    return ports[0] == ports[1] not in ("", "*") and (hosts[0] == hosts[1] or _EVERY in hosts)


def inside(path: Path, folder: Path) -> bool:
    """Whether a path lies in a folder or is it, links followed."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


_EVERY = "every address"
