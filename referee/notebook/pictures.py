"""Pictures in notebooks: files of known kinds, which are encoded as text."""

import binascii
import re
from base64 import b64decode
from typing import Any

GIF = "image/gif"
NOT_SHOWN = "not_shown"  # in an output's metadata: kinds that were displayed and are not kept
PICTURES = {  # how files begin
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    GIF: (b"GIF87a", b"GIF89a"),
}


def is_picture(kind: str, encoded: Any) -> bool:
    """Whether it is a picture of this kind, in base64."""
    if not isinstance(encoded, str):
        return False
    try:
        return b64decode("".join(encoded.split()), validate=True).startswith(PICTURES[kind])
    except (binascii.Error, ValueError):
        return False


SVG = "image/svg+xml"  # text, which pages show as an image: scripts in it do not run there
OPENING = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!DOCTYPE\s+svg[^>]*>\s*)?(<!--[^>]*-->\s*)*<svg[\s>]", re.IGNORECASE
)


def is_svg(text: str) -> bool:
    """Whether a text begins as a picture of this kind does."""
    return OPENING.match(text) is not None
