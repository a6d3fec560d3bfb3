#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""calls_complete.py NM LIBRARY CALLS_TEST - does calls_test make every Win32 call of the
library fail, except for the listed calls that need no fault?

Promises: P2 P16
"""
import re
import subprocess
import sys

# by WSAIoctl, not imported
ASKED_FOR = {"AcceptEx"}
OWN = re.compile(r"sbind_|__|mem|str|wcs|\.")


def imported(nm, library):
    def symbols(*options):
        lines = subprocess.run([nm, *options, library], check=True,
                               capture_output=True, text=True).stdout
        return {line.split()[-1] for line in lines.splitlines()
                if len(line.split()) > 1}
    undefined = symbols("-u") - symbols("--defined-only")
    return {name.removeprefix("__imp_") for name in undefined
            if name.startswith("__imp_") or not OWN.match(name)}


def main():
    nm, library, source = sys.argv[1:]
    with open(source, encoding="ascii") as file:
        text = file.read()
    faked = set(re.findall(
        r"^(?:FAKE|PLAIN)\(.*?\b\w+32,\s*\w+,\s*\w+,\s*(\w+),", text,
        re.MULTILINE))
    faked |= set(re.findall(r"^CAN_FAIL\((\w+)\)", text, re.MULTILINE))
    faked -= ASKED_FOR
    spared = set(re.findall(r'"(\w+)"', text.split("cannot_fail[] = {")[1]
                            .split("};")[0]))
    calls = imported(nm, library)
    wrong = [("fails nowhere", calls - faked - spared),
             ("is not called", (faked | spared) - calls),
             ("is faked and spared", faked & spared)]
    for words, names in wrong:
        for name in sorted(names):
            print("%s %s" % (name, words))
    print("%d calls fail, %d need not" % (len(faked), len(spared)))
    return 1 if any(names for _, names in wrong) else 0


if __name__ == "__main__":
    sys.exit(main())
