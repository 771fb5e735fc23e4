"""Pictures of Pillow: their mode, size and pixels."""

import sys
from typing import Any

import numpy as np

from referee.boundary.frame import BoundaryError
from referee.boundary.kinds.kind import ValueKind, array, whole
from referee.boundary.kinds.standard import bytes_of

BITS = {  # of a pixel
    **{"1": 1, "L": 8, "P": 8, "RGB": 24, "LA": 16, "PA": 16, "RGBA": 32, "CMYK": 32},
    **{"YCbCr": 24, "LAB": 24, "HSV": 24, "I": 32, "F": 32, "I;16": 16},
}
MAX_SIDE = 2**16
FORMATS = (None, "PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")


class _Pixels(ValueKind):
    """A picture by its pixels."""

    def parts(self, value: Any) -> list[Any] | None:
        """Mode, size, pixels, and of one with a palette, that."""
        if value.mode not in BITS or max(value.size) > MAX_SIDE:
            return None
        palette = None
        if value.mode in ("P", "PA"):
            palette = np.frombuffer(bytes(value.getpalette("RGB")), np.uint8)
        pixels = np.frombuffer(value.tobytes(), np.uint8)
        form = value.format if value.format in FORMATS else None
        return [value.mode, list(value.size), pixels, palette, form]

    def make(self, *parts: Any) -> Any:
        """If there are as many pixels as belong to its size."""
        mode, (width, height), pixels, palette, form = parts
        whole(width, height)
        if not (0 <= width <= MAX_SIDE and 0 <= height <= MAX_SIDE) or form not in FORMATS:
            raise ValueError
        content = bytes_of(pixels)
        if len(content) != -(-width * BITS[mode] // 8) * height:
            raise ValueError
        library: Any = sys.modules["PIL.Image"]
        made = library.new(mode, (width, height))
        if content:
            made.frombytes(content)
        if palette is not None:
            if array(palette, "u").nbytes > 768 or mode not in ("P", "PA"):
                raise ValueError
            made.putpalette(bytes_of(palette), "RGB")
        made.format = form
        return made


class ImageKind(_Pixels):
    """A picture that is in memory."""

    path = "PIL.Image.Image"

    def update(self, value: Any, now: Any) -> None:
        """Take over all pixels, of a picture of the same mode and size."""
        if (value.mode, value.size) != (now.mode, now.size):
            raise BoundaryError("a picture that was passed has become one of another size or mode")
        value.frombytes(now.tobytes())


class OpenedImageKind(_Pixels):
    """A picture that a file was opened for. It arrives as one in memory, without a file."""

    arrives_as = ImageKind.path

    def __init__(self, form: str) -> None:
        self.path = f"PIL.{form}ImagePlugin.{form}ImageFile"


OPENED = ("Png", "Jpeg", "Gif", "Bmp", "Ppm", "Tiff", "WebP")
KINDS: list[ValueKind] = [ImageKind(), *map(OpenedImageKind, OPENED)]
