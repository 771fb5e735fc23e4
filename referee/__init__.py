"""Referee: an autograder for Jupyter notebooks whose marks can be trusted.

A submission is collected (`collect`), taken in (`intake`), sent to a worker with what it needs of
the course (`batch`, `cluster`, `package`), and graded there (`worker`): read (`parse`), sanitised
(`sanitise`), run (`run`, `kernel`) and judged (`judge`), its feedback written (`feedback`). What
comes back is recorded (`record`).
"""

import sys

__version__ = "0.2.0"

# jsonschema loads this where it is installed, which takes more than a second to parse a grammar of
# internationalised addresses. No schema of a notebook asks for one.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
