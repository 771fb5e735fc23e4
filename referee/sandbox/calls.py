"""The system calls that student code may use, of all that Linux has.

Everything that Python, its libraries and the programs that notebooks start need, as far as it stays
within the sandbox. A call that is not here is refused, and so is every call that Linux will have
one day. To allow one more, ask what it can do to memory, processes and files that no limit of the
sandbox counts, and how often holes were found in it. Left out for such reasons:

- namespaces, mounts and other roots: unshare, setns, mount, open_tree, fsopen, pivot_root, chroot
- files by handles instead of names: name_to_handle_at, open_by_handle_at
- quotas and file systems of the machine: quotactl, quotactl_fd, swapon, fanotify_init; and sync and
  syncfs, which would make the machine write out what others have written
- memory that no limit of a process or a folder counts: memfd_create, memfd_secret, shmget, msgget,
  semget, mq_open
- other processes' memory and descriptors: ptrace, process_vm_readv, process_vm_writev, kcmp,
  pidfd_getfd, move_pages, migrate_pages
- parts of Linux with a history of holes: bpf, perf_event_open, userfaultfd, io_uring_setup,
  io_setup, add_key, keyctl, modify_ldt, remap_file_pages
- the machine itself: reboot, kexec_load, init_module, settimeofday, adjtimex, sethostname, syslog,
  acct, iopl
"""

