# Tries to write a small file in every folder from here up, in those of the system and in /proc and /sys,
# and to mount, to make device files and to change the owner of files.
# %% from attacks/parts/stand_ins.py
# %% relu
import ctypes
import os
from pathlib import Path


def attack():
    results = []
    course = [
        p
        for p in list(Path.cwd().parents)[:3]
        if (p / "submitted").is_dir() or (p / "source").is_dir()
    ]
    for folder in [Path.cwd(), *course, Path.home(), Path("/tmp"), Path("/dev/shm")]:
        try:
            (folder / "referee-attack-was-here").write_text("x")
            results.append(f"{folder}: written")
        except OSError as error:
            results.append(f"{folder}: {type(error).__name__}")
    for path in ("/proc/self/oom_score_adj", "/proc/self/comm"):
        results.append(f"{path}: {os.access(path, os.W_OK)}")
    libc = ctypes.CDLL(None, use_errno=True)
    private = Path("/tmp/referee-attack-mount")
    private.mkdir(exist_ok=True)
    results.append(
        f"unshare {libc.unshare(0x10000000)}, errno {ctypes.get_errno()}"
    )  # CLONE_NEWUSER
    for action in (
        lambda: os.mknod(private / "null", 0o20666, os.makedev(1, 3)),
        lambda: os.chroot(private.parent / "none"),
    ):
        try:
            action()
            results.append("done")
        except OSError as error:
            results.append(type(error).__name__)
    deed()
    return "\n".join(results)


print(attack())
