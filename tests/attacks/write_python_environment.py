# Opens the files of the Python environment, which the grader uses as well, for writing, and asks whether
# new ones can be put there (it writes nothing, so that it does no harm where it can).
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import sys
from pathlib import Path


def attack():
    results = []
    packages = Path(np.__file__).parent.parent
    for folder in (
        packages,
        Path(os.__file__).parent,
        Path(sys.prefix, "bin"),
        Path(sys.executable).parent,
    ):
        results.append(f"{folder} can be written: {os.access(folder, os.W_OK)}")
    for file in (
        np.__file__,
        os.__file__,
        sys.executable,
        getattr(sys.modules.get("digits"), "__file__", np.__file__),
    ):
        try:
            os.close(os.open(file, os.O_WRONLY))
            results.append(f"{file} can be written")
        except OSError as error:
            results.append(f"{file}: {type(error).__name__}")
        deed()
    return "\n".join(results)


print(attack())
