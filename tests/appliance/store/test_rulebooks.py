"""By whose word rules were in force is held against the chain of deeds."""

from __future__ import annotations

import sqlite3

import pytest

from appliance.store import deeds, reviews, rulebooks
from appliance.store.database import Store

COLUMNS = "(at, who, why, origin, supervisor, digest, name, level)"
EDITS = (
    "UPDATE activation SET supervisor = 'N. Lee' WHERE id = 2",
    "UPDATE activation SET who = 'a. lim' WHERE id = 3",
    "UPDATE activation SET why = 'an order' WHERE id = 2",
    "UPDATE activation SET digest = 'd1' WHERE id = 3",
    "UPDATE activation SET level = 'normal' WHERE id = 3",
    "UPDATE activation SET name = 'customs@9' WHERE id = 2",
    "UPDATE activation SET at = '2020-01-01' WHERE id = 2",
    "DELETE FROM activation WHERE id = 2",
    "DELETE FROM activation WHERE id = 3",
    "DELETE FROM activation",
    f"INSERT INTO activation {COLUMNS} VALUES ('2999', 'x', 'y', 'site', 'z', 'd', 'customs@3', 'normal')",
    f"INSERT INTO activation {COLUMNS} VALUES ('2999', 'x', 'y', 'default', 'z', 'd', 'customs@3', 'normal')",
    f"INSERT INTO activation {COLUMNS} VALUES ('2020', 'x', 'y', 'centre', 'z', 'd', 'customs@3', 'normal')",
)


def put(db: sqlite3.Connection, number: int, origin: rulebooks.Origin = "site", level: str = "normal") -> None:
    done = rulebooks.activate(
        db, at=f"2999-01-0{number}", who="t. tan", why="x", origin=origin, supervisor=None, digest=f"d{number}",
        name=f"customs@{number}", level=level,
    )  # fmt: skip
    if origin != "default":
        rulebooks.tell(db, done, "t. tan", "rulebook activated" if level == "normal" else "threat level switched")


@pytest.fixture
def changed(store: Store) -> Store:
    """A box that began with a book, got another one, and was set to another level."""

    def fill(db: sqlite3.Connection) -> None:
        put(db, 1, "default")
        put(db, 2)
        put(db, 3, level="raised")

    store.submit(fill).result()
    return store


@pytest.mark.parametrize("edit", EDITS)
def test_a_word_on_what_is_in_force_that_was_edited_is_seen(changed: Store, edit: str) -> None:
    """Also a row that somebody adds under a book of their own; the chain itself still holds."""
    assert changed.submit(reviews.verify).result().broken is None
    with sqlite3.connect(changed.root / "lanewatch.db") as behind:
        behind.execute(edit)
    behind.close()
    assert changed.submit(deeds.verify).result().broken is None
    broken = changed.submit(reviews.verify).result().broken
    assert broken is not None
    assert broken.problem.startswith("activation ")


def test_words_from_before_deeds_were_kept_are_nobodys_fault(changed: Store) -> None:
    with sqlite3.connect(changed.root / "lanewatch.db") as behind:
        behind.execute("UPDATE activation SET id = id + 10 WHERE id > 1")
        behind.execute(
            f"INSERT INTO activation {COLUMNS} VALUES ('2020-01-01', 'x', 'y', 'site', 'z', 'd', 'c@1', 'normal')"
        )
        behind.execute("UPDATE activation SET id = 2 WHERE digest = 'd'")
    behind.close()
    assert changed.submit(reviews.verify).result().broken is None
