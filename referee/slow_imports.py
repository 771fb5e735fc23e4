"""What makes imports quicker, in a program of our own."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def skip_slow_imports() -> None:
    """Keep jsonschema from loading what it would use if it were installed.

    That parses a grammar of internationalised addresses, which takes more than a second; no schema
    of a notebook asks for one.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


@contextmanager
def without_collecting() -> Iterator[None]:
    """Look for no garbage meanwhile, and afterwards only in what is new.

    Imports make many objects and hardly any garbage: looking for it is a sixth of their time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
