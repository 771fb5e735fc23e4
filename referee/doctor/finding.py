"""What a check found: the form in which the report gets it."""

from dataclasses import dataclass

OK, WARNING, PROBLEM = "ok", "warning", "problem"


@dataclass(frozen=True)
class Finding:
    """What one check found, and what to do about it, a line each."""

    name: str
    outcome: str  # OK, WARNING or PROBLEM
    found: str
    remedy: str = ""
