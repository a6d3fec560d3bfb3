#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Does the model take the same steps as the command? spin prints the calls of one starter that runs
alone. These calls have to be the same as the lists in tests/system/syscalls_test.py. That test
checks with strace that the command makes the calls of these lists.

Promises: P28
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE / "socket_file.pml"

os.environ.setdefault("SBIND", "sbind")
sys.path.insert(0, str(HERE.parent / "system"))
import syscalls_test  # noqa: E402

# For each file: its name in the model, and a pattern. The pattern finds the file in the
# lists of calls, by its name in the directory of the test.
OBJECTS = (("directory", r'AT_FDCWD'), ("aside", r'\\.s\\.sbind-old'),
           ("fresh", r'\\.s\\.sbind-new'), ("lock", r'\\.s\\.sbind"'),
           ("X", r'"s"|/d/s"'), ("dgram", r"SOCK_DGRAM|/proc/thread-self/fd"),
           ("stream", r"SOCK_STREAM"))
OBJECT = re.compile("|".join(f"(?P<{name}>{pattern})"
                             for name, pattern in OBJECTS))
ERRNO = re.compile(r"\bE(?:ADDRINUSE|EXIST|NOENT|CONNREFUSED|PROTOTYPE)\b")
# Calls in which strace shows a number and the model a name.
NUMBERED = ("close", "flock", "listen", "fchmod", "getsockopt", "geteuid",
            "getpid")


def of_pattern(pattern):
    """What an entry of the lists says: the call, the file, the errno."""
    errno = ERRNO.search(pattern)
    return (re.match(r"\w+", pattern).group(),
            [m.lastgroup for m in OBJECT.finditer(pattern)],
            errno.group() if errno else None)


def of_model(*macros):
    """What each step of the model's starter says, in the same form."""
    out = subprocess.run(
        ["spin", "-T", "-DSTARTERS=1", "-DALONE", *("-D" + m for m in macros),
         str(MODEL)], text=True, stdout=subprocess.PIPE, check=True).stdout
    steps = []
    for line in out.splitlines():
        words = line.split()
        if words[0] == "A" and words[1] != "exits" and (
                words[4] != "second_half"):
            steps.append((words[1], [w for w in words[2:4] if w != "0"],
                          words[4]))
    return steps


def differences(steps, patterns):
    """Pairs of calls that differ, and calls that only one side has."""
    found = []
    for i in range(max(len(steps), len(patterns))):
        step = steps[i] if i < len(steps) else None
        entry = of_pattern(patterns[i][0]) if i < len(patterns) else None
        if step is None or entry is None or not same(step, entry):
            found.append((i, step, entry))
    return found


def same(step, entry):
    call, about, ending = step
    return (call == entry[0] and (call in NUMBERED or about == entry[1]) and
            entry[2] in (None, ending))


def parted(steps):
    """Starting ends with the first getpid."""
    end = [call for call, _, _ in steps].index("getpid") + 1
    return steps[:end], steps[end:]


@unittest.skipUnless(shutil.which("spin"), "spin is missing")
class Calls(unittest.TestCase):
    maxDiff = None

    def same(self, steps, patterns):
        self.assertEqual(differences(steps, patterns), [])

    def test_where_there_is_nothing(self):
        start, close = parted(of_model("AT_FIRST=1"))
        self.same(start, syscalls_test.FRESH)
        self.same(close, syscalls_test.CLOSE)

    def test_over_a_stale_socket(self):
        start, close = parted(of_model("AT_FIRST=2"))
        self.same(start, syscalls_test.STALE)
        self.same(close, syscalls_test.CLOSE)

    def test_over_a_live_socket(self):
        start, close = parted(of_model("AT_FIRST=4", "OPTIONS=4"))
        self.same(start, syscalls_test.REPLACE)
        self.same(close, syscalls_test.CLOSE)

    def test_this_finds_a_call_that_is_missing_or_elsewhere(self):
        start, _ = parted(of_model("AT_FIRST=2"))
        lists = list(syscalls_test.STALE)
        for i in range(len(lists)):
            self.assertNotEqual(differences(start, lists[:i] + lists[i + 1:]),
                                [], lists[i])
            self.assertNotEqual(differences(start[:i] + start[i + 1:], lists),
                                [], start[i])
        for i in range(len(lists) - 1):
            if of_pattern(lists[i][0]) != of_pattern(lists[i + 1][0]):
                swapped = (lists[:i] + [lists[i + 1], lists[i]] + lists[i + 2:])
                self.assertNotEqual(differences(start, swapped), [], lists[i])


if __name__ == "__main__":
    if not shutil.which("spin"):
        print("spin is missing: apt-get install spin")
        sys.exit(77)
    unittest.main()
