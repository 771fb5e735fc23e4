"""Whether this machine can grade: what was found, what is missing, and how to fix it."""
