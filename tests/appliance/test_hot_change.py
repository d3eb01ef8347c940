"""Rules change while scans flow: every verdict follows from the one rulebook that was in force, and says which."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections.abc import Callable
from typing import Any

from appliance.lookback.replay import replay
from appliance.rulebooks import Given, Rulebooks, Word
from appliance.rules import texts
from appliance.rules.standing import Rulebook
from appliance.rules.texts import Texts
from appliance.scan import Arrival
from appliance.store import ledger, rulebooks, scans
from appliance.store.database import Store
from models.profile import BAGGAGE
from tests.appliance.inspecting import House


class Noting(Rulebooks):
    """Keeps in mind which row was in force in each verdict's own transaction."""

    def __init__(self, store: Store, profile: str) -> None:
        super().__init__(store, profile)
        self.noted: list[rulebooks.Activation] = []

    def standing(self, db: sqlite3.Connection) -> Rulebook:
        now = rulebooks.in_force(db)
        assert now is not None
        self.noted.append(now)
        return super().standing(db)


WORD = Word(who="chief", why="order 12", supervisor="N. Lee")
ALWAYS = "\nrules:\n  - {{id: says-{0}, when: 'true', risk: medium, message: {{en: By book {0}.}}}}\n"
"""A rule by which a verdict tells on its own which book it is from."""


def telling(number: int) -> Texts:
    """A small book that marks every verdict, and again at its raised level."""
    default = texts.default()
    head = default.book[: default.book.index("\nrules:\n")].replace("version: 1", f"version: {number}")
    prohibited = "  - {id: prohibited, when: 'items.exists(i, i.prohibited)', risk: high, message: {en: No.}}\n"
    levels = f"levels: {{raised: {{risks: {{says-{number}: high}}}}}}\n"
    test = f"tests: [{{name: any, expect: {{rules: [says-{number}]}}}}]\n"
    return Texts(book=head + ALWAYS.format(number) + prohibited + levels + test, taxonomy=default.taxonomy)


def given(whole: Texts) -> Given:
    return Given(**whole.model_dump(), without_site=whole.site is None)


def test_a_hundred_activations_under_load_mix_no_two_rulebooks(store: Store, arrival: Callable[..., Arrival]) -> None:
    """Each verdict carries the digest and level of the row that was in force, and says what that book says."""
    books = {whole.digest: number for number in (2, 3, 4) if (whole := telling(number))}
    dice = random.Random(5)
    held = Noting(store, BAGGAGE.name)

    async def story() -> None:
        house = House(store, arrival)
        await held.begin()
        for number in (2, 3, 4):
            await held.put(given(telling(number)), WORD)
        held.noted.clear()
        async with house.running(rulebooks=held, in_flight=8):
            flowing = asyncio.create_task(flow(house))
            for _ in range(100):
                await asyncio.sleep(dice.random() * 0.01)
                now = await store.read(rulebooks.in_force)
                assert now is not None
                if dice.random() < 0.5:
                    await held.switch("raised" if now.level == "normal" else "normal", WORD)
                else:
                    await change(held, store, dice)
            flowing.cancel()
            await asyncio.gather(flowing, return_exceptions=True)
            async with asyncio.timeout(300):
                while await store.read(scans.waiting):
                    await asyncio.sleep(0.05)

    async def change(held: Rulebooks, store: Store, dice: random.Random) -> None:
        """As `put` does, less the second that checking takes: texts that were put before need none."""
        number = dice.choice((2, 3, 4))
        now = await store.read(rulebooks.in_force)
        assert now is not None
        await held._record(WORD, telling(number).digest, f"customs@{number}", now.level)

    async def flow(house: House) -> None:
        for number in range(100_000):
            await house.bring(f"s{number}")

    asyncio.run(story())
    with store.reader() as db:
        activations = db.execute("SELECT * FROM activation ORDER BY id").fetchall()
        found = db.execute("SELECT * FROM verdict ORDER BY id").fetchall()
        shelf = Rulebooks(store, BAGGAGE.name).shelf
        assert all(one.same for row in found[:50] for one in replay(db, shelf, row["scan"]))
        assert ledger.verify(db).broken is None
    assert len(activations) == 104
    assert len(found) > 100
    mixed = [told for row in found if (told := wrong(row, books))]
    assert mixed == []
    order = [one.id for one in held.noted]
    assert order == sorted(order)
    assert len(set(order)) > 20
    then = [json.loads(row["circumstances"]) for row in found]
    looked = iter([(one.digest, one.level) for one in held.noted])  # what a full queue undid was looked up once more
    assert all((one["rulebook"], one["level"]) in looked for one in then)


def wrong(row: Any, books: dict[str, int]) -> str:
    """How a verdict is not of one piece, if so."""
    then, said = json.loads(row["circumstances"]), json.loads(row["document"])
    number = books[then["rulebook"]]
    risk, action = ("high", "PHYSICAL_INSPECTION") if then["level"] == "raised" else ("medium", "REVIEW")
    expected = [{"id": f"says-{number}", "risk": risk, "message": f"By book {number}."}]
    fired = [{key: rule[key] for key in ("id", "risk", "message")} for rule in said["rules_fired"]]
    label = f"customs@{number} sha256:{then['rulebook']}"
    whole = (fired, said["recommended_action"], said["provenance"]["rulebook"], said["provenance"]["level"])
    return "" if whole == (expected, action, label, then["level"]) else f"{row['id']}: {whole}"
