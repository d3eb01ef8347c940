"""Throw what no client should send at the HTTP side, from a seed, and see that it stays up and says why.

`hostile(seed, count)` gives raw requests; how each ends is judged in `ends`. By
hand, against a box made for it or one of one's own:

    ./dev soak hostile_http --count 2000
    ./dev soak hostile_http --address 127.0.0.1:8080 --token TOKEN
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from tests.soak.ends import CLOSED, throw, wrong

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


@contextlib.contextmanager
def box() -> Generator[tuple[str, str]]:
    """A whole box of our own, with its address and a token that may do all."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        taken.close()
        config = Path(folder) / "appliance.yaml"
        config.write_text(
            f"storage: {{root: ./state}}\nengine: {{backend: canned, socket: ./engine.sock}}\n"
            f"sources: [{{name: feed, kind: zeromq, bind: 'tcp://127.0.0.1:*', curve: false}}]\n"
            f"dashboard: {{bind: '{address}', max_megabytes: 1.0, deadline_seconds: 0.5}}\n"
        )
        lanewatch = [sys.executable, "-m", "appliance"]
        with (Path(folder) / "log").open("wb") as log:
            daemon = subprocess.Popen([*lanewatch, "run", "--config", config], stdout=log, stderr=log)
        try:
            add = [*lanewatch, "tokens", "add", "hostile", "--scope", "read,inspect", "--config", config]
            while (made := subprocess.run(add, check=False, capture_output=True, text=True)).returncode:
                if daemon.poll() is not None:
                    raise SystemExit((Path(folder) / "log").read_text())
                time.sleep(0.2)
            yield address, made.stdout.strip()
            if daemon.poll() is not None:
                raise SystemExit("the box did not survive: " + (Path(folder) / "log").read_text()[-2000:])
        finally:
            daemon.terminate()
            daemon.wait(60)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=2000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--address", help="HOST:PORT of a box that is up; else one is made")
    arguments.add_argument("--token", help="its token, with both scopes")
    given = arguments.parse_args()
    with contextlib.nullcontext((given.address, given.token)) if given.address else box() as (address, token):
        return _run(address, token, given.count, given.seed)


def _run(address: str, token: str, count: int, seed: int) -> int:
    host, _, port = address.rpartition(":")
    ends: Counter[str] = Counter()
    problems = 0
    for number, raw in enumerate(hostile(seed, count, token)):
        end = throw(host, int(port), raw)
        ends["closed, still owing bytes" if end == CLOSED else str(end)] += 1
        if isinstance(end, int) and end < 300 and raw.startswith(b"POST "):
            ends["of these accepted, odd but well-formed"] += 1
        if problem := wrong(raw, end):
            problems += 1
            print(f"request {number} of seed {seed}: {problem} ({end}): {raw[:300]!r}", file=sys.stderr)
    whole = request("GET", "/healthz", token)
    alive = throw(host, int(port), whole) == 200
    print(json.dumps({"count": count, "seed": seed, "ends": dict(sorted(ends.items())), "wrong": problems,
                      "alive": alive}, indent=2))  # fmt: skip
    return 0 if alive and not problems else 1


if __name__ == "__main__":
    sys.exit(main())
