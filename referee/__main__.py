"""The `referee` command; `python -m referee` is the same."""

import os
import sys
from collections.abc import Callable
from functools import partial

from referee.slow_imports import skip_slow_imports, without_collecting


def needs_server(arguments: list[str]) -> bool:
    """Whether submissions or pages are likely to be made on this machine."""
    makes = bool(arguments) and arguments[0] in ("grade", "check", "feedback")
    return makes and not any(each.startswith("--scheduler") for each in arguments)


def load(arguments: list[str]) -> Callable[[], None]:
    """Load the command line, which takes a second or two, and the server if one is needed."""
    skip_slow_imports()
    if needed := needs_server(arguments):
        from referee.sandbox.environment import ONE_THREAD

        os.environ |= ONE_THREAD | os.environ  # libraries look at it when they are imported
    with without_collecting():
        from referee.cli import main as run
    if needed:
        from referee.grade.server import GRADES, PAGES, main
        from referee.grade.server_process import fork_ahead

        # It goes on loading meanwhile.
        fork_ahead(partial(main, ahead=PAGES if arguments[0] == "feedback" else GRADES))
    return run


def main() -> None:
    """Load the command line and run it."""
    if sys.platform == "win32":
        sys.exit(
            "referee: error: Windows cannot sandbox student code. Grade in WSL 2: `wsl --install`"
        )
    try:
        load(sys.argv[1:])()
    except KeyboardInterrupt:  # before the command itself listens
        print("referee: interrupted before anything was graded", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
