"""How learning platforms name what students have handed in: a small module for each of them.

To add one, write a class like the others and list it in PLATFORMS. Nothing else has to know it.
"""

from referee.collect.platforms.blackboard import Blackboard
from referee.collect.platforms.canvas import Canvas
from referee.collect.platforms.gradescope import Gradescope
from referee.collect.platforms.ilias import Ilias
from referee.collect.platforms.moodle import Moodle
from referee.collect.platforms.owner import Owner, Platform, Unclear
from referee.collect.platforms.plain import Plain

# Of two that read equally many files of an archive, the first is taken.
PLATFORMS: tuple[type[Platform], ...] = (Moodle, Gradescope, Blackboard, Canvas, Ilias, Plain)

__all__ = ["PLATFORMS", "Owner", "Plain", "Platform", "Unclear"]
