"""The course's own check for `referee doctor`: whether the digits are the original ones."""

import os
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

from referee.doctor.finding import OK, PROBLEM, Finding
from referee.text import one_line


def check_digits(root: Path) -> Finding:
    """Whether the digits are in the course or in the cache, and are the original ones."""
    digits = SimpleNamespace(**runpy.run_path(str(root / "digits.py")))
    cache = digits.cache_folder()
    build = f"Run `cd {root} && {sys.executable} -c 'from digits import get_mnist; get_mnist()'`."

    def problem(found: object, remedy: str) -> Finding:
        return Finding("digits", PROBLEM, one_line(found), remedy)

    originals = {}
    try:
        for file in digits.FILES:
            if path := digits.find(file, cache.parent / "downloads"):
                content = digits.unpack(path.read_bytes(), file, str(path), "")
                originals[file] = digits.decode(content, file)
    except (digits.DamagedData, digits.MissingData, OSError) as error:
        remedy = "Restore the file from the course's repository; check DIGITS_DATA if it is set."
        return problem(error, remedy)
    arrays = digits.open_cache(cache)
    if arrays is None and cache.is_dir():
        return problem(f"the cache {cache} is damaged", f"Delete that folder. {build}")
    if arrays is None and not _can_be_made(cache):
        remedy = "Set DIGITS_CACHE to a folder that you can write to, or HOME to your own."
        return problem(f"the cache {cache} cannot be written", remedy)
    if arrays is None:
        return problem(f"there is no cache in {cache}", build)
    for file, array in zip(digits.FILES, arrays, strict=True):
        if file in originals and (originals[file] != array).any():
            found = f"{cache / file.array}.npy is not what {file.name} decodes to"
            return problem(found, f"Delete the folder {cache}. {build}")
    if len(originals) < len(digits.FILES):
        return Finding("digits", OK, f"the cache {cache} is there; the original files are not")
    return Finding("digits", OK, f"the original files, and the same digits in {cache}")


def _can_be_made(folder: Path) -> bool:
    there = next(parent for parent in folder.parents if parent.exists())
    return there.is_dir() and os.access(there, os.W_OK)
