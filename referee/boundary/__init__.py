"""The boundary between a student's kernel and the judge: plain data crosses it, nothing else.

Both sides use it, and it imports nothing of ours. `settings` is what a kernel is started with,
`messages` are all that the two sides say to one another, `codec` turns plain data into frames of
bytes and back, `channel` sends and receives them, and `changes` finds out what a call has done to
its arguments.
"""
