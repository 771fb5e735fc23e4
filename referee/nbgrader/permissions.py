"""nbgrader's options about the permissions of what is written."""

import os
from dataclasses import dataclass
from pathlib import Path

from referee.errors import RefereeError
from referee.nbgrader.course import CONFIG_NAME, Course

SHARED = 0o2770  # of a folder: the group may write, and what is made in it is the group's
OF_GROUP = 0o070
DEFAULT_SHARED = 664


@dataclass(frozen=True)
class Permissions:
    """Permissions that a step's files get, and that its folders get more; nothing is the umask's.

    They are set for `c.CourseDirectory.groupshared`, or `permissions` of a section of the step.
    """

    files: int | None = None
    folders: int = 0

    @classmethod
    def of(cls, course: Course, section: str) -> "Permissions":
        """Those of `Autograde` or `GenerateFeedback`.

        Raises:
            RefereeError: they are no permissions.

        """
        config, shared = course.app.config, course.directory.groupshared
        places = [each for each in (section, "BaseConverter") if "permissions" in config[each]]
        number = config[places[0]].permissions if places else DEFAULT_SHARED
        try:
            files = int(str(number), 8)
        except ValueError:
            files = -1
        if not 0 <= files <= 0o777:
            raise RefereeError(
                f"c.{places[0]}.permissions is {number}, which is no permission of files like 644. "
                f"Correct it in {CONFIG_NAME}."
            )
        return cls(files if places or shared else None, SHARED if shared else 0)

    def give(self, path: Path) -> None:
        """Give them to a file, or to a folder and all that is in it."""
        if not path.is_dir():
            if self.files is not None:
                path.chmod(self.files)
            return
        for each in path.iterdir():
            self.give(each)
        if self.folders:
            path.chmod(path.stat().st_mode | self.folders)


def share_with_group(course: Course) -> None:
    """Have the group write what this process makes from now on, in a course that is shared."""
    if course.directory.groupshared:
        os.umask(os.umask(0) & ~OF_GROUP)
