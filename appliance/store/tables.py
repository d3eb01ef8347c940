"""The tables as SQL, one text for each change of `migrations.py`: what a box once ran is never edited."""

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

DESK = """
CREATE TABLE officer (
  name TEXT PRIMARY KEY,            -- as typed at the door, folded
  shown TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('officer', 'supervisor', 'administrator', 'auditor')),
  secret TEXT,                      -- argon2id; NULL until the first password is chosen
  totp TEXT,                        -- base32, where there is a second factor
  totp_last INTEGER NOT NULL DEFAULT 0,  -- the last time step that was used
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  disabled_at TEXT,
  settings TEXT NOT NULL DEFAULT '{}'    -- JSON: what the pages remember for an officer
) STRICT;
CREATE TABLE invitation (           -- a code that opens the door once
  digest TEXT PRIMARY KEY,
  officer TEXT REFERENCES officer(name),  -- NULL for the very first administrator
  purpose TEXT NOT NULL CHECK (purpose IN ('setup', 'password', 'enter')),
  until REAL NOT NULL
) STRICT;
CREATE TABLE session (
  digest TEXT PRIMARY KEY,          -- of the cookie
  officer TEXT NOT NULL REFERENCES officer(name),
  proof TEXT NOT NULL,              -- what a page shows with every change, so that no other site can ask for it
  began REAL NOT NULL,
  seen REAL NOT NULL
) STRICT;
CREATE INDEX session_officer ON session(officer);
CREATE TABLE device (               -- a browser in which an officer has signed in before
  digest TEXT NOT NULL,             -- of what the browser shows; several officers may share one
  officer TEXT NOT NULL REFERENCES officer(name),
  made_at TEXT NOT NULL,
  PRIMARY KEY (digest, officer)
) STRICT;
CREATE TABLE review (               -- an officer's word on a scan
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,         -- chosen by the page, so that asking twice is one word
  scan INTEGER NOT NULL REFERENCES scan(id),
  verdict INTEGER REFERENCES verdict(id),  -- the one the officer had before them
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('agree', 'false_alarm', 'missed', 'wrong_item', 'cannot_tell')),
  marks TEXT NOT NULL,              -- JSON: what was drawn or corrected
  note TEXT NOT NULL,
  undone_at TEXT
) STRICT;
CREATE INDEX review_scan ON review(scan, id);
CREATE INDEX review_who ON review(who, id);
CREATE TABLE outcome (              -- what came of the search
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  scan INTEGER NOT NULL REFERENCES scan(id),
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('found', 'nothing', 'not_opened')),
  found TEXT NOT NULL,              -- JSON: what, how many
  note TEXT NOT NULL
) STRICT;
CREATE INDEX outcome_scan ON outcome(scan, id);
CREATE TABLE deed (                 -- what people did, chained as the ledger is
  seq INTEGER PRIMARY KEY,
  body TEXT NOT NULL,               -- canonical JSON: at, who, what, about, detail
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
ALTER TABLE scan ADD COLUMN review INTEGER REFERENCES review(id);
ALTER TABLE scan ADD COLUMN disagrees INTEGER NOT NULL DEFAULT 0 CHECK (disagrees IN (0, 1));
CREATE INDEX scan_open ON scan(action, risk <> 'high', disagrees DESC, due_at)
  WHERE review IS NULL AND superseded_by IS NULL AND action IN ('REVIEW', 'PHYSICAL_INSPECTION');
CREATE INDEX scan_of_action ON scan(action) WHERE action IS NOT NULL;
CREATE INDEX scan_of_risk ON scan(risk) WHERE risk IS NOT NULL;
CREATE INDEX scan_of_lane ON scan(lane) WHERE lane IS NOT NULL;
CREATE INDEX scan_of_source ON scan(source);
CREATE INDEX scan_not_concluded ON scan(state) WHERE state <> 'concluded';
CREATE INDEX scan_degraded ON scan(id) WHERE degraded IS NOT NULL;
CREATE INDEX scan_received ON scan(received_at);
CREATE TABLE happening (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('received', 'verdict', 'review')),
  scan INTEGER NOT NULL REFERENCES scan(id),
  verdict INTEGER REFERENCES verdict(id),
  review INTEGER REFERENCES review(id)
) STRICT;
INSERT INTO happening (id, at, kind, scan, verdict) SELECT id, at, kind, scan, verdict FROM event;
UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM sqlite_sequence WHERE name = 'event')
  WHERE name = 'happening' AND EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'event');
DROP TABLE event;
ALTER TABLE happening RENAME TO event;
CREATE VIEW reviews AS SELECT review.id, scan_id, revision, verdict, review.at, who, kind, marks, note, undone_at
  FROM review JOIN scan ON scan.id = review.scan;
"""

FIGURES = """
CREATE TABLE tally (                -- what was counted of the scans of one hour, until one of them changes
  hour TEXT PRIMARY KEY,            -- 2026-11-22T08, of received_at
  turn INTEGER NOT NULL,            -- grows with every change: what was counted before it is not kept after it
  counts TEXT                       -- JSON; NULL where it has to be counted anew
) STRICT;
CREATE TRIGGER tally_received AFTER INSERT ON scan BEGIN
  INSERT INTO tally VALUES (substr(new.received_at, 1, 13), 1, NULL)
  ON CONFLICT (hour) DO UPDATE SET turn = turn + 1, counts = NULL; END;
CREATE TRIGGER tally_changed
AFTER UPDATE OF superseded_by, due_at, lane, received_at, rehearsal, risk, action, degraded, review ON scan BEGIN
  INSERT INTO tally VALUES (substr(new.received_at, 1, 13), 1, NULL)
  ON CONFLICT (hour) DO UPDATE SET turn = turn + 1, counts = NULL; END;
CREATE INDEX review_said ON review(who, at);
CREATE INDEX outcome_said ON outcome(who, at);
"""

FINDING = """
CREATE TABLE behind (scan INTEGER PRIMARY KEY) STRICT;
CREATE TABLE run (first INTEGER PRIMARY KEY /* the id from which on scans came in */, hour TEXT NOT NULL) STRICT;
INSERT INTO run SELECT id, hour FROM (SELECT id, substr(received_at, 1, 13) AS hour,
  substr(lag(received_at) OVER (ORDER BY id), 1, 13) AS before FROM scan) WHERE hour IS NOT before;
CREATE TRIGGER run_begins AFTER INSERT ON scan
WHEN substr(new.received_at, 1, 13) IS NOT (SELECT hour FROM run ORDER BY first DESC LIMIT 1) BEGIN
  INSERT INTO run VALUES (new.id, substr(new.received_at, 1, 13)); END;
"""
