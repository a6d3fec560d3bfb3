# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs 32-bit programs on machines whose kernel cannot run them."""
import errno
import os
import pathlib
import shutil
import subprocess

QEMU = "qemu-i386-static"
THIRTY_TWO = 1 # the class in an ELF file


def kernel_runs(program):
    try:
        subprocess.run([program, "-help=1"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        return False
    return True


def emulator(program, options=""):
    """The words that this machine needs before a 32-bit program on the command line. Usually there
    are none.

    LeakSanitizer is off under qemu: it stops threads with ptrace, which qemu does not translate.
    Under qemu, AddressSanitizer must not keep much freed memory: if memory is short, qemu maps
    blocks into the shadow memory of AddressSanitizer. The other options of AddressSanitizer stay as
    they are given."""
    with pathlib.Path(program).open("rb") as file:
        is_small = file.read(5)[4] == THIRTY_TWO
    if not is_small or kernel_runs(program):
        return []
    if shutil.which(QEMU) is None:
        raise OSError(errno.ENOEXEC, os.strerror(errno.ENOEXEC) +
                      ", and %s is not there" % QEMU, str(program))
    return ["env", "ASAN_OPTIONS=%s:detect_leaks=0:quarantine_size_mb=16" %
            options, QEMU]
