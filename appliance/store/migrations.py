"""The tables, as they came to be. Each change is one function here, run once, in order."""

from __future__ import annotations

import sqlite3
import sys

from appliance.rules.history import one_name

sys.modules.setdefault("pandas", None)  # pyright: ignore[reportArgumentType]
from sqlite_utils import Database, Migrations  # noqa: E402

if sys.modules["pandas"] is None:  # pyright: ignore[reportUnnecessaryComparison]
    del sys.modules["pandas"]
"""The library takes pandas in where a model library brought it along: 66 MB and threads of its own, all unused."""

migrations = Migrations("lanewatch")

FIRST = """
CREATE TABLE scan (
  id INTEGER PRIMARY KEY,
  scan_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  slot TEXT NOT NULL,               -- the place in its source that it fills
  content TEXT NOT NULL,            -- digest of all that was brought
  supersedes INTEGER REFERENCES scan(id),
  superseded_by INTEGER REFERENCES scan(id),
  state TEXT NOT NULL CHECK (state IN ('received', 'inspecting', 'concluded', 'quarantined')),
  todo INTEGER NOT NULL CHECK (todo IN (0, 1)),   -- 1 while it waits for an engine
  owed INTEGER NOT NULL DEFAULT 0 CHECK (owed IN (0, 1)),  -- 1 while its verdict lacks the engine's full word
  attempts INTEGER NOT NULL DEFAULT 0,
  rank REAL NOT NULL,               -- the order of work, smallest first
  due_at REAL NOT NULL,             -- unix seconds: an officer must have an answer by then
  source TEXT NOT NULL,
  lane TEXT,
  scanned_at TEXT,
  received_at TEXT NOT NULL,
  rehearsal INTEGER NOT NULL CHECK (rehearsal IN (0, 1)),
  quarantine TEXT,
  risk TEXT,                        -- of the newest verdict
  action TEXT,
  degraded TEXT,
  brought TEXT NOT NULL,            -- JSON: pictures, missing, declaration, context, timings_ms
  UNIQUE (scan_id, revision)
) STRICT;
CREATE UNIQUE INDEX scan_content ON scan(content) WHERE superseded_by IS NULL;
CREATE INDEX scan_slot ON scan(slot) WHERE superseded_by IS NULL;
CREATE INDEX scan_work ON scan(rank) WHERE todo = 1;
CREATE INDEX scan_again ON scan(rank) WHERE todo = 1 AND attempts > 0;
CREATE INDEX scan_due ON scan(due_at) WHERE todo = 1 AND state IN ('received', 'quarantined');
CREATE INDEX scan_held ON scan(id) WHERE state = 'inspecting';
CREATE TABLE verdict (
  id INTEGER PRIMARY KEY,
  scan INTEGER NOT NULL REFERENCES scan(id),
  at TEXT NOT NULL,
  risk TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('CLEAR', 'REVIEW', 'PHYSICAL_INSPECTION')),
  document TEXT NOT NULL,
  answer TEXT
) STRICT;
CREATE INDEX verdict_scan ON verdict(scan, id);
CREATE INDEX verdict_action ON verdict(action);
CREATE TABLE ledger (
  seq INTEGER PRIMARY KEY,
  verdict INTEGER NOT NULL UNIQUE REFERENCES verdict(id),
  body TEXT NOT NULL,               -- canonical JSON
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('received', 'verdict')),
  scan INTEGER NOT NULL REFERENCES scan(id),
  verdict INTEGER REFERENCES verdict(id)
) STRICT;
CREATE TABLE cursor (outlet TEXT PRIMARY KEY, event INTEGER NOT NULL) STRICT;
CREATE TABLE sighting (
  source TEXT NOT NULL,
  path BLOB NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  scan INTEGER NOT NULL REFERENCES scan(id),
  PRIMARY KEY (source, path)
) STRICT;
CREATE INDEX sighting_scan ON sighting(scan);
CREATE TABLE token (
  name TEXT PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  made_at TEXT NOT NULL,
  revoked_at TEXT
) STRICT;
CREATE VIEW scans AS SELECT id, scan_id, revision, state, source, lane, scanned_at, received_at, risk AS risk_level,
  action AS recommended_action, degraded, quarantine, rehearsal, supersedes, superseded_by FROM scan;
CREATE VIEW verdicts AS SELECT verdict.id, scan_id, revision, verdict.at, verdict.risk AS risk_level,
  verdict.action AS recommended_action, document FROM verdict JOIN scan ON scan.id = verdict.scan;
CREATE VIEW findings AS SELECT verdict.id AS verdict, scan_id, revision, json_extract(value, '$.item') AS item,
  json_extract(value, '$.category') AS category, json_extract(value, '$.confidence') AS confidence,
  json_extract(value, '$.location') AS location, json_extract(value, '$.occluded') AS occluded,
  json_extract(value, '$.view') AS view, json_extract(value, '$.box') AS box
  FROM verdict JOIN scan ON scan.id = verdict.scan, json_each(verdict.document, '$.detected_items');
"""


JUDGEMENT = """
CREATE TABLE activation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('default', 'site', 'centre')),
  supervisor TEXT,                  -- who answers for what the site loosens
  digest TEXT NOT NULL,             -- of the texts, under rulebooks/
  name TEXT NOT NULL,               -- customs@12
  level TEXT NOT NULL
) STRICT;
ALTER TABLE verdict ADD COLUMN circumstances TEXT;
ALTER TABLE scan ADD COLUMN consignee TEXT;
UPDATE scan SET consignee = json_extract(brought, '$.context.consignee')
  WHERE json_type(brought, '$.context.consignee') = 'text';
CREATE INDEX scan_consignee ON scan(consignee, rehearsal, received_at, action, superseded_by)
  WHERE consignee IS NOT NULL;
CREATE INDEX scan_lane ON scan(lane, rehearsal, received_at, action, superseded_by)
  WHERE lane IS NOT NULL;
"""


@migrations()
def m001_first(db: Database) -> None:
    """Scans, verdicts, ledger, events, sightings, tokens."""
    _run(db, FIRST)


@migrations()
def m002_judgement(db: Database) -> None:
    """Which rules were in force, what a verdict followed from, and what history functions look up."""
    _run(db, JUDGEMENT)


@migrations()
def m003_one_name(db: Database) -> None:
    """Consignees in the spelling that they are looked up by."""
    names = [row[0] for row in db.conn.execute("SELECT DISTINCT consignee FROM scan WHERE consignee IS NOT NULL")]
    spelt = ((one_name(name) or None, name) for name in names)
    db.conn.executemany("UPDATE scan SET consignee = ? WHERE consignee = ?", [one for one in spelt if one[0] != one[1]])


def _run(db: Database, statements: str) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables up to today, or change nothing."""
    migrations.apply(Database(connection))
