"""One submission to one result.

`workplace` grades: it lays the submission's files out (`layout`), starts a `kernel`, and has the
cells run and judged (`run`). `client` is Jupyter's client of that kernel, and `replay` what a
kernel that ended costs. `api` grades one notebook for a program.
"""
