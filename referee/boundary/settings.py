"""What a student's kernel is started with: its limits, its sockets, its folder."""

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

FILES = "/files"  # where the files of the working folder are shown, to be read only


@dataclass(frozen=True)
class KernelLimits:
    """The limits that the kernel's own process sets or keeps, as in `referee.model.limits`."""

    memory: int
    processes: int
    files: int
    open_files: int
    output: int
    printed: int

    @classmethod
    def of(cls, limits: Any) -> Self:
        """Those of a course, by their names."""
        return cls(**{field.name: getattr(limits, field.name) for field in fields(cls)})


@dataclass(frozen=True)
class Settings:
    """What the provisioner tells the kernel. File descriptors are inherited."""

    limits: KernelLimits
    user: int | None  # the user to become; None where there is no other
    key: str  # of the Jupyter session
    sockets: dict[int, int]  # port: file descriptor of a listening socket
    channels: dict[str, int]  # channel: port
    requests: int  # file descriptor that forks are asked for on
    folder: str  # to work in; not while modules are imported, which could be found there
    arguments: tuple[str, ...]  # more arguments of the kernel
    kinds: tuple[tuple[str, str, str], ...] = ()  # of values, the course's own: for `add_own`

    def descriptors(self) -> list[int]:
        """All file descriptors that are handed in."""
        return [self.requests, *self.sockets.values()]

    def with_descriptors(self, fds: list[int]) -> Self:
        """The same settings, in a process where those descriptors have other numbers."""
        requests, *sockets = fds
        return replace(
            self, requests=requests, sockets=dict(zip(self.sockets, sockets, strict=True))
        )

    def to_json(self) -> str:
        """The settings as an argument of a command."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what to_json wrote."""
        settings = json.loads(text)
        settings["limits"] = KernelLimits(**settings["limits"])
        settings["sockets"] = {int(port): fd for port, fd in settings["sockets"].items()}
        return cls(**settings)
