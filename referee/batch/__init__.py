"""The head: what is due is read, sent to workers, and recorded.

`batch` grades one assignment's submissions, `plan` finds out which of them are due, `interrupts`
is what Ctrl-C does meanwhile. `local` has the workers of this machine, `cluster` those of others,
and `jobs` what either is given to do.
"""
