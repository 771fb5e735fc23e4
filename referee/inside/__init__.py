"""All code that runs in reach of a student's code. Of ours, it imports the boundary only.

`zygote` has the libraries of kernels imported and forks; a fork enters a sandbox, gives up its
powers and becomes the `kernel`. There, `server` forks the kernel for the judge's requests and
answers them, and `output` cuts floods of output. Nobody trusts any of it.
"""
