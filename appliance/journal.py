"""What the box says while it runs: one JSON line per happening on stderr.

journald adds the rest. Nothing here decides anything.
"""

from __future__ import annotations

import os
import sys
from typing import Any, cast

import structlog
import structlog.tracebacks


def open_journal(*, readable: bool | None = None) -> None:
    """Start writing lines: JSON for machines, readable when somebody sits at a terminal."""
    readable = sys.stderr.isatty() if readable is None else readable
    ending = _for_people() if readable else _for_machines()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *ending,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _for_people() -> list[Any]:
    colours = "NO_COLOR" not in os.environ
    return [structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)]


def _for_machines() -> list[Any]:
    exceptions = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)  # locals may hold what is secret
    return [structlog.processors.ExceptionRenderer(exceptions), structlog.processors.JSONRenderer(ensure_ascii=False)]


def journal(room: str) -> structlog.BoundLogger:
    """The journal of one room."""
    return cast("structlog.BoundLogger", structlog.get_logger(room=room))
