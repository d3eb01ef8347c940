"""What the DICOM stories share: a door before the real store, and a sender."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association

from appliance.intake.dicom.door import ECHO, DicomDoor
from appliance.ports import Reception
from appliance.settings import DicomSource
from appliance.store.database import Store
from tests.appliance.intake.feeding import receiver
from tests.waiting import living

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def made_object(sop_class: str = SECONDARY_CAPTURE, side: int = 16, uid: str = "") -> Dataset:
    """A small real object with 16-bit pixels."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = sop_class
    made.SOPInstanceUID = uid or generate_uid()
    made.PatientName = "NOBODY"
    made.Modality = "DX"
    made.Rows = made.Columns = side
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit = 15
    made.SamplesPerPixel = 1
    made.PixelRepresentation = 0
    made.PhotometricInterpretation = "MONOCHROME2"
    made.PixelData = bytes(range(256)) * (side * side * 2 // 256)
    return made


@contextlib.asynccontextmanager
async def door(store: Store, reception: Reception | None = None, **settings: Any) -> AsyncGenerator[DicomDoor]:
    chosen: dict[str, Any] = {"name": "dicom-1", "bind": "127.0.0.1:0"} | settings
    running = DicomDoor(DicomSource(**chosen), reception or receiver(store))
    async with living(running.run(), lambda: running.address[1]):
        yield running


def call(running: DicomDoor, sop_class: str, called: str = "LANEWATCH", calling: str = "SCANNER") -> Association:
    """Ask for an association; blocking."""
    entity = ApplicationEntity(calling)
    entity.add_requested_context(ECHO)
    entity.add_requested_context(sop_class, [ExplicitVRLittleEndian])
    return entity.associate(*running.address, ae_title=called)


def stored(running: DicomDoor, *objects: Dataset) -> list[Dataset]:
    """Send objects over one association and give the answers; blocking."""
    association = call(running, objects[0].SOPClassUID)
    assert association.is_established
    answers = [association.send_c_store(each) for each in objects]
    association.release()
    return answers
