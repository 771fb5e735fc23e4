"""Referee: grade the Jupyter notebooks of a course.

The modules tell the story of one submission: it is collected (`collect`), sanitised and graded
(`grade`, which runs it through `run`), recorded (`record`) and reported (`report`).
"""

__version__ = "0.1.0"
