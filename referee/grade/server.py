"""The process that grading processes are forked from: it has all loaded and has the course open.

Forked by `server_process`, or started as `python -m referee.grade.server`. The first that comes
over its control socket, its stdin, is a folder with a package. It reads no submission: a request is
two sockets, and only the fork reads what comes over the first. Over the second, the worker learns
which process the fork is, and in the end how that has ended. A request says whether the fork is to
start kernels.
"""

import ctypes
import gc
import importlib
import os
import select
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from referee.grade.messages import Failed, Request, receive, send
from referee.sandbox.environment import PRELOADED
from referee.sandbox.landlock import Confinement, all_but, landlock_version
from referee.sandbox.warm import Zygote
from referee.slow_imports import skip_slow_imports

PAGES = ("referee.grade.workplace",)  # what servers import who only write pages
GRADES = (*PAGES, *PRELOADED)  # and those who grade
PACKAGE, SETTINGS, COURSE = "package", "settings", "course"  # names in the folder
PREFIX = "referee-grading-"  # of the folder's own name
LOCK = "lock"  # a file in there that is locked while the server, or who started it, lives
READY = b"+"
KERNELS, NO_KERNELS = b"K", b"N"  # what a request asks for
STATUS = struct.Struct("<i")  # how a process has ended, as os.waitpid says it
LONGEST_FOLDER = 75  # characters of a path that leave room for those of a kernel's sockets: 107
MAX_REASON = MAX_PATH = 2**12  # bytes
MAX_REQUEST = 2**40  # bytes; it comes from the worker
PR_SET_PDEATHSIG = 1
TICK = 0.1  # seconds


class ServerSettings(msgspec.Struct):
    """What the worker knows. Grading processes see nothing of the paths that are `hidden`.

    With these `environment` and `preload`, kernels are started, as far as that is known already.
    Where nothing is to be graded, only pages can be written, and less is loaded.
    """

    hidden: list[str]
    grades: bool = True
    environment: dict[str, str] = {}
    preload: list[str] | None = None


def main(*, ahead: Sequence[str] = ()) -> None:
    """Load all, then fork for each request, until who asks has ended.

    These modules are loaded `ahead` of the folder.
    """
    control = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the head
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # kernels are to be interrupted
    os.environ["NBGRADER_EXECUTION"] = "autograde"  # as nbgrader says it to the code of notebooks
    skip_slow_imports()
    gc.disable()  # until all has loaded: looking for garbage is a sixth of that time
    try:
        import_each(ahead)
        folder, _lock = handed_over(control)
        if folder is None:
            return
        settings = msgspec.json.decode((folder / SETTINGS).read_bytes(), type=ServerSettings)
        if settings.grades and settings.preload is not None:
            # This takes as long as all that follows, and runs beside.
            Zygote.of(settings.environment, settings.preload)
        from referee.grade.workplace import Workplace
        from referee.model.work import from_bytes
        from referee.nbgrader.package import Package

        package = from_bytes(Package, (folder / PACKAGE).read_bytes())
        workplace = Workplace(package, folder / COURSE)
        if settings.grades:
            workplace.prepare_kernels()
            workplace.warm_up()  # meanwhile
        workplace.warm_up_pages()
        hidden = confinement(folder, settings.hidden)
        gc.collect()
        gc.freeze()  # objects that are not looked at stay shared
        gc.enable()
        control.send(READY)
        short = with_short_path(folder)
        forked = ForkServer(control, short, workplace.prepare_kernels).serve()
    except BaseException as error:
        control.send(f"{type(error).__name__}: {error}".encode(errors="replace")[:MAX_REASON])
        sys.exit(1)
    if forked is None:  # all who asked have ended
        for each in (folder, short):
            remove_folder(each)
        return
    channel, kernels = forked
    scratch, temporary = (each / str(os.getpid()) for each in (folder, short))
    code = 0
    try:
        workplace.confine(scratch, temporary, hidden, kernels=kernels)
        request: Request = receive(channel, Request, MAX_REQUEST)  # type: ignore[arg-type]
        workplace.answer(request, scratch, lambda report: send(channel, report))
    except BaseException:  # the worker learns of it by the end of this process
        with suppress(OSError):
            send(channel, Failed(traceback.format_exc()))
        code = 1
    os._exit(code)


