"""Processes of sandboxes that have outlived the grading process that started them."""

import time

import psutil

PATIENCE = 10.0  # seconds for the system to end them


def left_behind() -> list[str]:
    """What is still there after some time, of all that runs on this machine."""
    deadline = time.monotonic() + PATIENCE
    while (left := sandboxes()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def sandboxes() -> list[str]:
    """Processes of sandboxes that no grading process of another test is still using."""
    return [
        str(process)
        for process in psutil.process_iter(["cmdline", "ppid"])
        if "referee.inside.zygote" in (process.info["cmdline"] or []) and _is_orphan(process)
    ]


def _is_orphan(process: psutil.Process) -> bool:
    try:
        return not any(
            ("referee" in str(parent.cmdline()) and "bwrap" not in parent.name())
            or "pytest" in str(parent.cmdline())
            for parent in process.parents()
        )
    except psutil.Error:
        return False
