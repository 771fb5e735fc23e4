"""In the place of a package that programs of nbgrader's load for a second, and never use.

jsonschema does without it, as `referee.slow_imports` says.
"""

raise ImportError("left out")
