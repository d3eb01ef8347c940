"""Listen and serve, in the loop of the house: sockets of our own, no signal handlers, a stop that does not wait.

Takes ASGI applications, gives uvicorn servers that leave signals, logging and
sockets to us.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import logging
import os
import socket
import ssl
import stat
import time
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import uvicorn

from appliance.durable import make_folder
from appliance.errors import LanewatchError
from appliance.journal import journal
from appliance.kinds import LONGEST_SOCKET, UNIX

MAX_HEADER_BYTES = 16_384
MAX_CONNECTIONS = 512
MAX_CONNECTIONS_EACH = 100
"""Of those, so many of one address of the network; on this machine a proxy may stand for everybody."""
IDLE_SECONDS = 15.0
"""A connection may stand open this long without a whole request."""
GRACE_SECONDS = 1
"""What still runs this long after a stop is cut off."""


class QuietServer(uvicorn.Server):
    """A uvicorn that leaves signals to the house."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._idle: dict[Any, float] = {}
        self._open: dict[Any, None] = {}
        """All connections, the oldest first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def on_tick(self, counter: int) -> bool:
        self._drop_idle()
        self._drop_crowds()
        return await super().on_tick(counter)

    def _drop_idle(self) -> None:
        """Close connections that hold a place without asking anything, or never finish asking."""
        now = time.monotonic()
        waiting = {one for one in cast("set[Any]", self.server_state.connections) if _asks_nothing(one)}
        self._idle = {one: self._idle.get(one, now) for one in waiting}
        for one, since in self._idle.items():
            if now - since > IDLE_SECONDS:
                one.transport.close()

    def _drop_crowds(self) -> None:
        """Close the newest connections of an address that holds more than its share."""
        there = cast("set[Any]", self.server_state.connections)
        self._open = {one: None for one in (*self._open, *there) if one in there}
        held = Counter[str]()
        for one in self._open:
            if one.client and not _is_here(one.client[0]):
                held[one.client[0]] += 1
                if held[one.client[0]] > MAX_CONNECTIONS_EACH:
                    one.transport.close()


def _is_here(host: str) -> bool:
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback


def _asks_nothing(connection: Any) -> bool:
    return connection.cycle is None or connection.cycle.response_complete


def server_for(app: Any, tls: ssl.SSLContext | None = None) -> QuietServer:
    """A server that only serves: no logging set up, no word about itself, no trust in a proxy's headers."""
    return QuietServer(
        uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_graceful_shutdown=GRACE_SECONDS,
            h11_max_incomplete_event_size=MAX_HEADER_BYTES,
            ssl_context_factory=(lambda _config, _make: tls) if tls else None,
        )
    )


def listen(bind: str) -> socket.socket:
    """A socket that listens at HOST:PORT, or at unix:/PATH for this user and its group."""
    if bind.startswith(UNIX):
        return listen_unix(Path(bind.removeprefix(UNIX)), 0o660)
    host, _, port = bind.rpartition(":")
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        door = socket.create_server(cast("tuple[str, int]", address), family=family, backlog=MAX_CONNECTIONS)
    except (OSError, OverflowError) as problem:
        raise LanewatchError(
            f"dashboard.bind {bind}: {problem}", hint="is another program using the port? give another one"
        ) from problem
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each answer waits 40 ms for an acknowledgement
    return door


def listen_unix(path: Path, mode: int = 0o600) -> socket.socket:
    """A Unix socket that only our own user can open. What a killed process left at its place is replaced."""
    if len(os.fsencode(path)) > LONGEST_SOCKET:
        raise LanewatchError(
            f"{path}: longer than the {LONGEST_SOCKET} bytes a Unix socket's address may have",
            hint="give a shorter storage.root",
        )
    make_folder(path.parent)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        _clear(path)
        os.fchmod(door.fileno(), mode)  # before it has a name, so that nobody slips in between
        door.bind(os.fspath(path))
        path.chmod(mode)
        door.listen(16)
    except OSError as problem:
        door.close()
        raise LanewatchError(f"{path}: {problem.strerror}", hint="may this user write there?") from problem
    return door


def _clear(path: Path) -> None:
    """Take away a socket that was left; never a file that is somebody's."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise OSError(errno.EEXIST, "something else than a socket is there")
        path.unlink()


def address_of_listener(door: socket.socket, scheme: str = "http") -> str:
    """Where people reach a listening socket."""
    if door.family == socket.AF_UNIX:
        return f"{UNIX}{door.getsockname()}"
    host, port = door.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = socket.gethostname()
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def join_journal() -> None:
    """What the server has to say about broken requests goes into our journal."""
    logger = logging.getLogger("uvicorn.error")
    if not any(isinstance(handler, _ToJournal) for handler in logger.handlers):
        logger.addHandler(_ToJournal(logging.WARNING))
    logger.propagate = False


class _ToJournal(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        journal("dashboard").warning("server", said=record.getMessage(), exc_info=record.exc_info)
