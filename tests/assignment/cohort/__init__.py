"""The sample cohort: `python -m tests.assignment.cohort` hands in its submissions.

Each student is a solution file beside this one, laid over the release. Where submitted/ already
holds a submission, nothing is written.
"""
