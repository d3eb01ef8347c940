"""`lanewatch scans export --evidence ID`: one scan with everything that proves what was said of it."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from appliance.commands.common import printable, reading


def write_evidence(scan_id: str, revision: int | None, into: Path, config: Path) -> int:
    """Write the pack and say where it is. 3 where pieces of it are missing, 1 where the store contradicts itself."""
    from datetime import UTC, datetime

    from appliance.commands.scans import no_such_scan
    from appliance.config import read_settings
    from appliance.lookback import known, pack

    with reading(config) as db:
        found = known.read(db, scan_id, revision)
        if found is None:
            raise no_such_scan(db, scan_id, revision)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    written = pack.write(found, read_settings(config).storage.root, into, at)
    print(written.folder)
    print(written.archive)
    with written.archive.open("rb") as archive:
        print(f"sha256 of the zip            {hashlib.file_digest(archive, 'sha256').hexdigest()}")
    print(f"sha256 of its manifest.json  {written.manifest}")
    if found.newest:
        print(f"hash of ledger row {found.newest['seq']}: {found.newest['hash']}")
    print("Note these down where nobody of this box can change them: they show later that nothing was exchanged.")
    for line in written.missing:
        print(f"lanewatch: missing: {printable(line)}", file=sys.stderr)
    for line in written.wrong:
        print(f"lanewatch: {printable(line)}", file=sys.stderr)
    return 1 if written.wrong else 3 if written.missing else 0
