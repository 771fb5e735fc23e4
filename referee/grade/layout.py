"""Laying out a submission: its own files and the assignment's, in one folder."""

from collections.abc import Callable
from pathlib import Path

from referee.model.events import Events


def lay_out(
    folder: Path, submitted: dict[str, bytes], materials: dict[Path, bytes], events: Events
) -> dict[str, bytes]:
    """Put files into a new folder, and return all of them, by name.

    The assignment's `materials` come before files of a submission that have the same name, or are
    in the way of one.
    """
    files = {Path(name): content for name, content in submitted.items()}
    for path in list(files):
        for kind, in_the_way in (
            ("file", any(ours in path.parents for ours in materials)),
            ("folder", any(path in ours.parents for ours in materials)),
        ):
            if in_the_way:
                del files[path]
                events.note(f"{path} stands where the assignment has a {kind}, and was left out")
    files |= materials
    folder.mkdir(parents=True)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return {str(path): content for path, content in files.items()}


def read_materials(folder: Path, wanted: Callable[[Path], bool]) -> dict[Path, bytes]:
    """The contents of an assignment's own files that are wanted, by their path in its folder."""
    return {
        name: path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and wanted(name := path.relative_to(folder))
    }


def remove_links(folder: Path, submitted: Path, materials: Path) -> list[str]:
    """Remove what a submission had as links, and nbgrader has copied from where they lead.

    `folder` has the copies of the submission's own files and of the assignment's, which may be
    links in their own folder. Returns the names of what was removed.
    """
    removed = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_dir():
            path.chmod(0o755)
        if path.is_dir() or path.suffix == ".ipynb" or (materials / name).exists():
            continue
        way = [submitted / part for part in [name, *name.parents]]
        linked = any(place.is_symlink() for place in way[:-1])
        if linked or not way[0].is_file() or way[0].stat().st_nlink > 1:
            path.unlink()
            removed.append(str(name))
        else:
            path.chmod(0o644)  # for the user that student code runs as
    return removed
