"""Options of a course's configuration whose names are misspelt, which traitlets takes in silence.

A configuration has options of other programs, and of plugins that are not loaded yet. So of what is
not ours, only names are refused that are nearly ones of nbgrader, and that the configuration does
not name as a plugin. All others are named, and no more.
"""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from traitlets.config import Config, Configurable

SECTIONS = {"Limits", "SandboxProvisioner", "Workers", "Doctor"}  # of a configuration, ours
OBEYED = {"ExecutePreprocessor"}  # of nbconvert, which the limits obey
NBGRADERS = "nbgrader"  # package
CHECKED = {"referee", NBGRADERS}  # packages


class OptionError(ValueError):
    """An option that is wrong; `name` is the option's, or its section's, as it was written."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.name = name


def require_known_options(config: Config) -> None:
    """Refuse a section or an option whose name is nearly one of nbgrader's or of ours.

    Raises:
        OptionError: there is one; the message says what it should be.

    """
    loaded = list(_subclasses(Configurable))
    names = {kind.__name__ for kind in loaded} | set(_plugins(config))
    known = {kind.__name__ for kind in loaded if _package(kind) == NBGRADERS} | OBEYED
    for section in sorted(config):
        meant = _near(section, SECTIONS, 0.8) or _near(section, known - SECTIONS, 0.85)
        if meant and section not in names:
            raise OptionError(section, f"there is no c.{section}, did you mean c.{meant}?")
        for kind in loaded:
            if kind.__name__ == section and (section in OBEYED or _package(kind) in CHECKED):
                _require_options(section, config[section], kind)


def unknown_options(config: Config) -> list[str]:
    """Options that nothing has which takes part in grading: `c.Section`, or `c.Section.option`.

    They may be another program's, or wrong in a way that no name is near to.
    """
    loaded = list(_subclasses(Configurable))
    plugins = set(_plugins(config))
    found = []
    for section in sorted(name for name in config if config[name]):  # who asks for one makes it
        kinds = [kind for kind in loaded if kind.__name__ == section]
        if not kinds and section not in plugins | SECTIONS:
            found.append(f"c.{section}")
        elif any(_package(kind) == NBGRADERS for kind in kinds):
            known = set().union(*map(_options, kinds))
            found += [f"c.{section}.{option}" for option in sorted(config[section].keys() - known)]
    return found


def _plugins(value: object) -> Iterator[str]:
    """The names of classes in the values of a configuration: "module.Class" or the class itself."""
    if isinstance(value, str):
        yield value.rpartition(".")[2]
    elif isinstance(value, type):
        yield value.__name__
    elif isinstance(value, dict):
        for each in value.values():
            yield from _plugins(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _plugins(each)


def _require_options(section: str, options: Config, kind: type[Configurable]) -> None:
    known = _options(kind)
    for option in sorted(options.keys() - known):
        if meant := _near(option, known, 0.8):
            raise OptionError(option, f"c.{section} has no {option}, did you mean {meant}?")
        if section in SECTIONS:
            raise OptionError(option, f"c.{section} has no {option}")


def _options(kind: type[Configurable]) -> set[str]:
    """The options of a section, which also holds for the classes that inherit from its own."""
    return {name for each in (kind, *_subclasses(kind)) for name in each.class_trait_names()}


def _near(name: str, known: Collection[str], cutoff: float) -> str:
    """The known name that was meant; empty if it is one itself, or near to none."""
    near = get_close_matches(name, known, n=1, cutoff=cutoff) if name not in known else []
    return near[0] if near and abs(len(near[0]) - len(name)) <= 2 else ""


def _subclasses(kind: type[Configurable]) -> Iterator[type[Configurable]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)


def _package(kind: type) -> str:
    return kind.__module__.split(".")[0]
