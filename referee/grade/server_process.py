"""Starting the process of the server, as soon as it is known that there will be work for it.

It imports libraries for a second, as the command line does, and can do so at the same time: it
needs no course yet. This module is imported before all others and imports little.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from socket import SOCK_SEQPACKET, socket, socketpair
from typing import IO

from referee.sandbox.environment import ONE_THREAD
from referee.sandbox.stderr import sealed_stderr_file

ONLY_PAGES = "pages"  # an argument: nothing is likely to be graded


@dataclass(frozen=True)
class ServerProcess:
    """A server that waits for its folder on the control socket; it ends when that is closed."""

    process: subprocess.Popen[bytes]
    control: socket
    stderr: IO[bytes]
    environment: dict[str, str]

    def end(self) -> None:
        """End it, which has nothing to tidy up yet."""
        self.process.kill()
        self.process.wait()
        self.control.close()
        self.stderr.close()


_ahead: ServerProcess | None = None


def start_ahead(*, only_pages: bool = False) -> None:
    """Start a process for the first who takes one, who will grade, or have `only_pages` written."""
    global _ahead
    _ahead = _started(*[ONLY_PAGES] * only_pages)


def take() -> ServerProcess:
    """Return the process that was started ahead, if it is as one of now would be, or a new one."""
    global _ahead
    ahead, _ahead = _ahead, None
    if ahead is None:
        return _started()
    # A course's configuration may have set what libraries look at when they are imported.
    if ahead.environment == _environment() and ahead.process.poll() is None:
        return ahead
    ahead.end()
    return _started()


def _started(*arguments: str) -> ServerProcess:
    stderr, environment = sealed_stderr_file(), _environment()
    control, theirs = socketpair(type=SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            # Not from the folder that this is started in: it may be the one of a submission.
            [sys.executable, "-P", "-m", "referee.grade.server", *arguments],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env=environment | {"PATH": os.environ.get("PATH", os.defpath)},
            start_new_session=True,  # Ctrl-C is not for it
        )
    return ServerProcess(process, control, stderr, environment)


def _environment() -> dict[str, str]:
    """That of a server, but for PATH, to which opening a course adds, in a server too."""
    environment = ONE_THREAD | os.environ
    environment.pop("PATH", None)
    return environment
