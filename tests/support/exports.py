"""Archives as learning platforms make them, with the notebooks of some students."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import nbformat

from tests.support.toy import NAME, ToyCourse

Files = Mapping[str, bytes | str]  # by path


def notebook(text: str = "") -> bytes:
    """A notebook that can be told from others by a text."""
    cells = [nbformat.v4.new_code_cell(text, id="text")]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


def zip_of(path: Path, files: Files) -> Path:
    """A zip file with these files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def folder_of(path: Path, files: Files) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def submitters(*people: str) -> str:
    """What Gradescope lists of a submission: people as "sid|email|name"."""
    lines = ["  :submitters:"]
    for person in people:
        sid, email, name = person.split("|")
        lines += [f"  - :name: {name}", f"    :sid: '{sid}'", f"    :email: {email}"]
    return "\n".join(lines) + "\n"


def give_marks(course: ToyCourse, points: Mapping[str, float]) -> None:
    """Write marks as if these students had been graded: points for double, of 4, and no others."""
    with course.gradebook() as gradebook:
        for student, score in points.items():
            gradebook.update_or_create_student(student)
            gradebook.add_submission(NAME, student)
            for cell in ("double-visible", "double-hidden", "halve-visible", "halve-hidden"):
                grade = gradebook.find_grade(cell, NAME, NAME, student)
                grade.auto_score = score if cell == "double-hidden" else 0.0
                grade.needs_manual_grade = False
            (course.root / "autograded" / student / NAME).mkdir(parents=True, exist_ok=True)
        gradebook.db.commit()
