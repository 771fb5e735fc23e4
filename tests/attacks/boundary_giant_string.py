# Answers every call with a text of 3.5 MB as value, output and error message.
# %% from attacks/parts/stand_ins.py
# %% relu
import threading

from referee.boundary import frame
from referee.inside import server

text = "\U0001f4a3" * (7_000_000 // 8)
send_frame = server.send_frame


def send_giant_frame(channel, parts):
    if len(parts[0]) > 5 * 3_500_000:
        deed()
    send_frame(channel, parts)


server.describe = lambda error: server.Raised(text, text, text, text)
for thread in threading.enumerate():
    if isinstance(thread, server.ForkServer):
        thread.printed = 2**40
# Or the kernel's own side refuses to send it.
server.FrameLimits = lambda arrays: frame.FrameLimits(tree=2**40, arrays=arrays)
server.send_frame = send_giant_frame


def lie(result):
    print(text)
    raise ValueError(text)
