"""What lies in submitted/: which submissions there are, and what is taken of each.

`submissions` finds the folders, `intake` reads one, whatever lies in it, and `fingerprint` says
whether it has changed.
"""
