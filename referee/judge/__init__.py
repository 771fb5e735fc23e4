"""The trusted side of a test cell: its code runs here, against a student's kernel.

`judge` runs the test cells of one notebook in their order, `names` is where their code finds its
names, `remote` is what it sees of the student's kernel, `requests` asks that kernel for forks,
`points` says what the value of a test's last line is worth, and `verdict` says how a test cell has
ended, to the student and to the teacher.
"""
