"""Leaving out imports that take long and that nothing here uses, in a program of our own."""

import sys


def skip_slow_imports() -> None:
    """Keep jsonschema from loading what it would use if it were installed.

    That parses a grammar of internationalised addresses, which takes more than a second; no schema
    of a notebook asks for one.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
