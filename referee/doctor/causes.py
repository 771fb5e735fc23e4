"""Why no sandbox can be started, and how to fix it."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from traitlets.config import Config

from referee.doctor.finding import PROBLEM, Finding
from referee.nbgrader.course import CONFIG_NAME
from referee.sandbox.bubblewrap import find_bubblewrap

NAMESPACES = ("user", "pid", "net", "mnt", "ipc", "uts")
CAP_SYS_ADMIN = 21
APP_ARMOR = "kernel.apparmor_restrict_unprivileged_userns"
UNCONFINED = (
    "--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined"
)
Cause = tuple[str, str]  # what was found, and the remedy


def explain(
    said: str,
    config: Config,
    user: int | None = None,
    proc: Path = Path("/proc"),
    root: Path = Path("/"),
) -> list[Finding]:
    """The causes of a failed start that can be found, and how to fix each.

    `said` is what bubblewrap or the kernel said; `proc` and `root` are where to look, and `user` is
    the number of the user who grades.
    """
    user = os.geteuid() if user is None else user
    causes = [*_missing_folders(config), *_settings(proc, user)]
    causes = causes or [*_masked_proc(said), *_powerless_root(proc, user)]
    causes = causes or [_container(said, root)]
    return [Finding("cause", PROBLEM, found, remedy) for found, remedy in causes]


def _missing_folders(config: Config) -> Iterator[Cause]:
    for path in config.SandboxProvisioner.get("read_only", []):
        if not Path(path).exists():
            found = f"c.SandboxProvisioner.read_only names {path}, which is not there"
            yield found, f"Make that folder, or take it out of {CONFIG_NAME}."


def _settings(proc: Path, user: int) -> Iterator[Cause]:
    """Settings of sysctl that forbid namespaces, to all or to others than root."""
    forbidding = {  # the setting: its value, what that means, and a better value
        f"user.max_{kind}_namespaces": (0, f"this machine allows no {kind} namespaces", 15000)
        for kind in NAMESPACES
    }
    if user != 0:
        only_some = "AppArmor lets only programs with a profile make user namespaces"
        forbidding["kernel.unprivileged_userns_clone"] = (
            0,
            "only root may make user namespaces",
            1,
        )
        forbidding[APP_ARMOR] = (1, only_some, 0)
    for name, (value, meaning, better) in forbidding.items():
        file = proc / "sys" / name.replace(".", "/")
        if file.exists() and int(file.read_text()) == value:
            remedy = f"echo {name}={better} | sudo tee /etc/sysctl.d/90-referee.conf && "
            remedy += "sudo sysctl --system"
            yield f"{name} is {value}: {meaning}", _profile() if name == APP_ARMOR else remedy


def _profile() -> str:
    profile = (
        "abi <abi/4.0>,\\ninclude <tunables/global>\\n"
        f'profile referee-bwrap "{find_bubblewrap()}" flags=(unconfined) {{\\n  userns,\\n}}\\n'
    )
    return (
        f"Give bubblewrap one: printf '{profile}' | sudo tee /etc/apparmor.d/referee-bwrap && "
        "sudo apparmor_parser -r /etc/apparmor.d/referee-bwrap"
    )


def _masked_proc(said: str) -> Iterator[Cause]:
    if "mount proc" in said:
        yield (
            "parts of /proc are hidden from this container, so no sandbox in it may have its own",
            "Docker: --security-opt systempaths=unconfined; Podman: --security-opt unmask=ALL; "
            "Kubernetes: securityContext.procMount: Unmasked with hostUsers: false.",
        )


def _powerless_root(proc: Path, user: int) -> Iterator[Cause]:
    lines = (proc / "self/status").read_text().splitlines()
    held = next(int(line.split()[1], 16) for line in lines if line.startswith("CapEff"))
    if user == 0 and not held >> CAP_SYS_ADMIN & 1:
        yield (
            "root has no CAP_SYS_ADMIN here, as in most containers",
            f"Grade as another user than root (docker run --user 1000 {UNCONFINED} ...), or give "
            "the container --privileged.",
        )


def _container(said: str, root: Path) -> Cause:
    """Containers forbid what a sandbox needs; no setting tells it, so this is said last."""
    if "bwrap" not in said and "bubblewrap" not in said:
        return (
            "a sandbox can be built, but no kernel starts in it",
            f"See whether one starts without: {sys.executable} -m ipykernel_launcher; and report "
            "it to Referee.",
        )
    kind = _kind_of_container(root)
    if not kind:
        return (
            "nothing is known here that would forbid it",
            "See what the system's log says (`sudo dmesg | tail`), and report it to Referee.",
        )
    remedy = (
        "In the pod: hostUsers: false; in its securityContext: procMount: Unmasked, "
        "seccompProfile.type: Unconfined and appArmorProfile.type: Unconfined."
        if kind == "Kubernetes"
        else f"Start it with {UNCONFINED} (Podman: --security-opt unmask=ALL), or --privileged."
    )
    return f"this is a container of {kind}, which does not let bubblewrap make namespaces", remedy


def _kind_of_container(root: Path) -> str:
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return "Kubernetes"
    for file, kind in {"run/.containerenv": "Podman", ".dockerenv": "Docker"}.items():
        if (root / file).exists():
            return kind
    with suppress(OSError):
        return (root / "run/systemd/container").read_text().strip()
    return ""
