"""Programs for long runs: fuzzing, pulling the plug, stock nbgrader side by side."""
