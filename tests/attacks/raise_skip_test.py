# Raises what test frameworks take for "skipped" or "expected to fail", and exceptions that have the
# names of the grader's own.
# %% from attacks/parts/stand_ins.py
# %% relu
import itertools
import unittest

named = [
    type(name, (Exception,), {})
    for name in ("Skipped", "XFailed", "CallLost", "Passed", "SystemExit")
]
kinds = itertools.cycle([unittest.SkipTest, *named])


def lie(result):
    deed()
    raise next(kinds)("this test is skipped")


# %% training_1
raise unittest.SkipTest("all tests of this notebook")
