# Looks at the frames of all threads of this process, for one that grades.
# %% from attacks/parts/stand_ins.py
# %% relu
import sys
import threading


def attack():
    found = [repr(threading.enumerate())]
    for number, frame in sys._current_frames().items():
        while frame:
            found.append(
                f"{number} {frame.f_code.co_filename} {frame.f_code.co_name} {frame.f_locals!r}"
            )
            frame = frame.f_back
            if number != threading.get_ident():
                deed()
    found += [line for line in map(str, found) if "expected" in line or "CANARY" in line]
    return "\n".join(line[:400] for line in reversed(found))


print(attack()[:2000])
