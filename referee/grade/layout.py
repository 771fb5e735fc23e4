"""Laying out a submission: its own files and the assignment's, in one folder."""

from collections.abc import Callable, Iterable
from pathlib import Path

from referee.model.events import Events


def consistent_files(
    submitted: dict[str, bytes],
    materials: dict[Path, bytes],
    notebooks: Iterable[Path],
    events: Events,
) -> dict[Path, bytes]:
    """All files of a submission's folder, which can lie beside one another and the notebooks.

    The assignment's `materials` replace files of the same name. What a submission has in the place
    of a folder or of a notebook, or in a file as if that were a folder, is left out, and a note
    says so.
    """
    taken = dict.fromkeys(notebooks, "there is a notebook")
    taken |= dict.fromkeys(materials, "the assignment has a file")
    folders = {above: "the assignment has a folder" for path in taken for above in path.parents}
    files: dict[Path, bytes] = {}
    for path, content in ((Path(name), content) for name, content in submitted.items()):
        if path in materials:
            continue
        places = [taken[above] for above in (path, *path.parents) if above in taken]
        if path in folders:
            places.append(folders[path])
        if places:
            events.note(f"{path} stands where {places[0]}, and was left out")
            continue
        files[path], taken[path] = content, "there is a file"
        folders = dict.fromkeys(path.parents, "there is a folder") | folders
    return files | materials


def write_files(folder: Path, files: dict[Path, bytes]) -> None:
    """Put files into a new folder."""
    folder.mkdir(parents=True)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


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
