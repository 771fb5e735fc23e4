# Adds an audit hook, which no later code can remove: it sees what is compiled, opened and imported.
# %% from attacks/parts/stand_ins.py
# %% relu
import sys

seen = []


def hook(event, arguments):
    if event in ("compile", "open", "exec", "import", "sqlite3.connect", "object.__getattr__"):
        seen.append(f"{event} {arguments!r}"[:300])
        deed()


sys.addaudithook(hook)


def attack():
    return "\n".join([line for line in seen if "test_" in line or "compile" in line][-8:])


open("/dev/null").close()
print(attack())
