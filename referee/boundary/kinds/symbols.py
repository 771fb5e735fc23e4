"""..."""

from typing import Any

KINDS: list[Any] = []
