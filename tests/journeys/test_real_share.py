"""A scanner that writes to a Samba share: Debian's server and Debian's client, on loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box import Box, free_port
from tests.conftest import png

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for the server of a share"),
    pytest.mark.skipif(
        not (shutil.which("smbd") and shutil.which("smbclient")),
        reason="smbd or smbclient is missing: apt-get install samba smbclient",
    ),
]

SETTINGS = """
[global]
  interfaces = lo
  bind interfaces only = yes
  smb ports = {port}
  map to guest = Bad User
  guest account = root
  server role = standalone server
  disable netbios = yes
  load printers = no
  lock directory = {place}
  state directory = {place}
  cache directory = {place}
  private dir = {place}
  pid directory = {place}
  ncalrpc dir = {place}/rpc
  log file = {place}/log
[scanner]
  path = {folder}
  guest ok = yes
  read only = no
  force user = root
"""


@pytest.fixture
def share(tmp_path: Path) -> Iterator[tuple[Box, list[str]]]:
    """A box whose folder is a share, and the client's command for it."""
    box = Box(tmp_path / "box")
    port = free_port()
    place = tmp_path / "samba"
    place.mkdir()
    (place / "smb.conf").write_text(SETTINGS.format(port=port, place=place, folder=box.scanner))
    with (place / "out").open("wb") as out:
        command = ["smbd", "--foreground", "--no-process-group", "-s", str(place / "smb.conf")]
        server = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)  # it signals its group
    try:
        _wait_for(port, server, place)
        with box:
            box.start()
            yield box, ["smbclient", "//127.0.0.1/scanner", "-p", str(port), "-N", "-s", str(place / "smb.conf"), "-c"]
    finally:
        server.terminate()
        server.wait(timeout=300)


def _wait_for(port: int, server: subprocess.Popen[bytes], place: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError((place / "out").read_text() + (place / "log").read_text())


def test_scans_put_over_smb_in_every_way_are_all_judged(share: tuple[Box, list[str]], tmp_path: Path) -> None:
    """In place, by a rename after a .part, and with a sidecar behind the picture."""
    box, client = share
    for number in range(6):
        (tmp_path / f"s{number}.png").write_bytes(png((number * 20, 90, 90), (300, 200)))
    (tmp_path / "s4.json").write_text('{"scan_id": "SMB-4", "declared_items": ["clothing"]}')
    orders = [f"lcd {tmp_path}", "put s0.png", "put s1.png", "mkdir deep", "cd deep", "put s2.png", "cd .."]
    orders += ["put s3.png s3.png.part", "rename s3.png.part s3.png", "put s4.json", "put s4.png", "put s5.png s5.png"]
    done = subprocess.run([*client, "; ".join(orders)], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("s0", "s1", "s2", "s3", "s5", "SMB-4"):
        assert box.verdict(name)["provenance"]["pictures"], name
    assert box.one("SELECT count(*) FROM scan WHERE state = 'quarantined'") == 0
