"""Only a token's digest is kept; it opens what it was made for until it is revoked."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from appliance.errors import RefusedError
from appliance.store import tokens
from appliance.store.database import Store

T = TypeVar("T")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def write(store: Store, do: Callable[[sqlite3.Connection], T]) -> T:
    return asyncio.run(store.write(do))


def test_a_token_opens_what_it_was_made_for(store: Store) -> None:
    token = write(store, lambda db: tokens.add(db, "scanner-1", frozenset({"inspect", "read"}), NOW))
    with store.reader() as db:
        found = tokens.check(db, token)
        assert found is not None
        assert (found.name, found.scopes) == ("scanner-1", {"inspect", "read"})
        assert [tokens.check(db, other) for other in ("", token[:-1], token + "x", token.upper(), "\udcff")] == [
            None
        ] * 5


def test_no_file_of_the_store_holds_the_token(store: Store) -> None:
    token = write(store, lambda db: tokens.add(db, "scanner-1", frozenset({"read"}), NOW))
    assert not [path for path in store.root.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]


def test_a_revoked_token_opens_nothing_and_its_name_is_not_given_again(store: Store) -> None:
    token = write(store, lambda db: tokens.add(db, "scanner-1", frozenset({"read"}), NOW))
    write(store, lambda db: tokens.revoke(db, "scanner-1", NOW))
    with store.reader() as db:
        assert tokens.check(db, token) is None
        assert [(one.name, one.revoked_at) for one in tokens.listing(db)] == [("scanner-1", NOW.isoformat())]
    for name in ("scanner-1", "nobody"):
        with pytest.raises(RefusedError, match="no token named"):
            write(store, lambda db, name=name: tokens.revoke(db, name, NOW))
    with pytest.raises(RefusedError, match="exists"):
        write(store, lambda db: tokens.add(db, "scanner-1", frozenset({"read"}), NOW))


@pytest.mark.parametrize("scopes", [set(), {"all"}, {"read", "admin"}])
def test_an_unknown_scope_is_refused(store: Store, scopes: set[str]) -> None:
    with pytest.raises(RefusedError, match="scopes"):
        write(store, lambda db: tokens.add(db, "scanner-1", frozenset(scopes), NOW))
