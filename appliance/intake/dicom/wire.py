"""The limits that the DICOM library leaves open: what one connection may make us hold.

Gives its server with those limits set. A connection is cut that announces more
than it may send, sends commands ahead without end, or takes too long over one
word; an object over the limit is read to its end without being held, so that
its sender can be told.
"""

from __future__ import annotations

import socket
import socketserver
import time
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.pdu_primitives import P_DATA
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from appliance.errors import RefusedError
from appliance.journal import journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pynetdicom.ae import ApplicationEntity
    from pynetdicom.events import Event, EventType
    from typing_extensions import Buffer

log = journal("dicom")

MAX_PDU = 262_144
"""The size of the pieces we ask a sender to cut its objects into."""
MAX_ANNOUNCED = 1_048_576
"""A piece announced larger than this is not read. Association requests come in one piece and are larger than data."""
MAX_COMMAND = 65_536
MAX_AHEAD = 1
"""Requests that may wait while one is worked on, each as large as an object may be. We agree to one at a time."""
PIECE_SECONDS = 30.0
"""A connection that takes longer over one whole piece is cut. The first piece must be here when negotiation ends."""

CLOSING_SECONDS = 5.0
_SOON = 0.001


class TooLarge(BytesIO):
    """Takes the place of an object that grew over the limit: whatever is written to it is dropped."""

    def write(self, content: Buffer, /) -> int:
        return memoryview(content).nbytes


class BoundedSocket(AssociationSocket):
    """Reads no piece larger than agreed, and none for longer: while it reads, nobody watches the library's clocks."""

    def __init__(self, association: Association, connection: socket.socket) -> None:
        super().__init__(association, client_socket=connection)
        self._until = time.monotonic() + (association.acse_timeout or PIECE_SECONDS)
        self._asked = False

    @property
    def ready(self) -> bool:
        """Tell whether a piece has begun; its time then runs. That of the first one runs since the connection."""
        begun = super().ready
        if begun and self._asked:
            self._until = time.monotonic() + PIECE_SECONDS
        self._asked = self._asked or begun
        return begun

    def recv(self, nr_bytes: int) -> bytearray:
        if nr_bytes > MAX_ANNOUNCED:
            raise OSError(f"{nr_bytes} bytes announced at once")  # the library takes it for a broken connection
        content = bytearray(nr_bytes)
        view, read = memoryview(content), 0
        connection = cast("socket.socket", self.socket)
        try:
            while read < nr_bytes:
                connection.settimeout(max(self._until - time.monotonic(), _SOON))
                step = connection.recv_into(view[read:])
                if not step:
                    return content[:read]
                read += step
                if time.monotonic() > self._until:
                    raise TimeoutError("a piece took too long")
        finally:
            connection.settimeout(PIECE_SECONDS)
        return content


class BoundedMessages(DIMSEServiceProvider):
    """Puts pieces together into messages, watches what they add up to, and survives what they say."""

    def __init__(self, association: Association, max_bytes: int) -> None:
        super().__init__(association)
        self._max_bytes = max_bytes

    def receive_primitive(self, primitive: P_DATA) -> None:
        try:
            self._check(primitive)
            super().receive_primitive(primitive)
        except Exception as problem:  # noqa: BLE001 - whatever the words were, it is this association that ends
            log.warning("a connection was cut off", problem=repr(problem))
            self.message = None
            self.dul.event_queue.put("Evt19")  # the standard's name for "not understood": abort

    def _check(self, primitive: P_DATA) -> None:
        if self.msg_queue.qsize() > MAX_AHEAD:  # pyright: ignore[reportUnknownMemberType]
            raise RefusedError("requests sent ahead")
        message = self.message
        if message is None:
            return
        pieces = primitive.presentation_data_value_list
        command = sum(len(content) for _, content in pieces if content[0] & 1)
        if message.encoded_command_set.tell() + command > MAX_COMMAND:
            raise RefusedError("a command without end")
        held = message.data_set
        if isinstance(held, BytesIO) and not isinstance(held, TooLarge) and held.tell() > self._max_bytes:
            message.data_set = TooLarge()


class BoundedHandler(RequestHandler):
    """Sets up one connection with the classes above in the place of the library's own."""

    def handle(self) -> None:
        connection = cast("socket.socket", self.request)
        connection.settimeout(PIECE_SECONDS)
        super().handle()

    def _create_association(self) -> Association:
        connection, server = cast("socket.socket", self.request), cast("BoundedServer", self.server)
        association = super()._create_association()
        association.dul.event_queue.get_nowait()  # what the library's own socket announced
        association.dul.socket = BoundedSocket(association, connection)
        association.dimse = BoundedMessages(association, server.max_bytes)
        server.connections[association] = connection
        return association


class SharedContexts(list[PresentationContext]):
    """What we accept, made once. The library copies all of it, deeply, for each connection, and then only reads it."""

    def __deepcopy__(self, memo: dict[int, object]) -> list[PresentationContext]:
        return self


class BoundedServer(ThreadedAssociationServer):
    """Listens, and keeps no more connections than it may."""

    request_queue_size = 64  # connections that may wait for our accept; the library's 5 makes senders wait a second

    def __init__(
        self,
        entity: ApplicationEntity,
        address: tuple[str, int],
        handlers: dict[EventType, Callable[[Event], Any]],
        *,
        max_bytes: int,
        max_connections: int,
        max_per_peer: int,
    ) -> None:
        self.max_bytes = max_bytes
        self.connections: dict[Association, socket.socket] = {}
        self.turned_away = 0
        self._peers: dict[socket.socket, str] = {}
        self._max_connections = max_connections
        self._max_per_peer = max_per_peer
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            entity,
            address,
            entity.ae_title,
            SharedContexts(entity.supported_contexts),
            evt_handlers=list(handlers.items()),
            request_handler=BoundedHandler,
        )

    def verify_request(self, request: object, client_address: object) -> bool:
        """Tell whether there is room for one more, from there; the connection is closed if not."""
        peer = str(cast("tuple[str, int]", client_address)[0])
        self._peers = {connection: other for connection, other in self._peers.items() if connection.fileno() >= 0}
        if (
            max(len(self.connections), len(self._peers)) >= self._max_connections
            or tuple(self._peers.values()).count(peer) >= self._max_per_peer
        ):
            self.turned_away += 1
            return False
        self._peers[cast("socket.socket", request)] = peer
        return True

    def service_actions(self) -> None:
        """Let go of connections that ended before an association was made; the library would hold them for a while."""
        for association, connection in tuple(self.connections.items()):
            if association.dul.ident is None or association.dul.is_alive():
                continue
            connection.close()
            association.dul.to_user_queue.put(cast("Any", None))  # what it would be told when its patience ends
            del self.connections[association]

    def close(self) -> None:
        """Take nothing new, then end what is open."""
        socketserver.BaseServer.shutdown(self)
        self.server_close()
        for association in tuple(self.connections):
            association.abort()
            association.join(CLOSING_SECONDS)
        for connection in self.connections.values():
            connection.close()
