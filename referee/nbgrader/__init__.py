"""nbgrader as Referee uses it: configuration, course, gradebook, scoring.

With `feedback` and `plugins`, this is the only code that imports nbgrader or knows its tables.
"""