# Numbers on (x86_64, aarch64), as in Linux's <asm/unistd.h>. aarch64 came without the older of two
# calls for the same: None. tests/unit/test_seccomp.py compares them with the headers.
Numbers = tuple[int, int | None]
# fmt: off
ALLOWED: dict[str, Numbers] = {
    # open, read and write files and pipes; ioctl: no writing into terminals
    "open": (2, None), "creat": (85, None), "openat": (257, 56), "openat2": (437, 437),
    "close": (3, 57), "close_range": (436, 436), "read": (0, 63), "write": (1, 64),
    "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67), "pwrite64": (18, 68),
    "preadv": (295, 69), "pwritev": (296, 70), "preadv2": (327, 286), "pwritev2": (328, 287),
    "lseek": (8, 62), "truncate": (76, 45), "ftruncate": (77, 46), "fallocate": (285, 47),
    "fsync": (74, 82), "fdatasync": (75, 83), "sync_file_range": (277, 84), "msync": (26, 227),
    "fadvise64": (221, 223), "readahead": (187, 213), "flock": (73, 32), "fcntl": (72, 25),
    "ioctl": (16, 29), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24), "sendfile": (40, 71),
    "copy_file_range": (326, 285), "splice": (275, 76), "tee": (276, 77), "vmsplice": (278, 75),
    "pipe": (22, None), "pipe2": (293, 59),
    # folders, and the names and attributes of files; a device cannot be made without powers
    "stat": (4, None), "fstat": (5, 80), "lstat": (6, None), "newfstatat": (262, 79),
    "statx": (332, 291), "statfs": (137, 43), "fstatfs": (138, 44), "access": (21, None),
    "faccessat": (269, 48), "faccessat2": (439, 439), "getdents": (78, None),
    "getdents64": (217, 61), "getcwd": (79, 17), "chdir": (80, 49), "fchdir": (81, 50),
    "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None), "rename": (82, None),
    "renameat": (264, 38), "renameat2": (316, 276), "link": (86, None), "linkat": (265, 37),
    "unlink": (87, None), "unlinkat": (263, 35), "symlink": (88, None), "symlinkat": (266, 36),
    "readlink": (89, None), "readlinkat": (267, 78), "mknod": (133, None), "mknodat": (259, 33),
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "chown": (92, None),
    "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54), "umask": (95, 166),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "getxattr": (191, 8),
    "lgetxattr": (192, 9), "fgetxattr": (193, 10), "listxattr": (194, 11), "llistxattr": (195, 12),
    "flistxattr": (196, 13), "removexattr": (197, 14), "lremovexattr": (198, 15),
    "fremovexattr": (199, 16), "inotify_init": (253, None), "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27), "inotify_rm_watch": (255, 28),
    # a process's own memory; mmap: none that is shared and belongs to no file
    "brk": (12, 214), "mmap": (9, 222), "munmap": (11, 215), "mremap": (25, 216),
    "mprotect": (10, 226), "madvise": (28, 233), "mincore": (27, 232), "mlock": (149, 228),
    "mlock2": (325, 284), "munlock": (150, 229), "mlockall": (151, 230), "munlockall": (152, 231),
    "membarrier": (324, 283), "pkey_mprotect": (329, 288), "pkey_alloc": (330, 289),
    "pkey_free": (331, 290), "get_mempolicy": (239, 236), "set_mempolicy": (238, 237),
    "mbind": (237, 235),
    # start, run and wait for processes and threads; clone: in no new namespaces
    "clone": (56, 220), "fork": (57, None), "vfork": (58, None), "execve": (59, 221),
    "execveat": (322, 281), "exit": (60, 93), "exit_group": (231, 94), "wait4": (61, 260),
    "waitid": (247, 95), "set_tid_address": (218, 96), "set_robust_list": (273, 99),
    "get_robust_list": (274, 100), "futex": (202, 98), "futex_waitv": (449, 449),
    "rseq": (334, 293), "arch_prctl": (158, None), "prctl": (157, 167), "personality": (135, 92),
    "pidfd_open": (434, 434), "restart_syscall": (219, 128),
    # priority, and which cores
    "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "sched_setaffinity": (203, 122),
    "sched_getparam": (143, 121), "sched_setparam": (142, 118), "sched_getscheduler": (145, 120),
    "sched_setscheduler": (144, 119), "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126), "sched_rr_get_interval": (148, 127),
    "sched_getattr": (315, 275), "sched_setattr": (314, 274), "getpriority": (140, 141),
    "setpriority": (141, 140), "ioprio_get": (252, 31), "ioprio_set": (251, 30),
    "getcpu": (309, 168),
    # signals to the sandbox's own processes, as it sees no others
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "rt_sigpending": (127, 136),
    "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "sigaltstack": (131, 132), "pidfd_send_signal": (424, 424),
    "signalfd": (282, None), "signalfd4": (289, 74), "pause": (34, None),
    # read clocks, sleep, timers; clocks cannot be set
    "time": (201, None), "gettimeofday": (96, 169), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "clock_nanosleep": (230, 115), "nanosleep": (35, 101),
    "times": (100, 153), "alarm": (37, None), "getitimer": (36, 102), "setitimer": (38, 103),
    "timer_create": (222, 107), "timer_settime": (223, 110), "timer_gettime": (224, 108),
    "timer_getoverrun": (225, 109), "timer_delete": (226, 111), "timerfd_create": (283, 85),
    "timerfd_settime": (286, 86), "timerfd_gettime": (287, 87),
    # sockets between processes of the sandbox, which has no network; socket: of few kinds,
    # socketpair: of one; setsockopt: no larger buffers
    "socket": (41, 198), "socketpair": (53, 199), "bind": (49, 200), "connect": (42, 203),
    "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242), "getsockname": (51, 204),
    "getpeername": (52, 205), "setsockopt": (54, 208), "getsockopt": (55, 209),
    "shutdown": (48, 210), "sendto": (44, 206), "recvfrom": (45, 207), "sendmsg": (46, 211),
    "recvmsg": (47, 212), "sendmmsg": (307, 269), "recvmmsg": (299, 243),
    # wait for any of many files
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
    "epoll_create": (213, None), "epoll_create1": (291, 20), "epoll_ctl": (233, 21),
    "epoll_wait": (232, None), "epoll_pwait": (281, 22), "epoll_pwait2": (441, 441),
    "eventfd": (284, None), "eventfd2": (290, 19),
    # numbers of processes, users and groups: to change them needs powers that are not there
    "getpid": (39, 172), "getppid": (110, 173), "gettid": (186, 178), "getpgrp": (111, None),
    "getpgid": (121, 155), "setpgid": (109, 154), "getsid": (124, 156), "setsid": (112, 157),
    "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177),
    "getresuid": (118, 148), "getresgid": (120, 150), "getgroups": (115, 158), "setuid": (105, 146),
    "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143), "setresuid": (117, 147),
    "setresgid": (119, 149), "setfsuid": (122, 151), "setfsgid": (123, 152),
    "setgroups": (116, 159), "capget": (125, 90), "capset": (126, 91),
    # limits of a process, which can only be lowered; facts about the machine; random numbers
    "getrlimit": (97, 163), "setrlimit": (160, 164), "prlimit64": (302, 261),
    "getrusage": (98, 165), "uname": (63, 160), "sysinfo": (99, 179), "getrandom": (318, 278),
    # have fewer powers
    "seccomp": (317, 277), "landlock_create_ruleset": (444, 444), "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
}
# fmt: on

# Refused as Linux refuses calls that it does not have: libraries try these first, and use others
# where there are none. clone3 hides its flags from filters; process_madvise is for others' memory.
MISSING: dict[str, Numbers] = {"clone3": (435, 435), "process_madvise": (440, 440)}
# The newest call of Linux 6.2. A sandbox has none that came later, whatever Linux it runs on, and
# programs that know later ones do without, as they do on Linux 6.2.
NEWEST = 450
