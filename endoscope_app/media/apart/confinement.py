"""What a process that decodes may still do: compute, and read."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys

#: What FFmpeg and OpenCV may take beside what is loaded: 16 references of 8K video fit.
MEMORY_BYTES = 4 << 30
_MOST_FILES = 64
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _PR_SET_DUMPABLE = 1, 22, 38, 4
_SECCOMP_MODE_FILTER = 2
# Of the classic packet filter: load a word; jump where equal, at least, with bits set; return
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | 1  # the second answers EPERM
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
#: O_WRONLY, O_RDWR, O_CREAT and O_TRUNC: the same numbers on both architectures.
_WRITES = 0o1 | 0o2 | 0o100 | 0o1000
_X32 = 0x40000000

# Name: number on x86_64, on aarch64 (-1: has none)
_DENIED = {
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "bind": (49, 200),
    "listen": (50, 201),
    "socketpair": (53, 199),
    "accept4": (288, 242),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "io_uring_setup": (425, 425),
    "openat2": (437, 437),
    "open_by_handle_at": (304, 265),
    "creat": (85, -1),
    "truncate": (76, 45),
    "rename": (82, -1),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "mkdir": (83, -1),
    "mkdirat": (258, 34),
    "rmdir": (84, -1),
    "link": (86, -1),
    "linkat": (265, 37),
    "unlink": (87, -1),
    "unlinkat": (263, 35),
    "symlink": (88, -1),
    "symlinkat": (266, 36),
    "mknod": (133, -1),
    "mknodat": (259, 33),
    "chmod": (90, -1),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "chown": (92, -1),
    "fchown": (93, 55),
    "lchown": (94, -1),
    "fchownat": (260, 54),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "mount": (165, 40),
    "umount2": (166, 39),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "keyctl": (250, 219),
    "setrlimit": (160, 164),
}
# Name: numbers as above, the argument and the bits of it of which none may be set
_DENIED_WITH = {
    "open": (2, -1, 1, _WRITES),
    "openat": (257, 56, 2, _WRITES),
    "prlimit64": (302, 261, 2, 0xFFFFFFFF),  # a new limit
}
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def confine(memory: int) -> bool:
    """Hold this process and those it forks to limits, before anything unknown is read.

    ``memory``: bytes of address space beside what is in use. False where the system has no filter
    of calls for this machine: limits hold all the same.
    """
    limits = {
        resource.RLIMIT_AS: _address_space() + memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: _MOST_FILES,
    }
    for which, most in limits.items():
        _, hard = resource.getrlimit(which)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))
    libc = ctypes.CDLL(None, use_errno=True)
    # Nobody else of this account looks into its memory
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return _filter_calls(libc)


def end_with_parent(parent: int) -> None:
    """This process is killed when the one that forked it ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def memory_allowed() -> int:
    """MEMORY_BYTES, or on a small machine three quarters of what it has."""
    has = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(MEMORY_BYTES, has * 3 // 4)


def _address_space() -> int:
    """Bytes that this process has mapped."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _filter_calls(libc: ctypes.CDLL) -> bool:
    """False where there is no filter for this machine."""
    machine = _MACHINES.get(platform.machine())
    if machine is None or sys.byteorder != "little":
        return False
    code = instructions(*machine)
    program = _Program(len(code) // 8, code)
    return not (
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        or libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
    )


def instructions(column: int, architecture: int) -> bytes:
    """The filter: calls of another architecture and those in the lists are denied."""
    code = [
        _one(_LOAD, _ARCHITECTURE),
        _one(_EQUAL, architecture, 1, 0),
        _one(_RETURN, _DENY),
        _one(_LOAD, _NUMBER),
        _one(_AT_LEAST, _X32, 0, 1),
        _one(_RETURN, _DENY),
    ]
    for numbers in _DENIED.values():
        if numbers[column] >= 0:
            code += [_one(_EQUAL, numbers[column], 0, 1), _one(_RETURN, _DENY)]
    for first, second, argument, bits in _DENIED_WITH.values():
        number = (first, second)[column]
        if number >= 0:
            code += [
                _one(_EQUAL, number, 0, 4),
                _one(_LOAD, _ARGUMENTS + 8 * argument),
                _one(_ANY_BIT, bits, 0, 1),
                _one(_RETURN, _DENY),
                _one(_RETURN, _ALLOW),
            ]
    return b"".join([*code, _one(_RETURN, _ALLOW)])


def _one(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, if_true, if_false, value)
