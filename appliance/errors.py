"""What can go wrong, told for the person who reads it at three in the morning.

Every error says what, where and what to do. Nothing here is logged and
forgotten: raise it, and let the owner decide.
"""

from __future__ import annotations


class LanewatchError(Exception):
    """The root of all errors we raise on purpose."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ConfigError(LanewatchError):
    """The configuration cannot be used. The message starts with file:line:column where there is one."""


class ConfigMissingError(ConfigError):
    """There is no configuration to read."""


class RulebookError(LanewatchError):
    """A rulebook was refused, each fault on a line that starts with file:line:column. What is in force stays."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class StoreError(LanewatchError):
    """The store did not keep what it was given. Nothing of it was acknowledged."""


class StoreFullError(StoreError):
    """The disk is full. The same write may succeed later."""


class StoreBusyError(StoreFullError):
    """Another program holds the database. The same write may succeed later."""


class StoreBrokenError(StoreError):
    """A read, write or sync failed below SQLite. The process must end and start again from what is on disk."""


class DecoderError(StoreError):
    """The decoder is not there at the moment. Nothing was kept; the same scan may be taken later."""


class RefusedError(LanewatchError):
    """Something from outside was not accepted. Its sender is told, and nothing was kept."""


class UnreadableError(LanewatchError):
    """A picture cannot be decoded. The scan is kept, in quarantine, for a human."""


class IncompleteError(UnreadableError):
    """A picture ends before its structure does: still being written, or cut off."""
