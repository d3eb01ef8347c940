"""What the machine is like, read from its own list of mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.store.host import NETWORK, file_system_of

MOUNTS = r"""
/dev/sda1 / ext4 rw 0 0
server:/pool /data nfs4 rw 0 0
/dev/sdb1 /data/local xfs rw 0 0
//server/share /mnt/lane\0403 cifs rw 0 0
server:/x /mnt/Förderband nfs rw 0 0
/dev/sdc1 /datastore ext4 rw 0 0
""".lstrip()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib/lanewatch", "ext4"),
        ("/data", "nfs4"),
        ("/data/state", "nfs4"),
        ("/data/local/state", "xfs"),
        ("/datastore/state", "ext4"),
        ("/mnt/lane 3/state", "cifs"),
        ("/mnt/Förderband", "nfs"),
    ],
)
def test_the_innermost_mount_counts(tmp_path: Path, folder: str, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert file_system_of(Path(folder), mounts) == kind


def test_this_machine_has_a_local_disk(tmp_path: Path) -> None:
    assert file_system_of(tmp_path) not in NETWORK
