"""Keeping a flood of output from leaving the kernel: what exceeds the limit is not even sent.

A courtesy to honest mistakes, for the sake of speed; who grades cuts what arrives once more.
"""

import sys
from typing import Any


def limit_output(shell: Any, limit: int) -> None:
    """Let stdout and stderr of a kernel take `limit` characters a cell, and drop the rest."""
    said = 0

    def start_counting(*_: Any) -> None:
        nonlocal said
        said = 0

    def limited(write: Any) -> Any:
        def write_up_to_limit(text: str) -> Any:
            nonlocal said
            room = max(0, limit - said)
            said += len(text)
            return write(text[:room]) if room else len(text)

        return write_up_to_limit

    def counting_anew(clear: Any) -> Any:
        def clear_and_count_anew(*args: Any, **kwargs: Any) -> Any:
            start_counting()
            return clear(*args, **kwargs)

        return clear_and_count_anew

    shell.display_pub.clear_output = counting_anew(shell.display_pub.clear_output)
    for stream in (sys.stdout, sys.stderr):
        stream.write = limited(stream.write)  # type: ignore[method-assign]
    shell.events.register("pre_run_cell", start_counting)
