"""DICOM and DICOS senders store their objects with us, and are told the truth about it."""

from __future__ import annotations

import asyncio
import io
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom.ae import ApplicationEntity

from appliance.errors import ConfigError
from appliance.intake.decoding.decoder import ChildDecoder
from appliance.intake.dicom.door import DICOS, DicomDoor
from appliance.intake.receive import Receiver
from appliance.settings import Operations
from appliance.store import scans
from appliance.store.database import Store
from tests.appliance.intake.feeding import kept
from tests.appliance.intake.sending import SECONDARY_CAPTURE, call, door, made_object, stored


@pytest.mark.parametrize("sop_class", [SECONDARY_CAPTURE, *DICOS])
def test_an_object_of_any_storage_class_is_kept_as_it_was_sent(store: Store, sop_class: str) -> None:
    """Success comes with the scan named after the object, and the file reads back the same."""

    began = datetime.now(UTC)

    async def story() -> None:
        async with door(store, lane="L2") as running:
            sent = made_object(sop_class)
            (answer,) = await asyncio.to_thread(stored, running, sent)
            assert answer.Status == 0x0000
            with store.reader() as db:
                scan = scans.find(db, str(sent.SOPInstanceUID))
            assert scan is not None
            assert (scan.source, scan.lane) == ("dicom-1", "L2")
            back = pydicom.dcmread(io.BytesIO(store.pictures.read(scan.pictures[0].originals[0])))
            assert back.PixelData == sent.PixelData
            assert back.file_meta.MediaStorageSOPClassUID == sop_class
            assert running.counts().accepted == 1
            at = running.counts().accepted_at
            assert at is not None
            assert at >= began

    asyncio.run(story())


def test_an_object_is_decoded_into_a_clean_picture(store: Store) -> None:
    """What came over the network goes through the real decoder like any other file."""

    async def story() -> None:
        decoder = ChildDecoder(Operations())
        await decoder.start()
        try:
            async with door(store, Receiver(store, decoder, str)) as running:
                sent = made_object(DICOS[1], side=64)
                await asyncio.to_thread(stored, running, sent)
        finally:
            await decoder.close()
        with store.reader() as db:
            scan = scans.find(db, str(sent.SOPInstanceUID))
        assert scan is not None
        assert scan.quarantine is None
        assert scan.pictures[0].width == 64

    asyncio.run(story())


def test_the_same_object_again_is_the_same_scan(store: Store) -> None:
    """A sender that did not hear the answer sends again."""

    async def story() -> None:
        async with door(store) as running:
            sent = made_object()
            answers = await asyncio.to_thread(stored, running, sent, sent)
            assert [answer.Status for answer in answers] == [0, 0]
            assert kept(store) == 1
            assert running.counts().repeated == 1

    asyncio.run(story())


def test_an_object_over_the_limit_is_refused_without_being_held(store: Store) -> None:
    """The sender is told, and the next object over the same association is taken."""

    async def story() -> None:
        async with door(store, max_megabytes=1) as running:
            answers = await asyncio.to_thread(stored, running, made_object(side=1600), made_object())
            assert [answer.Status for answer in answers] == [0xC000, 0]
            assert "larger" in answers[0].ErrorComment
            assert kept(store) == 1

    asyncio.run(story())


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_an_instance_that_is_no_uid_is_refused(store: Store) -> None:
    """The name of a scan is never made of anything else."""

    async def story() -> None:
        async with door(store) as running:
            (answer,) = await asyncio.to_thread(stored, running, made_object(uid="../../etc"))
            assert answer.Status == 0xC000
            assert kept(store) == 0

    asyncio.run(story())


def test_an_echo_is_answered(store: Store) -> None:
    """Field engineers test a line with C-ECHO."""

    def echo(running: DicomDoor) -> int:
        association = call(running, SECONDARY_CAPTURE)
        status = association.send_c_echo().Status
        association.release()
        return status

    async def story() -> None:
        async with door(store) as running:
            assert await asyncio.to_thread(echo, running) == 0

    asyncio.run(story())


@pytest.mark.parametrize(
    ("called", "calling", "let_in"),
    [
        ("LANEWATCH", "SCANNER", True),
        ("SECOND", "SCANNER", True),
        ("ANY-SCP", "SCANNER", False),
        ("LANEWATCH", "STRANGER", False),
    ],
)
def test_only_known_titles_are_let_in(store: Store, called: str, calling: str, *, let_in: bool) -> None:
    """Every called title on our list, and only callers on theirs."""

    async def story() -> None:
        titles = {"called_titles": ("LANEWATCH", "SECOND"), "calling_titles": ("SCANNER",)}
        async with door(store, **titles) as running:
            association = await asyncio.to_thread(call, running, SECONDARY_CAPTURE, called, calling)
            assert association.is_established == let_in
            assert running.counts().strangers == (not let_in)
            if let_in:
                await asyncio.to_thread(association.release)

    asyncio.run(story())


def test_a_port_in_use_is_named(store: Store) -> None:
    """The second door on one port says which source and address."""

    async def story() -> None:
        async with door(store) as running:
            with pytest.raises(ConfigError, match="dicom-1: 127"):
                async with door(store, bind=f"127.0.0.1:{running.address[1]}"):
                    pass

    asyncio.run(story())


@pytest.mark.skipif(shutil.which("storescu") is None, reason="storescu is missing: apt-get install dcmtk")
def test_a_sender_that_is_not_ours_stores_its_files(store: Store, tmp_path: Path) -> None:
    """storescu of dcmtk sends three files; a wrong title is refused."""
    names: list[str] = []
    for number in range(3):
        made = made_object(side=32 + 32 * number)
        made.save_as(tmp_path / f"{number}.dcm", enforce_file_format=True)
        names.append(str(made.SOPInstanceUID))

    async def story() -> None:
        async with door(store) as running:
            host, port = running.address

            def send(title: str) -> subprocess.CompletedProcess[str]:
                words = ["storescu", "-aec", title, host, str(port), *(str(f) for f in sorted(tmp_path.glob("*.dcm")))]
                return subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)

            sent = await asyncio.to_thread(send, "LANEWATCH")
            assert sent.returncode == 0, sent.stderr
            with store.reader() as db:
                assert all(scans.find(db, name) for name in names)
            assert (await asyncio.to_thread(send, "WRONG")).returncode != 0
            assert kept(store) == 3

    asyncio.run(story())


def test_a_sender_of_another_encoding_is_kept_in_it(store: Store) -> None:
    """Implicit little endian, the oldest way, comes back as such."""

    def send(running: DicomDoor, made: Dataset) -> Dataset:
        made.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
        entity = ApplicationEntity("SCANNER")
        entity.add_requested_context(made.SOPClassUID, [ImplicitVRLittleEndian])
        association = entity.associate(*running.address, ae_title="LANEWATCH")
        answer = association.send_c_store(made)
        association.release()
        return answer

    async def story() -> None:
        async with door(store) as running:
            made = made_object()
            assert (await asyncio.to_thread(send, running, made)).Status == 0
            with store.reader() as db:
                scan = scans.find(db, str(made.SOPInstanceUID))
            assert scan is not None
            back = pydicom.dcmread(io.BytesIO(store.pictures.read(scan.pictures[0].originals[0])))
            assert back.file_meta.TransferSyntaxUID == ImplicitVRLittleEndian

    asyncio.run(story())
