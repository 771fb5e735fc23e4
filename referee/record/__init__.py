"""What became of submissions, kept for good: marks, notebooks, pages and journal, or none of them.

`recorder` records results as a whole, `journal` has a line for each time a submission was graded,
and `disk` makes sure that what was written survives a power cut.
"""
