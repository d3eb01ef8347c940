"""The door for the box's own command line: a Unix socket that only the box's own user can open.

Who can open the file may do everything here; there is no other key. Nothing of
it is reachable over the network.
"""

from __future__ import annotations

import re
from typing import Any, cast

from litestar import Litestar, Response, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from appliance.dashboard.access.keys import Keyring
from appliance.dashboard.bodies import read_body
from appliance.dashboard.control.officers import add_officer, disable_officer, list_officers, make_code
from appliance.dashboard.control.rules import put_rules, roll_back, switch_level
from appliance.dashboard.doors import Health
from appliance.dashboard.house import Asked, answer
from appliance.dashboard.people.machines import made, revoked, told
from appliance.dashboard.problems import Problem, answer_problem
from appliance.errors import RefusedError
from appliance.journal import journal
from appliance.rulebooks import Rulebooks
from appliance.sheet import parse_object
from appliance.store import tokens
from appliance.store.database import Store
from appliance.store.officers import TERMINAL

MAX_BYTES = 10_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_log = journal("control")


def control_app(store: Store, health: Health, rulebooks: Rulebooks, keys: Keyring) -> Litestar:
    """The application behind the socket."""
    return Litestar(
        [
            status,
            add_token,
            list_tokens,
            revoke_token,
            list_officers,
            add_officer,
            make_code,
            disable_officer,
            put_rules,
            roll_back,
            switch_level,
        ],
        dependencies={
            "rulebooks": Provide(lambda: rulebooks, sync_to_thread=False),
            "store": Provide(lambda: store, sync_to_thread=False),
            "keys": Provide(lambda: keys, sync_to_thread=False),
            "health": Provide(lambda: health, sync_to_thread=False),
        },
        exception_handlers={Exception: answer_problem},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
        debug=False,
    )


@get("/control/status")
async def status(health: NamedDependency[Health]) -> Response[bytes]:
    """How the box is, for `lanewatch status` and `doctor`."""
    return answer(health.status())


@post("/control/tokens")
async def add_token(request: Asked, store: NamedDependency[Store]) -> Response[bytes]:
    """Make a token; it is shown in this answer and never again."""
    try:
        fields = parse_object(await read_body(request, MAX_BYTES))
    except ValueError as problem:
        raise Problem(400, f"the body: {problem}") from problem
    name, scopes = _name(fields.get("name")), _scopes(fields.get("scopes"))
    try:
        token = await store.write(lambda db: made(db, name, scopes, TERMINAL))
    except RefusedError as problem:
        raise Problem(409, problem.message, hint=problem.hint) from problem
    _log.info("token added", name=name, scopes=sorted(scopes))
    return answer({"name": name, "scopes": sorted(scopes), "token": token}, 201)


@get("/control/tokens")
async def list_tokens(store: NamedDependency[Store]) -> Response[bytes]:
    """All tokens there ever were, without the tokens themselves."""
    found = await store.read(tokens.listing)
    return answer({"tokens": [told(token) for token in found]})


@delete("/control/tokens/{name:str}", status_code=204)
async def revoke_token(name: FromPath[str], store: NamedDependency[Store], keys: NamedDependency[Keyring]) -> None:
    """Take a token out of use for good."""
    try:
        await store.write(lambda db: revoked(db, name, TERMINAL))
    except RefusedError as problem:
        raise Problem(404, problem.message, hint=problem.hint) from problem
    keys.forget()
    _log.info("token revoked", name=name)


def _name(given: Any) -> str:
    if not isinstance(given, str) or not _NAME.fullmatch(given):
        raise Problem(422, "name: not a short name of letters, digits, _ . -", field="name")
    return given


def _scopes(given: Any) -> frozenset[str]:
    wanted = cast("list[object]", given) if isinstance(given, list) else []
    scopes = frozenset(scope for scope in wanted if isinstance(scope, str))
    if not scopes or len(scopes) != len(wanted) or not scopes <= tokens.SCOPES:
        raise Problem(422, f"scopes: not a list out of {', '.join(sorted(tokens.SCOPES))}", field="scopes")
    return scopes
