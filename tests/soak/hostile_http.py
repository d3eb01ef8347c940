"""Throw what no client should send at the HTTP side, from a seed, and see that it stays up and says why.

`hostile(seed, count)` gives raw requests; `throw` sends one over a socket of its
own and gives the status of the answer, or None where the server hung up. Run by
hand against a box of one's own:

    python -m tests.soak.hostile_http 127.0.0.1:8080 TOKEN 2000
"""

from __future__ import annotations

import base64
import json
import random
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator

ALLOWED_5XX = {503, 504, 507}
"""What a box may answer that is not its client's fault: not now, too late, full."""
_NASTY = (
    "\x00",
    "../../../etc/passwd",
    "%2e%2e%2f",
    "%00",
    "%ff%fe",
    "%ED%A0%80",
    "\u202e",
    "='1+1",
    "\U0001d54f" * 50,
    "a" * 3000,
)
_PATHS = (
    "/", "/healthz", "/readyz", "/metrics", "/version", "/docs", "/docs/openapi.json", "/api/v1/inspect",
    "/api/v1/scans", "/api/v1/scans/x", "/api/v1/scans/x/views/1.png", "/static/desk.js", "/control/tokens",
)  # fmt: skip


def hostile(seed: int, count: int, token: str) -> Iterator[bytes]:
    """So many raw requests, the same for the same seed."""
    dice = random.Random(seed)
    makers: tuple[Callable[[random.Random, str], bytes], ...] = (
        _bad_json, _bad_json, _bad_fields, _bad_fields, _bad_base64, _bad_form, _bad_form, _bad_path, _bad_path,
        _bad_query, _bad_headers, _bad_framing, _large, _wrong_type, _wrong_method, _bad_key,
    )  # fmt: skip
    for _ in range(count):
        yield dice.choice(makers)(dice, token)


def throw(host: str, port: int, request: bytes, patience: float = 2.0) -> int | None:
    """Send one request and give the status of its answer; a half request is ended after a while."""
    with socket.create_connection((host, port), timeout=patience) as line:
        try:
            line.sendall(request)
            try:
                start = line.recv(4096)
            except TimeoutError:
                line.shutdown(socket.SHUT_WR)
                line.settimeout(60.0)
                start = line.recv(4096)
        except ConnectionError:
            return None
    return int(start.split(b" ", 2)[1]) if start.startswith(b"HTTP/1.1 ") else None


def request(
    method: str, path: str, token: str, body: bytes = b"", kind: str = "application/json", extra: str = ""
) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: box\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n{extra}"
    if body or method == "POST":
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode("utf-8", "surrogateescape") + body


def _bad_json(dice: random.Random, token: str) -> bytes:
    good = json.dumps({"scan_id": "x", "image_base64": "AAAA", "declared_items": ["a"]}).encode()
    cut = dice.randrange(len(good))
    bodies = (
        b"", b"null", b"[]", b'"x"', b"{", b"[" * 100_000, b'{"a":' * 50_000, good[:cut], b"\xef\xbb\xbf" + good,
        b'{"scan_id": NaN}', b'{"a": 1, "a": 2}', b'{"a": ' + b"9" * 10_000 + b"}", good[:cut] + b"\xff" + good[cut:],
        b'{"image_base64": Infinity}', json.dumps({"x": [[[[]]]] * 9000}).encode(), b"\x00" * 100,
    )  # fmt: skip
    return request("POST", "/api/v1/inspect", token, dice.choice(bodies))


def _bad_fields(dice: random.Random, token: str) -> bytes:
    weird: tuple[object, ...] = (
        None, True, -1, 10**30, 1e308, [], {}, [[]], "", " ", "\x00", "\ud800", "x" * 5000, ["a"] * 5000, [None],
        [{"text": "\udfff"}], [{"text": "a", "quantity": -1}], {"a": {"b": "\ud800"}}, _NASTY[0], dice.choice(_NASTY),
    )  # fmt: skip
    fields: dict[str, object] = {"image_base64": base64.b64encode(dice.randbytes(40)).decode()}
    for name in dice.sample(
        ("scan_id", "lane", "scanned_at", "declared_items", "declaration", "context", "mode", "image_base64", "更"), 3
    ):
        fields[name] = dice.choice(weird)
    body = json.dumps(fields).encode()
    if dice.random() < 0.3:
        body = body[:-1] + b', "context": {"huge": 1e999, "tiny": -1e999}}'
    return request("POST", "/api/v1/inspect", token, body)


def _bad_base64(dice: random.Random, token: str) -> bytes:
    given = dice.choice(
        ("A", "====", "AA=A", "data:image/png;base64,AAAA", "A\nA==", "é", "_-_-", " AAAA", "\x00", "AAAA" * 9)
    )
    return request("POST", "/api/v1/inspect", token, json.dumps({"image_base64": given}).encode())


def _bad_form(dice: random.Random, token: str) -> bytes:
    edge = dice.choice(("b", "b" * 70, '"b c"', "", "b\u00e9", "b" * 3000))
    name = dice.choice(("top", "", "sheet", "../x", "a b", "\u00e9", "x" * 2000, 'a"; filename="x', *_NASTY))
    content = dice.choice((b"", dice.randbytes(50), b"--b--", b"{", b'{"scan_id": "' + b"y" * 900 + b'"}'))
    part = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="f"\r\n\r\n'.encode("utf-8", "replace")
    bodies = (
        part + content + f"\r\n--{edge}--\r\n".encode(), part + content, part * 40,
        part + content + b"\r\n" + part + content,
        f"--{edge}--\r\n".encode(), b"", dice.randbytes(300), part.replace(b"\r\n", b"\n") + content,
        f"--{edge}\r\n".encode() + b"X: y\r\n" * 500 + b"\r\n", f"--{edge}\r\n\r\nx\r\n--{edge}--".encode(),
    )  # fmt: skip
    kind = f"multipart/form-data; boundary={edge}" if dice.random() < 0.9 else "multipart/form-data"
    return request("POST", "/api/v1/scans", token, dice.choice(bodies), kind)


