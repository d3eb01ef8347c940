"""Say what went wrong over HTTP: problem+json with the request's id, a plain page for a browser, never a traceback.

Takes any exception, gives a `Problem` and its bytes. What is ours to mend is
journalled with its trace under the same id.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.datastructures.headers import Accept
from litestar.exceptions import HTTPException

from appliance.dashboard.files import page
from appliance.errors import LanewatchError, RefusedError, RulebookError, StoreError, StoreFullError
from appliance.journal import journal

PROBLEM_JSON = "application/problem+json"
HTML = "text/html"
_OFFERED = [PROBLEM_JSON, "application/json", HTML]
"""What a problem can be told in; the first for who takes anything."""
request_id: ContextVar[str] = ContextVar("request_id", default="")
_log = journal("dashboard")


class Problem(Exception):  # noqa: N818 - the name the format has in RFC 9457
    """An answer that is not what was asked for."""

    def __init__(
        self, status: int, detail: str, *, hint: str = "", headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}
        self.members: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            **({"hint": hint} if hint else {}),
            **more,
        }

    def told(self, accept: str) -> tuple[bytes, str]:
        """The body and its content type, for who accepts what: a page where HTML is liked best, else JSON."""
        members = {**self.members, "request_id": request_id.get()}
        if Accept(accept).best_match(_OFFERED) != HTML:
            return json.dumps(members, ensure_ascii=False).encode(errors="replace"), PROBLEM_JSON
        name = "door.html" if self.status == HTTPStatus.UNAUTHORIZED else "problem.html"
        return page(name, **{key: str(value) for key, value in members.items()}), HTML


def problem_of(error: Exception) -> Problem:  # noqa: PLR0911 - one line for each family
    """Which problem an exception is to the one who asked."""
    match error:
        case Problem():
            return error
        case HTTPException():
            return _of_framework(error)
        case StoreFullError():
            return Problem(507, error.message, hint=error.hint, headers={"Retry-After": "30"})
        case StoreError():
            return Problem(503, error.message, hint=error.hint, headers={"Retry-After": "10"})
        case RulebookError():
            return Problem(409, error.message, faults=list(error.faults))
        case RefusedError():
            return Problem(422, error.message, hint=error.hint)
        case LanewatchError():
            return Problem(503, error.message, hint=error.hint)
        case _:
            return Problem(500, "a fault of ours", hint="the journal has it under this request_id")


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Turn what a route raised into its answer."""
    problem = problem_of(error)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("fault", exc_info=error)
    body, kind = problem.told(request.headers.get("accept", ""))
    return Response(body, status_code=problem.status, headers=problem.headers, media_type=kind)


def _of_framework(error: HTTPException) -> Problem:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return Problem(404, "there is nothing at this address", hint="/docs lists what there is")
    if error.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
        return Problem(500, "a fault of ours", hint="the journal has it under this request_id")
    return Problem(error.status_code, error.detail, headers=dict(error.headers or {}))
