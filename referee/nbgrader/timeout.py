"""nbgrader's own limit on the time of a cell, as limits of Referee."""

from nbclient import NotebookClient
from nbgrader.preprocessors import Execute
from traitlets.config import Config

from referee.model.limits import Limits

SECTIONS = [kind.__name__ for kind in Execute.mro() if issubclass(kind, NotebookClient)]
DEFAULT = 30  # seconds, of nbgrader; our defaults are made for it
LONGEST = 3600  # seconds, where the course says that a cell has no limit

# What code of the student's can reach by itself. On a busy machine it takes longer, and no more.
OF_A_CELL = ("cell_cpu", "call_cpu")
# What leaves room for that: never less than the defaults, and more where cells may take longer.
AROUND_A_CELL = (
    "cell_wall", "call_wall", "long_cell_cpu", "long_cell_wall", "test_cpu", "test_wall",
)  # fmt: skip
OF_A_NOTEBOOK = ("notebook_cpu", "notebook_wall", "submission_wall")
LONG_CELLS = 10  # in a notebook, for which there is room


def obey_timeout(config: Config) -> None:
    """Set what a course's `timeout` means for `Limits`, except for limits that it sets itself.

    A cell, or all calls of one test cell, may then compute for `timeout` seconds. What does nothing
    is stopped no later than by default: a long timeout is for what computes. Without a `timeout` in
    the configuration, nothing changes.

    Raises:
        TraitError: it is no number.

    """
    if not any("timeout" in config[section] for section in SECTIONS if section in config):
        return
    configured = Execute(config=config).timeout
    timeout = float(configured if configured is not None and configured > 0 else LONGEST)
    defaults = {name: trait.default_value for name, trait in Limits.class_traits().items()}
    room = max(1.0, timeout / DEFAULT)
    whole = max(1.0, LONG_CELLS * timeout / defaults["notebook_cpu"])
    wanted = dict.fromkeys(OF_A_CELL, timeout)
    wanted |= {name: defaults[name] * room for name in AROUND_A_CELL}
    wanted |= {name: defaults[name] * whole for name in OF_A_NOTEBOOK}
    wanted["blocked"] = min(defaults["blocked"], timeout)
    for name, seconds in wanted.items():
        config.Limits.setdefault(name, seconds)
