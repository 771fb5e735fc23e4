"""What a worker and a grading process say to each other."""

import socket
import threading

from referee.grade.messages import Failed, receive, send


def test_large_message_waits_for_who_is_busy() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(ours, Failed("asked"))
        receive(theirs, Failed, 100)
        large = Failed("x" * 2**24)
        sending = threading.Thread(target=send, args=(theirs, large))
        sending.start()
        sending.join(1.0)  # longer than a tick, in which nobody reads
        assert sending.is_alive()
        assert receive(ours, Failed, 2**25) == large
        sending.join()
