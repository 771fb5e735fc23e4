"""The `referee` command; `python -m referee` is the same."""

import sys

from referee.grade.server_process import start_ahead
from referee.slow_imports import skip_slow_imports, without_collecting


def needs_server(arguments: list[str]) -> bool:
    """Whether submissions or pages are likely to be made on this machine."""
    makes = bool(arguments) and arguments[0] in ("grade", "check", "feedback")
    return makes and not any(each.startswith("--scheduler") for each in arguments)


def main() -> None:
    """Load the command line, which takes a second or two, and run it."""
    if sys.platform == "win32":
        sys.exit(
            "referee: error: Windows cannot sandbox student code. Grade in WSL 2: `wsl --install`"
        )
    skip_slow_imports()
    try:
        if needs_server(sys.argv[1:]):
            start_ahead(only_pages=sys.argv[1] == "feedback")
        with without_collecting():
            from referee.cli import main as run
    except KeyboardInterrupt:
        print("referee: interrupted before anything was graded", file=sys.stderr)
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
