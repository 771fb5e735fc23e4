"""One submission to one result.

`graders` is the worker's side: it has each submission graded in a process of its own, and keeps
that process within limits. `forks` asks for such a process, `server` forks it, and `messages` are
what worker and process say to each other.

`workplace` is what the process does: it lays the submission's files out (`layout`), starts a
`kernel`, and has the cells run and judged (`run`). `client` is Jupyter's client of that kernel, and
`replay` what a kernel that ended costs. `api` grades one notebook for a program.
"""
