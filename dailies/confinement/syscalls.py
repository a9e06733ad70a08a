"""System calls that no decoder needs, with their numbers: on x86_64, and on aarch64 (a dash where it has none).

From the kernel's asm/unistd_64.h and asm-generic/unistd.h.
"""

from __future__ import annotations

LAST = 450
"""The last call that was weighed (set_mempolicy_home_node); later ones get ENOSYS, and libraries fall back."""

CLONE3 = (435, 435)
"""Its flags are behind a pointer, where a filter cannot look."""
CLONE = (56, 220)
KILL, TGKILL = (62, 129), (234, 131)
PRLIMIT64 = (302, 261)
FCNTL, IOCTL = (72, 25), (16, 29)

_NETWORK = """
socket 41 198, socketpair 53 199, bind 49 200, connect 42 203, listen 50 201, accept 43 202, accept4 288 242,
sendto 44 206, sendmsg 46 211, sendmmsg 307 269, recvfrom 45 207, recvmsg 47 212, recvmmsg 299 243
"""
_OTHER_PROCESSES = """
fork 57 -, vfork 58 -, execveat 322 281, ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271,
process_madvise 440 440, process_mrelease 448 448, kcmp 312 272, get_robust_list 274 100, pidfd_open 434 434,
pidfd_send_signal 424 424, pidfd_getfd 438 438, tkill 200 130, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240,
setpriority 141 140, ioprio_set 251 30, sched_setaffinity 203 122, sched_setscheduler 144 119, sched_setparam 142 118,
sched_setattr 314 274, migrate_pages 256 238, move_pages 279 239
"""
# Landlock has no rights for these, and makes no difference where the kernel has none.
_FILES = """
chmod 90 -, fchmod 91 52, fchmodat 268 53, chown 92 -, fchown 93 55, lchown 94 -, fchownat 260 54, utime 132 -,
utimes 235 -, utimensat 280 88, futimesat 261 -, setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, removexattr 197 14,
lremovexattr 198 15, fremovexattr 199 16, link 86 -, linkat 265 37, symlink 88 -, symlinkat 266 36, mknod 133 -,
mknodat 259 33, truncate 76 45, inotify_init 253 -, inotify_init1 294 26, inotify_add_watch 254 27,
fanotify_init 300 262, fanotify_mark 301 263, name_to_handle_at 303 264, open_by_handle_at 304 265,
memfd_create 319 279, memfd_secret 447 447
"""
_SHARED_MEMORY = """
shmget 29 194, shmat 30 196, shmctl 31 195, semget 64 190, semop 65 193, semtimedop 220 192, semctl 66 191,
msgget 68 186, msgsnd 69 189, msgrcv 70 188, msgctl 71 187, mq_open 240 180, mq_unlink 241 181
"""
_NAMESPACES = """
unshare 272 97, setns 308 268, mount 165 40, umount2 166 39, pivot_root 155 41, chroot 161 51, move_mount 429 429,
open_tree 428 428, fsopen 430 430, fsconfig 431 431, fsmount 432 432, fspick 433 433, mount_setattr 442 442
"""
# Large parts of the kernel, in which most of its holes were found, and what only administrators use.
_KERNEL = """
io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427, bpf 321 280, perf_event_open 298 241,
userfaultfd 323 282, keyctl 250 219, add_key 248 217, request_key 249 218, personality 135 92, modify_ldt 154 -,
ioperm 173 -, iopl 172 -, uselib 134 -, vhangup 153 58, acct 163 89, syslog 103 116, quotactl 179 60,
quotactl_fd 443 443, swapon 167 224, swapoff 168 225, reboot 169 142, kexec_load 246 104, kexec_file_load 320 294,
init_module 175 105, finit_module 313 273, delete_module 176 106, create_module 174 -, lookup_dcookie 212 18,
nfsservctl 180 42, settimeofday 164 170, clock_settime 227 112, clock_adjtime 305 266, adjtimex 159 171,
sethostname 170 161, setdomainname 171 162
"""


def _read(*tables: str) -> dict[str, tuple[int, int]]:
    named = (entry.split() for table in tables for entry in table.replace("-", "-1").split(","))
    return {name: (int(first), int(second)) for name, first, second in named}


DENIED = _read(_NETWORK, _OTHER_PROCESSES, _FILES, _SHARED_MEMORY, _NAMESPACES, _KERNEL)
"""Refused with EPERM, whatever their arguments: name to numbers; -1 where a processor has no such call."""
