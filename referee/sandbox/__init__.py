"""The sandbox that a student's kernel runs in: what it can see, what it may use, how it ends.

`bubblewrap` says what can be seen, and `seccomp` which system calls are allowed. `warm` starts the
zygote, a process with the libraries imported, and asks it for forks; `provisioner` starts and ends
sandboxes for any Jupyter client; `watch` ends one when all of its processes together use too much.
What runs inside a sandbox lies in `referee.inside`, and nothing here imports it.
"""
