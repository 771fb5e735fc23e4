"""matplotlib.pyplot in test cells: its current figure is that of the student's kernel.

The judge has no figures. While a test cell runs, what pyplot makes, finds and closes is made, found
and closed in the student's process, and figures and axes are remote objects. What is no figure's,
such as settings, colour maps and reading pictures, stays here.
"""

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any

PYPLOT = "matplotlib.pyplot"
OF_NO_FIGURE = {
    *("rc", "rcdefaults", "rc_context", "style", "xkcd", "set_loglevel", "switch_backend"),
    *("colormaps", "get_cmap", "get_backend", "get_plot_commands", "imread", "imsave"),
    *("ion", "ioff", "isinteractive", "show", "pause", "install_repl_displayhook"),
    *("uninstall_repl_displayhook", "draw_if_interactive", "new_figure_manager"),
}
Draw = Callable[[str, tuple[Any, ...], dict[str, Any]], Any]


class _Current:
    draw: Draw | None = None  # has a function of pyplot called there


@contextmanager
def students_figures(draw: Draw) -> Iterator[None]:
    """Have figures be the student's, of whose pyplot `draw` calls a function."""
    share_pyplot()
    _Current.draw = draw
    try:
        yield
    finally:
        _Current.draw = None


def share_pyplot() -> None:
    """Have pyplot ask for figures there, if a test or a provided cell has imported it by now."""
    pyplot = sys.modules.get(PYPLOT)
    if not isinstance(pyplot, ModuleType) or hasattr(pyplot, "_is_shared"):
        return
    names = vars(pyplot)  # as a dictionary: that a test sets attributes is listened to
    for name, function in list(names.items()):
        public = isinstance(function, FunctionType) and not name.startswith("_")
        if public and function.__module__ == PYPLOT and name not in OF_NO_FIGURE:
            names[name] = _shared(name, function)
    names["_is_shared"] = True


def _shared(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        draw = _Current.draw
        return function(*args, **kwargs) if draw is None else draw(name, args, kwargs)

    return call