def remove_folder(folder: Path, tries: int = 1) -> None:
    """Remove a server's folder, its lock last: while that is there, a later run can do it.

    Where forks of a server that was killed still write, it takes some tries, a tick apart.
    """
    for attempt in range(tries):
        time.sleep(TICK if attempt else 0)
        with suppress(OSError):
            for each in folder.iterdir():
                if each.is_dir() and not each.is_symlink():
                    shutil.rmtree(each, ignore_errors=True)
                elif each.name != LOCK:
                    each.unlink()
            if {each.name for each in folder.iterdir()} <= {LOCK}:
                shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


def import_each(modules: Sequence[str]) -> None:
    """Import what can be imported of these; the rest is met again where it is used."""
    for module in modules:
        with suppress(Exception):
            importlib.import_module(module)


def handed_over(control: socket.socket) -> tuple[Path | None, int | None]:
    """Wait for the folder, and its lock, which is to stay open; none if who started this ended."""
    path, fds, *_ = socket.recv_fds(control, MAX_PATH, 1)
    return (Path(os.fsdecode(path)), fds[0]) if path and fds else (None, None)


def with_short_path(folder: Path) -> Path:
    """Return the folder, or a new one if sockets in one of its folders had too long paths."""
    if len(os.fspath(folder / str(os.getpid()))) <= LONGEST_FOLDER:
        return folder
    return Path(tempfile.mkdtemp(prefix="referee-", dir="/tmp"))


def confinement(folder: Path, hidden: list[str]) -> Confinement | None:
    """What grading processes may read: all but each other's folders, and what the worker hides.

    None where the system has no Landlock.
    """
    if not landlock_version():
        return None
    others = folder.parent.glob(f"{PREFIX}*")
    return Confinement([*all_but([folder, *others, *map(Path, hidden)]), folder / COURSE])


@dataclass
class ForkServer:
    """Forks on request and tells of ends; `prepare` is called before forks that start kernels.

    What a fork leaves in its folder in `short` is removed when it has ended, however it has.
    `children` are by their pidfds, each with the socket that its end is announced on.
    """

    control: socket.socket
    short: Path
    prepare: Callable[[], None]
    children: dict[int, tuple[int, socket.socket]] = field(default_factory=dict)

    def serve(self) -> tuple[socket.socket, bool] | None:
        """Fork for each request.

        Returns in forks, the channel to the worker and whether kernels are started, and in the end.
        """
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        while True:
            for fd, _ in poll.poll():
                if fd in self.children:
                    poll.unregister(fd)
                    self._bury(fd)
                    continue
                message, fds, *_ = socket.recv_fds(self.control, 1, 2)
                if not message:
                    self._end()
                    return None
                if len(fds) < 2:  # no more files can be opened here; who asked sees it
                    for handed in fds:
                        os.close(handed)
                    continue
                channel, status = (socket.socket(fileno=handed) for handed in fds)
                kernels = message == KERNELS
                try:
                    if kernels:
                        self.prepare()
                    child = os.fork()
                except Exception:  # this one cannot be forked, the next may be
                    channel.close()
                    status.close()
                    continue
                if child == 0:
                    self._begin(status)
                    return channel, kernels
                channel.close()
                pidfd = os.pidfd_open(child)
                poll.register(pidfd, select.POLLIN)
                self.children[pidfd] = child, status
                with suppress(OSError):  # the worker has ended
                    socket.send_fds(status, [STATUS.pack(child)], [pidfd])

    def _begin(self, status: socket.socket) -> None:
        """Make this fork independent of the others, and dependent on its parent."""
        server = os.getppid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server:
            os._exit(1)
        status.close()
        self.control.close()
        for pidfd, (_, other) in self.children.items():
            os.close(pidfd)
            other.close()

    def _bury(self, pidfd: int) -> None:
        child, status = self.children.pop(pidfd)
        os.close(pidfd)
        _, ended = os.waitpid(child, 0)
        shutil.rmtree(self.short / str(child), ignore_errors=True)
        with suppress(OSError), status:
            status.send(STATUS.pack(ended))

    def _end(self) -> None:
        for pidfd in self.children:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        for pidfd in list(self.children):
            self._bury(pidfd)


if __name__ == "__main__":
    main()
