"""The sandbox that a student's kernel runs in: what it can see, what it may use, how it ends.

`bubblewrap` says what can be seen, `seccomp` which system calls are refused, `limits` what may be
used. `zygote` has all loaded that kernels need, and forks; a fork enters a sandbox, gives up its
powers and becomes the kernel that is `inside`. `warm` starts the zygote and asks it for forks,
`provisioner` starts and ends sandboxes for any Jupyter client, and `watch` ends one when all of its
processes together use too much.
"""
