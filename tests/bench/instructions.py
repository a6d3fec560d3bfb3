#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Counts the instructions of sbind_parse for the hot text of each class, and
compares them with instructions.csv.

    instructions.py PROGRAM [--update]

A class fails if it takes 3 % more than the table says. It also fails if it takes 3 %
less, and then --update writes a new table. callgrind counts instructions, so the
figures are the same in every run with the same compiler and C library.
"""
import argparse
import csv
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

TABLE = pathlib.Path(__file__).with_suffix(".csv")
CALLS = 10 # as in instructions.c
PART = 0.03
CLASSES = 28


def count(functions, *command):
    """How many instructions run in these functions, and in functions that they call, for
    each dump that the program makes."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no",
             *("--toggle-collect=" + each for each in functions),
             "--callgrind-out-file=%s/out" % folder, *command],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        found = {}
        for path in pathlib.Path(folder).iterdir():
            text = path.read_text()
            name = re.search(r"^desc: Trigger: Client Request: (.*)", text, re.M)
            if name:
                total = re.search(r"^totals: (\d+)", text, re.M)
                found[name.group(1)] = int(total.group(1))
    return found


def count_classes(program):
    """{class: instructions of one call}"""
    return {name: round(total / CALLS)
            for name, total in count(["sbind_parse"], program).items()}


def read():
    with open(TABLE, newline="", encoding="utf-8") as file:
        return {name: int(most) for name, most in csv.reader(file)}


def write(found):
    with open(TABLE, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(sorted(found.items()))


def complaints(table, found):
    if set(table) != set(found) or len(found) != CLASSES:
        yield "the classes are others than those of the table"
    for name in sorted(set(table) & set(found)):
        seen, expected = found[name], table[name]
        if abs(seen - expected) > PART * expected:
            yield "%s: %d instructions, the table has %d: %s" % (
                name, seen, expected, "too many" if seen > expected else
                "fewer, write them down with --update")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    processor = pathlib.Path("/proc/cpuinfo")
    if platform.machine() != "x86_64" or "avx2" not in processor.read_text():
        print("SKIPPED: the table is of x86-64 with AVX2")
        return 77
    found = count_classes(options.program)
    if options.update:
        write(found)
    wrong = list(complaints(read(), found))
    for line in wrong:
        print("FAIL: " + line)
    print("%d classes, %d instructions" % (len(found), sum(found.values())))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
