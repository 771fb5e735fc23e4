"""The sandbox that a student's kernel runs in: what it can see, what it may use, how it ends.

`bubblewrap` says what can be seen, `seccomp` which system calls are refused, `limits` what may be
used, `inside` sets those limits and becomes the kernel, `provisioner` starts and ends it for any
Jupyter client, and `watch` ends it when all of its processes together use too much.
"""
