#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""old_glibc_test.py COMMAND LIBRARY - do the command and the shared library need only symbols that
glibc 2.17 has? Do they listen and connect?"""
import os
import re
import subprocess
import sys
import tempfile

MOST = (2, 17)
WAIT = 20


def needed(file):
    """The versions of glibc whose symbols a program or library needs."""
    out = subprocess.run(("readelf", "--version-info", "-W", file), check=True,
                         stdout=subprocess.PIPE).stdout.decode()
    found = {tuple(map(int, v.split(".")))
             for v in re.findall(r"Name: GLIBC_([\d.]+)", out)}
    if not found:
        sys.exit("%s needs nothing of glibc" % file)
    return found


def check_symbols(file):
    newest = max(needed(file))
    if newest > MOST:
        sys.exit("%s needs GLIBC_%d.%d" % (file, *newest[:2]))


def meet(command, address):
    server = subprocess.Popen((command, "listen", address),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
    at = server.stderr.readline().decode().split()[-1]
    client = subprocess.run((command, "connect", at), input=b"hello", timeout=WAIT,
                            stdout=subprocess.PIPE, check=False)
    out, err = server.communicate(None, WAIT)
    if (client.returncode, server.returncode, out) != (0, 0, b"hello"):
        sys.exit("%s: %r %r" % (address, out, err))


def main():
    command, library = sys.argv[1:]
    # The shell must fail this check: it was built for the glibc of this machine, which is newer.
    if max(needed("/bin/sh")) <= MOST:
        sys.exit("a newer symbol goes unnoticed")
    check_symbols(command)
    check_symbols(library)
    with tempfile.TemporaryDirectory(prefix="sbind-", dir="/tmp") as directory:
        for address in ("tcp://127.0.0.1:0", "tcp://localhost:0",
                        "unix://%s/s" % directory,
                        "unix://@sbind-test" + os.path.basename(directory)):
            meet(command, address)
        if os.listdir(directory):
            sys.exit("something is left")
    print("GLIBC_%d.%d at most" % max(needed(command) | needed(library))[:2])


if __name__ == "__main__":
    main()
