"""What a student reads: feedback pages, made of executed notebooks and marks.

`pages` writes them, `hide` takes out what students should not read, `exporter` is nbgrader's
template, only faster.
"""
