# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs programs of 32 bits where the kernel has none."""
import subprocess

QEMU = "qemu-i386-static"


def emulator(program, options=""):
    """The words that have to stand before a program here, mostly none.

    LeakSanitizer stops threads with ptrace, which qemu does not translate: it is
    off there, and the other options of AddressSanitizer are as they are given.
    """
    try:
        subprocess.run([program, "-help=1"], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    except OSError:
        return ["env", "ASAN_OPTIONS=%s:detect_leaks=0" % options, QEMU]
    return []
