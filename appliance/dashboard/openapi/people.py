"""The routes for people described for tools: signing in, accounts, tokens, deeds. A part of `document.py`."""

from __future__ import annotations

from typing import Any

from appliance.dashboard.openapi.words import NAME, list_of, ok, operation, parameter, record, text
from appliance.store.officers import RIGHTS
from appliance.store.tokens import SCOPES

_BAD = ("400", "401", "403", "408", "413", "415", "422", "429", "503", "507")
_ASKED = ("401", "403", "503")
_ROLE = {"type": "string", "enum": list(RIGHTS)}
_SIGNED_IN = record(
    name=text(),
    role={"type": ["string", "null"], "enum": [*RIGHTS, None]},
    rights=list_of(text()),
    shown=text(),
    proof=text(),
    settings={"type": "object"},
    second_factor={"type": "boolean"},
    required=("name", "role", "rights"),
)
_AGAIN = record(password=text())
_CODE = record(name=text(), code=text())
_OFFICER = record(
    name=text(),
    shown=text(),
    role=_ROLE,
    has_password={"type": "boolean"},
    second_factor={"type": "boolean"},
    made_at=text(),
    made_by=text(),
    disabled_at={"type": ["string", "null"]},
)
_OWN = record(began_at=text(), seen_at=text(), here={"type": "boolean"})
_TOKEN = record(name=text(), scopes=list_of(text()), made_at=text(), revoked_at={"type": ["string", "null"]})


def of_people() -> dict[str, Any]:
    """The paths of people."""
    return {**_door(), **_self(), **_officers(), **_tokens(), **_deeds()}


def _door() -> dict[str, Any]:
    typed = record(name=text(), password=text(), otp=text(), required=("name", "password"))
    code = record(code=text(), name=text(), password=text(), required=("code",))
    come = {"201": ok(_SIGNED_IN)}
    return {
        "/api/v1/session": {
            "post": operation("Sign in; the session is in a cookie", "open", come, _BAD, body=typed),
            "delete": operation("Sign out", "read", {"200": ok(record())}, _ASKED),
        },
        "/api/v1/session/code": {
            "post": operation("Come in by a code that works once", "open", come, (*_BAD, "409"), body=code)
        },
    }


def _self() -> dict[str, Any]:
    settings: dict[str, Any] = {"type": "object"}
    factor = record(second_factor={"type": "boolean"})
    return {
        "/api/v1/me": {"get": operation("Who asks, and what they may do", "read", {"200": ok(_SIGNED_IN)}, _ASKED)},
        "/api/v1/me/here": {
            "post": operation("A person moved at the desk: the session lasts on", "read", {"200": ok(record())}, _ASKED)
        },
        "/api/v1/me/settings": {
            "put": operation(
                "Keep what the pages remember for an officer", "read", {"200": ok(settings)}, _BAD, body=settings
            )
        },
        "/api/v1/me/sessions": {
            "get": {
                **operation("Where one is signed in", "read", {"200": ok(record(sessions=list_of(_OWN)))}, _ASKED),
                "security": [{"token": []}, {"session": []}],
            },
            "delete": operation(
                "End all one's sessions but this one", "read", {"200": ok(record(ended={"type": "integer"}))}, _ASKED
            ),
        },
        "/api/v1/me/password": {
            "post": operation(
                "Choose another password; all other sessions end",
                "read",
                {"201": ok(_SIGNED_IN)},
                (*_BAD, "409"),
                body=record(old=text(), new=text()),
            )
        },
        "/api/v1/me/second-factor": {
            "post": operation(
                "Begin a second factor",
                "read",
                {"201": ok(record(secret=text(), uri=text()))},
                (*_BAD, "409"),
                body=_AGAIN,
            ),
            "put": operation(
                "Put it in force by a number of it",
                "read",
                {"200": ok(factor)},
                (*_BAD, "409"),
                body=record(otp=text()),
            ),
            "delete": operation("Do without it again", "read", {"200": ok(factor)}, (*_BAD, "409"), body=_AGAIN),
        },
    }


def _officers() -> dict[str, Any]:
    everybody = record(officers=list_of(_OFFICER))
    newcomer = record(name=text(), role=_ROLE, password=text())
    added = record(name=text(), role=_ROLE, code=text())
    sat = record(sessions=list_of(record(began_at=text(), seen_at=text())))
    bad, named = (*_BAD, "404", "409"), [NAME]
    return {
        "/api/v1/officers": {
            "get": operation("Everybody who is or was let in", "administer", {"200": ok(everybody)}, _ASKED),
            "post": operation("Let somebody in", "administer", {"201": ok(added)}, (*_BAD, "409"), body=newcomer),
        },
        "/api/v1/officers/{name}": {
            "delete": operation(
                "Shut the door to somebody", "administer", {"200": ok(record())}, bad, body=_AGAIN, parameters=named
            )
        },
        "/api/v1/officers/{name}/code": {
            "post": operation(
                "A code for a new password", "administer", {"201": ok(_CODE)}, bad, body=_AGAIN, parameters=named
            )
        },
        "/api/v1/officers/{name}/sessions": {
            "get": operation(
                "Since when somebody sits where", "administer", {"200": ok(sat)}, (*_ASKED, "404"), parameters=named
            ),
            "delete": operation(
                "Send somebody away from every browser",
                "administer",
                {"200": ok(record(ended={"type": "integer"}))},
                bad,
                body=_AGAIN,
                parameters=named,
            ),
        },
    }


def _tokens() -> dict[str, Any]:
    scopes = list_of({"type": "string", "enum": sorted(SCOPES)})
    made = record(name=text(), scopes=scopes, token=text())
    return {
        "/api/v1/tokens": {
            "get": operation(
                "All tokens, never their secrets", "administer", {"200": ok(record(tokens=list_of(_TOKEN)))}, _ASKED
            ),
            "post": operation(
                "Make a token; it is shown this once",
                "administer",
                {"201": ok(made)},
                (*_BAD, "409"),
                body=record(name=text(), scopes=scopes, password=text()),
            ),
        },
        "/api/v1/tokens/{name}": {
            "delete": operation(
                "End a token for good",
                "administer",
                {"200": ok(record())},
                (*_BAD, "404", "409"),
                body=_AGAIN,
                parameters=[NAME],
            )
        },
    }


def _deeds() -> dict[str, Any]:
    deed = record(seq={"type": "integer"}, at=text(), who=text(), what=text(), about=text(), detail={"type": "object"})
    page = record(deeds=list_of(deed), next={"type": ["integer", "null"]})
    return {
        "/api/v1/deeds": {
            "get": operation(
                "What people did, newest first; a short page may still have a next",
                "audit",
                {"200": ok(page)},
                ("400", *_ASKED),
                parameters=[
                    *(parameter(name) for name in ("who", "what", "since", "until")),
                    parameter("before", "integer"),
                    parameter("limit", "integer"),
                ],
            )
        }
    }
