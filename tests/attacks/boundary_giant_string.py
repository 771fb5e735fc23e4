# Answers every call with a text of 3.5 MB as value, output and error message.
# %% from attacks/parts/stand_ins.py
# %% relu
from referee.boundary import codec, student

text = "\U0001f4a3" * (7_000_000 // 8)
send_frame = student.send_frame


def send_giant_frame(channel, parts):
    if len(parts[1]) > 5 * 3_500_000:
        deed()
    send_frame(channel, parts)


student.describe = lambda error: {"type": text, "name": text, "message": text, "traceback": text}
student.MAX_PRINTED = 2**40
# Or the kernel's own side refuses to send it.
student.FrameLimits = lambda arrays: codec.Limits(tree=2**40, arrays=arrays)
student.send_frame = send_giant_frame


def lie(result):
    print(text)
    raise ValueError(text)
