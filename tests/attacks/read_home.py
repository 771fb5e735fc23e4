# Prints what lies in the home folder and in those of other users: keys, configuration, histories.
# %% from attacks/parts/stand_ins.py
# %% relu
import re
from pathlib import Path


def attack():
    homes = [Path.home(), Path("/root"), *Path("/home").glob("*")]
    found = []
    for home in homes:
        try:
            for path in sorted(home.glob("*"))[:200] + sorted(home.glob(".*"))[:200]:
                text = path.read_text(errors="replace")[:100_000] if path.is_file() else ""
                found.append(f"{path} {re.findall('CANARY-[0-9a-zA-Z]+', text)} {text[:20]!r}")
        except OSError as error:
            found.append(repr(error))
        deed()
    return "\n".join(sorted(found, key=lambda line: "CANARY" not in line))


print(attack()[:2000])
