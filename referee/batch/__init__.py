"""The head: what is due is read, sent to workers, and recorded.

`batch` grades one assignment's submissions, `plan` finds out which of them are due, `interrupts`
is what Ctrl-C does meanwhile, and `cluster` has the workers.
"""
