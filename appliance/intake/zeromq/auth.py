"""Who may send over ZeroMQ: our own key, the list of allowed keys, and the keeper of the door.

CURVE alone encrypts for everybody who knows our public key. Only the keeper, who
answers libzmq's question about each key (ZAP), makes it a lock.
"""

from __future__ import annotations

import stat
import struct
from pathlib import Path

import zmq
import zmq.asyncio
from zmq.utils import z85

from appliance.errors import ConfigError
from appliance.settings import ZeromqSource

DOMAIN = b"lanewatch"
_ZAP = "inproc://zeromq.zap.01"
_KEY_CHARACTERS = 40
_QUESTION_FRAMES = 7
"""version, request, domain, address, identity, mechanism, key"""


def lock(socket: zmq.asyncio.Socket, settings: ZeromqSource) -> None:
    """Set the socket's keys. Without a keeper in the same context, a listening socket then lets nobody in."""
    if settings.secret_key_file is None:
        raise ConfigError(f"source {settings.name}: curve needs secret_key_file")
    secret = read_secret_key(settings.secret_key_file)
    socket.curve_secretkey = secret
    socket.curve_publickey = zmq.curve_public(secret)
    if settings.connect:
        socket.curve_serverkey = _readable(settings.server_key or "", f"source {settings.name}: server_key")
    else:
        socket.curve_server = True
        socket.zap_domain = DOMAIN
        socket.set(zmq.ZAP_ENFORCE_DOMAIN, 1)


def read_secret_key(path: Path) -> bytes:
    """Read a CURVE secret key: 40 characters of Z85 on the first line, for its owner's eyes only."""
    hint = f"make one with: python -c 'import zmq; print(zmq.curve_keypair()[1].decode())' > {path}; chmod 600 {path}"
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
    except OSError as problem:
        raise ConfigError(f"secret_key_file {path}: {problem.strerror}", hint=hint) from problem
    except UnicodeDecodeError as problem:
        raise ConfigError(f"secret_key_file {path}: not a key", hint=hint) from problem
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        raise ConfigError(f"secret_key_file {path}: open to others", hint=f"chmod o= {path}, and make a new key")
    return _readable(text, f"secret_key_file {path}")


class Keeper:
    """Answers, for one context, whether a key may come in."""

    def __init__(self, context: zmq.asyncio.Context, settings: ZeromqSource) -> None:
        where = f"source {settings.name}: allowed_keys"
        self._allowed = frozenset(z85.decode(_readable(key, where)) for key in settings.allowed_keys)
        self._socket = context.socket(zmq.REP)
        self._socket.bind(_ZAP)

    async def run(self) -> None:
        while True:
            question = await self._socket.recv_multipart()
            await self._socket.send_multipart(self._answer(question))  # pyright: ignore[reportUnknownMemberType]

    def _answer(self, question: list[bytes]) -> list[bytes]:
        version, request = (*question, b"", b"")[:2]
        known = (
            len(question) == _QUESTION_FRAMES
            and question[2] == DOMAIN
            and question[5] == b"CURVE"
            and question[6] in self._allowed
        )
        if not known:
            return [version, request, b"400", b"not on the list", b"", b""]
        return [version, request, b"200", b"OK", z85.encode(question[6]), b""]


def _readable(key: str, where: str) -> bytes:
    try:
        if len(key) == _KEY_CHARACTERS and len(z85.decode(key)) == 32:  # noqa: PLR2004 - bytes of a Curve25519 key
            return key.encode()
    except (ValueError, KeyError, TypeError, struct.error):  # the last one for characters that stand for too much
        pass
    raise ConfigError(f"{where}: not a CURVE key", hint="a key is 40 characters of Z85")
