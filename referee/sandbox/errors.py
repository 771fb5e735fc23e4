"""Why no sandbox can be had."""

from referee.errors import RefereeError


class NoSandboxError(RefereeError):
    """The machine cannot sandbox student code as it is."""
