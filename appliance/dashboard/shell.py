"""The outermost layer: every answer has its id, its safety headers and its line in the journal.

Takes any ASGI application. Routes and rights are not known here.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, cast

from structlog.contextvars import bound_contextvars

from appliance.dashboard.problems import Problem, problem_of, request_id
from appliance.journal import journal

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

LINGER_BYTES = 8_000_000
LINGER_SECONDS = 2.0
"""So much of a refused body is read and dropped, so that its sender gets to see the answer."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
_ALWAYS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_ONLY_BY_TLS = (b"strict-transport-security", b"max-age=63072000")
"""Said where we speak TLS ourselves; a proxy in front says it itself."""
_QUIET = {"/healthz", "/readyz", "/metrics"}
"""What is asked every few seconds; in the journal only when it goes wrong."""
_log = journal("dashboard")


class Shell:
    """An application with its outermost layer."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.requests = 0
        self.refused = 0
        self.failed = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        identity = secrets.token_hex(8)
        request_id.set(identity)
        self.requests += 1
        exchange = _Exchange(scope, receive, send, identity)
        if exchange.method == "HEAD":  # asked as GET; the exchange lets only the head of the answer out
            scope = {**scope, "method": "GET"}
        started = time.monotonic()
        with bound_contextvars(request_id=identity):
            try:
                await self._run(scope, exchange)
            finally:
                self._note(scope, exchange, time.monotonic() - started)

    async def _run(self, scope: Message, exchange: _Exchange) -> None:
        try:
            if exchange.expects_body and exchange.method in ("GET", "HEAD", "OPTIONS"):
                raise Problem(400, f"{exchange.method} carries no body")  # noqa: TRY301 - answered like any other
            await self._app(scope, exchange.receive, exchange.send)
        except Exception as error:
            if exchange.status:
                raise
            problem = problem_of(error)
            if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
                _log.exception("fault")
            body, kind = problem.told(exchange.accept)
            headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
            await exchange.send({"type": "http.response.start", "status": problem.status, "headers": headers})
            await exchange.send({"type": "http.response.body", "body": body})

    def _note(self, scope: Message, exchange: _Exchange, seconds: float) -> None:
        status = exchange.status
        self.refused += HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
        self.failed += status >= HTTPStatus.INTERNAL_SERVER_ERROR
        path = cast("bytes", scope.get("raw_path") or b"").decode("latin-1")
        if status < HTTPStatus.BAD_REQUEST and (path in _QUIET or path.startswith("/static/")):
            return
        bearer = scope.get("auth")
        _log.info(
            "request",
            method=exchange.method,
            path=path[:200],
            status=status,
            milliseconds=round(seconds * 1000, 1),
            peer=scope["client"][0] if scope.get("client") else None,
            who=bearer.name if bearer else None,
        )


class _Exchange:
    """One request and its answer, watched from outside."""

    def __init__(self, scope: Message, receive: Receive, send: Send, identity: str) -> None:
        headers = dict(cast("list[tuple[bytes, bytes]]", scope["headers"]))
        self.method = cast("str", scope["method"])
        self.accept = headers.get(b"accept", b"").decode("latin-1")
        self.expects_body = b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"
        self.status = 0
        self._headless = False
        self._by_tls = scope.get("scheme") == "https"
        self._may_be_kept = cast("str", scope["path"]).startswith("/static/")
        self._unread = self.expects_body
        self._receive = receive
        self._send = send
        self._identity = identity

    async def receive(self) -> Message:
        if self._headless:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            self._unread = False
        return message

    async def send(self, message: Message) -> None:
        if self._headless:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": self._dress(message["headers"])}
            if self.method == "HEAD":  # nobody reads on: whoever answers, or streams without an end, is told so
                self._headless = True
                await self._send(message)
                message = {"type": "http.response.body", "body": b""}
        elif self._unread and not message.get("more_body"):
            await self._send({**message, "more_body": True})
            await self._linger()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    def _dress(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        dressed = [*headers, *_ALWAYS, (b"x-request-id", self._identity.encode())]
        if self._by_tls:
            dressed.append(_ONLY_BY_TLS)
        if not self._may_be_kept:
            dressed = [header for header in dressed if header[0].lower() != b"cache-control"]
            dressed.append((b"cache-control", b"no-store"))
        if self._unread:
            dressed.append((b"connection", b"close"))
        return dressed

    async def _linger(self) -> None:
        dropped = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while self._unread and dropped < LINGER_BYTES:
                    message = await self.receive()
                    dropped += len(message.get("body", b""))
