"""Plain data that the rooms of Referee share: assignments, work, results, outcomes, limits.

It imports nothing of ours and nothing of nbgrader, so that anything can import it.
"""