def _bad_path(dice: random.Random, token: str) -> bytes:
    tail = "".join(
        dice.choice((*_NASTY[1:6], "/", "//", "/views/", "1.png", "%2f", "%", "%zz", ";", "~")) for _ in range(4)
    )
    start = dice.choice(("/api/v1/scans/", "/static/", "/docs/", "/", "/api/v1/scans/x/views/", "/control/"))
    return request(dice.choice(("GET", "HEAD", "DELETE")), start + tail, token)


def _bad_query(dice: random.Random, token: str) -> bytes:
    name = dice.choice(
        ("action", "cursor", "limit", "since", "until", "degraded", "format", "revision", "after", "token", "%00")
    )
    value = dice.choice(
        (
            "-1",
            "0",
            "9" * 40,
            "NaN",
            "0x10",
            "٣",
            "%ff",
            "%00",
            "2026-13-45",
            "0001-01-01T00:00:00+14:00",
            "",
            "'--",
            "1e3",
        )
    )
    path = dice.choice(("/api/v1/scans", "/api/v1/scans/x", "/api/v1/scans/x/views/1.png", "/", "/api/v1/events"))
    again = "&" + name + "=1" if dice.random() < 0.3 else ""
    return request("GET", f"{path}?{name}={value}{again}", token)


def _bad_headers(dice: random.Random, token: str) -> bytes:
    extra = dice.choice(
        (
            "X: y\r\n" * 3000,
            f"X: {'y' * 60_000}\r\n",
            "Cookie: lanewatch_desk=\x01; a=;;=\r\n",
            "Cookie: " + "a=b; " * 900 + "\r\n",
            "Last-Event-ID: -5\r\n",
            "Last-Event-ID: " + "9" * 99 + "\r\n",
            "Authorization: Bearer x\r\n",
            "Expect: 100-continue\r\n",
            "Content-Length: -1\r\n",
            "Accept: " + "*/*," * 500 + "\r\n",
            "X-Forwarded-For: 127.0.0.1\r\n",
            "Upgrade: websocket\r\n",
            "X\x00Y: z\r\n",
            "If-None-Match: \udcff\r\n",
            "Accept-Encoding: br;q=x\r\n",
            "Range: bytes=9-1\r\n",
        )
    )
    path = dice.choice([path for path in _PATHS if path != "/api/v1/events"])
    return request("GET", path, token, extra=extra)


def _bad_framing(dice: random.Random, token: str) -> bytes:
    head = f"POST /api/v1/inspect HTTP/1.1\r\nHost: box\r\nAuthorization: Bearer {token}\r\n"
    head += "Content-Type: application/json\r\n"
    return dice.choice(
        (
            head.encode() + b"Content-Length: 500\r\n\r\n{}",
            head.encode() + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
            head.encode() + b"Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n{}",
            dice.randbytes(200),
            b"GET / HTTP/9.9\r\n\r\n",
            head.encode() + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            b"\x16\x03\x01\x02\x00",
            head.encode() + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            b"GET http://other/ HTTP/1.1\r\nHost: \x01\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"OPTIONS * HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n",
        )
    )


def _large(dice: random.Random, token: str) -> bytes:
    size = dice.choice((1_100_000, 3_000_000))
    body = b'{"image_base64": "' + b"A" * size + b'"}'
    if dice.random() < 0.5:
        return request("POST", "/api/v1/inspect", token, body)
    head = f"POST /api/v1/scans HTTP/1.1\r\nHost: box\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
    head += "Content-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n"
    part = b'--b\r\nContent-Disposition: form-data; name="top"\r\n\r\n' + b"A" * size
    return head.encode() + b"%x\r\n" % len(part) + part + b"\r\n0\r\n\r\n"


def _wrong_type(dice: random.Random, token: str) -> bytes:
    kind = dice.choice(
        ("text/plain", "", "application/xml", "multipart/form-data", "application/json; charset=utf-7", ";;;=", "é")
    )
    return request("POST", dice.choice(("/api/v1/inspect", "/api/v1/scans")), token, b"{}", kind)


def _wrong_method(dice: random.Random, token: str) -> bytes:
    method = dice.choice(("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "BREW", "POST", "CONNECT"))
    body = dice.choice((b"", b"{}" * 50))
    return request(method, dice.choice(_PATHS), token, body)


def _bad_key(dice: random.Random, token: str) -> bytes:
    key = dice.choice(("", " ", token[:-1], token + "x", token.upper(), "x" * 4000, "\udcff\udcfe", "Bearer " + token))
    return request("GET", "/api/v1/scans", key)


def main(address: str, token: str, count: int) -> int:
    host, _, port = address.rpartition(":")
    seen: Counter[int | None] = Counter()
    for number, raw in enumerate(hostile(count, count, token)):
        status = throw(host, int(port), raw)
        seen[status] += 1
        if status is not None and status >= 500 and status not in ALLOWED_5XX:
            print(f"request {number} of seed {count}: {status}: {raw[:300]!r}")
            return 1
    print(dict(sorted(seen.items(), key=str)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
