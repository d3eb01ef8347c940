"""One view of a question, read from the disk, decoded and framed for the reader.

Takes a view, gives its pixels. A picture that is not the one that was meant, or that does not decode, raises
`EnginePictureError`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.answer import Box, View
from models.frame import framed
from models.pictures import read
from models.ports import EnginePictureError
from models.profile import Profile

if TYPE_CHECKING:
    from models.ports import Pixels

AS_IT_IS = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION


@dataclass(slots=True, eq=False)
class Look:
    """A view as the models see it."""

    whole: Pixels
    framed: Pixels
    """Through the reader's frame."""
    bag: Box
    """What lies on the belt, as shares of the picture."""

    def let_go(self) -> None:
        """Free the memory of the whole picture."""
        self.whole = self.whole[:0]


def look(view: View, profile: Profile) -> Look:
    """Read, check, decode and frame a view. Takes a while, so that it is a thread's work."""
    content = np.frombuffer(read(view), np.uint8)
    try:
        pixels = cv2.imdecode(content, AS_IT_IS)
    except cv2.error as problem:
        raise EnginePictureError(f"view {view.name}: cannot be decoded: {problem}") from problem
    if pixels is None:
        raise EnginePictureError(f"view {view.name}: cannot be decoded")
    pixels = np.asarray(pixels, np.uint8)
    height, width = pixels.shape[:2]
    if (width, height) != (view.width, view.height):
        raise EnginePictureError(f"view {view.name}: is {width} x {height}, not {view.width} x {view.height}")
    frame = framed(pixels, *profile.reader_frame)
    left, top, right, bottom = frame.cut
    return Look(pixels, frame.pixels, (left / width, top / height, right / width, bottom / height))
