"""Every route asked as its description allows and as it does not, by everybody: no fault, and all as described.

    ./dev soak api [--cases 20000] [--seed 1]

Cases are made by schemathesis from our OpenAPI document. Half of them then get what really exists on the box (scans,
verdicts, keys, names, the right password), so that they come further than to the first refusal. What a case changed
about who may come in is put back after it.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import sys
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies
from hypothesis import seed as seeded
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from appliance.dashboard.openapi.document import describe
from appliance.store import officers
from appliance.store.tokens import SCOPES
from tests.appliance.dashboard.conftest import Served, png
from tests.soak.world import QUICK, ROLES, WORD, World, quick_hashes

VISITORS = (*ROLES, "token read", "token inspect", "stranger")
STREAM = "/api/v1/events"
"""Never ends, so only how it begins is looked at."""
REAL, MADE_UP = 0.5, 0.1
BAD = 400
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
PICTURE = base64.b64encode(png()).decode()
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


class Asker:
    """Asks case after case and holds each answer against the document."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cases = 0
        self.answers: Counter[str] = Counter()
        self.faults: dict[str, str] = {}
        """What was wrong, by operation and kind, with the first case that showed it."""
        self._client = _client()

    def ask(self, case: Any, who: str, dice: random.Random) -> None:
        if dice.random() < REAL:
            self._make_real(case, dice)
        self._show(case, self.world.headers(who), dice)
        self.cases += 1
        response = self._answer(case, who)
        if response is None:
            return
        self.answers[f"{who} {response.status_code}"] += 1
        self._weigh(case, who, response)
        changed = case.method.upper() != "GET" and response.status_code < BAD
        if changed or response.status_code in (401, 429) or self.cases % 50 == 0:
            self.world.mend(who)

    def _answer(self, case: Any, who: str) -> Response | None:
        """Its answer; none where it cannot be sent at all. An old connection may have been closed, a new one is not."""
        for client in (self._client, _client()):
            try:
                return self._begun(case, client) if case.path == STREAM else self._whole(case, client)
            except requests.ConnectionError as problem:
                trouble = problem
            except (requests.RequestException, UnicodeError, ValueError) as problem:
                self.answers[f"not sent: {type(problem).__name__}"] += 1
                return None
        self.faults.setdefault(
            f"{case.method} {case.path}: no answer", f"as {who}: {trouble!r:.300} {case.body!r:.600}"
        )
        return None

    def _whole(self, case: Any, client: requests.Session) -> Response:
        return case.call(base_url=self.world.served.url, session=client, timeout=300)

    def _begun(self, case: Any, client: requests.Session) -> Response:
        """The head of an answer, and all of it where it has an end."""
        told = case.as_transport_kwargs(base_url=self.world.served.url)
        with client.request(**told, stream=True, timeout=300) as answer:
            if answer.status_code < BAD:
                answer._content = b""
            return Response.from_requests(answer, verify=True)

    @staticmethod
    def _show(case: Any, shown: dict[str, str], dice: random.Random) -> None:
        """Who asks, in the place of the made-up cookies and tokens; those are left in one case of ten."""
        case.headers = case.headers or {}
        if dice.random() < MADE_UP:
            return
        case.cookies = {}
        for name in list(case.headers):
            if name.lower() in ("authorization", "cookie", "x-lanewatch-proof"):
                del case.headers[name]
        case.headers.update(shown)

    def _make_real(self, case: Any, dice: random.Random) -> None:
        """Put what exists in the place of what was made up."""
        real = self._real(dice)
        for place in (case.path_parameters, case.query, case.body):
            self._fill(place, real)

    def _real(self, dice: random.Random) -> dict[str, Any]:
        """Things that fit together: a scan with its verdict, somebody's name, the right password."""
        world = self.world
        fresh = str(uuid.UUID(int=dice.getrandbits(128)))
        return {
            **dice.choice(world.scans),
            "key": dice.choice([fresh, *world.keys]),
            "over": dice.choice([None, *world.keys]),
            "name": dice.choice([*world.names, f"new {fresh[:8]}"]),
            "password": WORD, "old": WORD, "n": 1, "view": "top", "image_base64": PICTURE,
        }  # fmt: skip

    def _fill(self, place: Any, real: dict[str, Any]) -> None:
        for name, value in list(place.items()) if isinstance(place, dict) else ():
            if real.get(name) is not None:
                place[name] = real[name]
            for each in value if isinstance(value, list) else [value]:
                self._fill(each, real)

    def _weigh(self, case: Any, who: str, response: Response) -> None:
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            for failure in group.exceptions:
                self._note(case, who, response, failure)
        except Failure as failure:
            self._note(case, who, response, failure)

    def _note(self, case: Any, who: str, response: Response, failure: BaseException) -> None:
        title = f"{case.method.upper()} {case.path}: {response.status_code} {type(failure).__name__}"
        asked = f"{case.path_parameters} {case.query} {case.body!r:.600}"
        told = f"as {who}: {asked} -> {response.text[:400]} | {failure!s:.600}"
        self.faults.setdefault(title, told)


def _client() -> requests.Session:
    client = requests.Session()
    client.trust_env = False
    return client


def soak(folder: Path, cases: int, seed: int) -> dict[str, Any]:
    """Ask so many cases, spread evenly over the operations, and give what came of it."""
    began = time.monotonic()
    served = Served(folder / "box", bind="127.0.0.1:0", deadline_seconds=20, max_megabytes=1.0)
    try:
        served.dashboard._house.passwords._hasher = QUICK
        with quick_hashes():
            asker = Asker(World(served))
            operations = _operations()
            for number, operation in enumerate(operations):
                _ask_all(asker, operation, max(1, round(cases / len(operations))), seed + number)
        journal_faults = served.dashboard.counts().failed
    finally:
        served.stop()
        served.store.close()
    return {
        "cases": asker.cases,
        "operations": len(operations),
        "answers": dict(sorted(asker.answers.items())),
        "failed": journal_faults,
        "faults": asker.faults,
        "seconds": round(time.monotonic() - began),
    }


def _operations() -> list[Any]:
    schema = schemathesis.openapi.from_dict(describe("1"))
    return [each.ok() for each in schema.get_all_operations()]


def _who_may(right: str) -> tuple[str, ...]:
    if right == "open":
        return VISITORS
    return (
        *(role for role in ROLES if right in officers.RIGHTS[role]),
        *([f"token {right}"] if right in SCOPES else []),
    )


def _ask_all(asker: Asker, operation: Any, count: int, seed: int) -> None:
    may = _who_may(operation.definition.raw["x-scope"])
    made = strategies.one_of(*(operation.as_strategy(generation_mode=mode) for mode in MODES))

    @seeded(seed)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=made, salt=strategies.integers(0, 2**32))  # without it, a route that takes nothing is asked once
    def ask(case: Any, salt: int) -> None:
        dice = random.Random(f"{seed} {salt} {asker.cases}")
        asker.ask(case, dice.choice(may if dice.random() < REAL else VISITORS), dice)

    ask()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = soak(Path(folder), asked.cases, asked.seed)
    print(json.dumps(told, indent=2, ensure_ascii=False))
    return int(bool(told["faults"]))


if __name__ == "__main__":
    sys.exit(main())
