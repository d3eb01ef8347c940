"""The kinds of values a setting can have: a name, an address, a place, a section of them.

Each says itself what is wrong with what it was given. Which settings there are
is said in `settings.py`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo

from models.answer import Value


def _from_the_folder(path: Path, info: ValidationInfo) -> Path:
    """Relative paths count from the folder of the configuration, which whoever reads it gives as context."""
    folder: object = info.context
    return (folder / path).absolute() if isinstance(folder, Path) else path


def _has_a_port(bind: str) -> str:
    host, _, port = bind.rpartition(":")
    host_is_well = re.fullmatch(r"[^\s/:\[\]]+|\[[0-9a-fA-F:]+\]", host)
    if not host_is_well or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) >= 2**16:
        raise ValueError("not HOST:PORT, such as 127.0.0.1:8080")
    return bind


Place = Annotated[Path, AfterValidator(_from_the_folder)]
"""A path; a relative one counts from the configuration's folder."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")]
"""A short name that can stand in a path, a metric and a log line."""
Bind = Annotated[str, AfterValidator(_has_a_port)]
"""HOST:PORT."""

_FIELDS = r"scan_id|lane|scanned_at|declared_items|declaration(\.(text|hs|quantity))?|context\..+"
SheetField = Annotated[str, Field(pattern=f"^({_FIELDS})$")]
"""What an XML sidecar may be mapped to."""
ElementPath = Annotated[str, Field(pattern=r"^[^.]+(\.[^.]+)*$")]
"""Names of XML elements, outermost first, with dots between."""


LONGEST_SOCKET = 107
"""Bytes that the path of a Unix socket may have: what the kernel takes."""


class Section(Value):
    """One part of the configuration. The texts under its keys become their descriptions."""

    model_config = ConfigDict(use_attribute_docstrings=True)
