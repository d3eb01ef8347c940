"""How a request ends that no client should send, and whether that end is right.

`throw` sends raw bytes over a socket of its own and says how it ended; `wrong`
says what is wrong with that end, if anything is. What is lawful is read here
by other means than the box has.
"""

from __future__ import annotations

import base64
import binascii
import email
import json
import re
import socket
from typing import Literal

CLOSED, HUNG = "closed", "hung"
End = int | Literal["closed", "hung"]
"""How a request ended: a status, a connection closed without a word, or neither although the sender had said all."""
HANG_SECONDS = 300.0

ALLOWED_5XX = {503, 504, 507}
"""What a box may answer that is not its client's fault: not now, too late, full."""


def throw(host: str, port: int, request: bytes, patience: float = 2.0) -> End:
    """Send one request and say how it ended; who still owes bytes after a while says that no more will come."""
    with socket.create_connection((host, port), timeout=HANG_SECONDS) as line:
        try:
            line.sendall(request)
            line.settimeout(patience)
            try:
                start = line.recv(4096)
            except TimeoutError:
                if unfinished(request):
                    line.shutdown(socket.SHUT_WR)
                line.settimeout(HANG_SECONDS)
                start = line.recv(4096)
        except ConnectionError:
            return CLOSED
        except TimeoutError:
            return HUNG
    return int(start.split(b" ", 2)[1]) if start.startswith(b"HTTP/1.1 ") else CLOSED


def wrong(request: bytes, end: End) -> str:
    """What is wrong with how a request ended; empty if nothing is."""
    match end:
        case "hung":
            return "neither answered nor closed"
        case "closed":
            return "" if unfinished(request) else "a whole request got no answer"
        case int() if end >= 500 and end not in ALLOWED_5XX:
            return "a fault of ours"
        case int() if end < 300 and request.startswith(b"POST ") and not lawful(request):
            return "accepted, and must not be"
    return ""


def unfinished(request: bytes) -> bool:
    """Tell whether the sender still owes something: the rest of its head, or of the body it announced."""
    head, gap, body = request.partition(b"\r\n\r\n")
    if not gap:
        return True
    if re.search(rb"(?i)\r\ntransfer-encoding: chunked", head):
        return not body.endswith(b"0\r\n\r\n")
    announced = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    return announced is not None and len(body) < int(announced[1])


def lawful(request: bytes) -> bool:
    """Tell whether a request says what the routes ask for, however odd the sheet: that never holds back its picture."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, _, fields = head.partition(b"\r\n")
    if first == b"POST /api/v1/inspect HTTP/1.1":
        return _lawful_json(body)
    return first == b"POST /api/v1/scans HTTP/1.1" and _lawful_form(fields, body)


def _lawful_json(body: bytes) -> bool:
    try:
        asked = json.loads(body.decode("utf-8-sig"))
        picture = base64.b64decode(asked["image_base64"], validate=True)
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        return False
    return bool(picture) and asked.get("mode", "vqa") == "vqa"


def _lawful_form(fields: bytes, body: bytes) -> bool:
    """Read by the standard library's reader of letters, which is not ours."""
    form = email.message_from_bytes(fields + b"\r\n\r\n" + body)
    if form.defects or not form.is_multipart():
        return False
    views = 0
    for part in form.get_payload():
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", name):
            return False
        views += name != "sheet" and bool(content)
    return views > 0
