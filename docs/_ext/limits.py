"""A table of all limits, made from the code, in the place of a comment of marks.md."""

from sphinx.application import Sphinx
from traitlets import TraitType

from referee.model.limits import GIB, MIB, Limits

PLACE = "<!-- The site has a table of all limits here, made from the code. -->"


def _fill(app: Sphinx, page: str, source: list[str]) -> None:
    if PLACE in source[0]:
        source[0] = source[0].replace(PLACE, "\n".join(_table()))


def _table() -> list[str]:
    """The lines of the table, in the order of the code."""
    known = Limits.class_traits(config=True)
    limits = {name: known[name] for name in vars(Limits) if name in known}
    if unexplained := [name for name, limit in limits.items() if not limit.help]:
        raise ValueError(f"these limits have no help: {', '.join(unexplained)}")
    rows = [f"| `{name}` | {_default(limit)} | {limit.help} |" for name, limit in limits.items()]
    return ["| limit | default | bounds |", "|---|---|---|", *rows]


def _default(limit: TraitType) -> str:
    value = limit.default()
    for size, unit in ((GIB, "GiB"), (MIB, "MiB")):
        if isinstance(value, int) and value and value % size == 0:
            return f"{value // size} {unit}"
    return f"{value:,g}" if isinstance(value, int | float) else "none"


def setup(app: Sphinx) -> dict[str, bool]:
    """Fill in the table when the page is read."""
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True}
