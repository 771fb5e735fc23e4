# Reads files that only the administrator may read, and names of the machine's users.
# %% from attacks/parts/stand_ins.py
# %% relu
import os


def attack():
    found = [f"uid {os.getuid()} {os.geteuid()} groups {os.getgroups()} {os.uname()}"]
    found += [
        line
        for line in open("/proc/self/status")
        if line.startswith(("Cap", "NoNewPrivs", "Seccomp"))
    ]
    for path in (
        "/etc/shadow",
        "/etc/sudoers",
        "/proc/kcore",
        "/proc/kallsyms",
        "/dev/mem",
        "/dev/kmsg",
        "/root/.ssh/id_rsa",
        "/var/log/auth.log",
        "/etc/machine-id",
    ):
        try:
            with open(path, "rb") as file:
                found.append(f"{path}: read {len(file.read(200))} bytes")
        except OSError as error:
            found.append(f"{path}: {type(error).__name__}")
        deed()
    return "\n".join(found)


print(attack()[:2000])
