"""The boundary between a student's kernel and the judge: plain data crosses it, nothing else.

`codec` turns plain data into frames of bytes and back, `student` serves the judge's requests in
forks of the student's kernel, and `remote` is what the judge sees of that kernel: names and calls.
"""
