#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Puts mistakes into the library that only some machines show, and sees the
digest of the boundary pack show each there, and on no other.

    mistakes [--only ID] ARCHITECTURE LIBRARY OBJECT...

A mistake in machines.json beside this file is an edit of one source file: "old"
stands in it once and becomes "new". What it makes of that file is linked before
LIBRARY, with the objects of the command, so that it stands for the library's own.
"differs_on" are the architectures whose digest is then another one.

Environment: SBIND_CC, the compiler; SBIND_FLAGS, its options and libraries, and
SBIND_EMULATOR, what runs a program, both separated by semicolons.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def words(name):
    return [word for word in os.environ[name].split(";") if word]


def compiled(mistake, target):
    source = ROOT / mistake["file"]
    text = source.read_text()
    if text.count(mistake["old"]) != 1:
        sys.exit("%s: \"old\" does not stand once in %s" % (
            mistake["id"], mistake["file"]))
    # where the file is, so that it finds the headers beside it
    subprocess.run([os.environ["SBIND_CC"], *words("SBIND_FLAGS"), "-std=c11",
                    "-O1", "-w", "-I", ROOT / "include", "-x", "c", "-c", "-",
                    "-o", target],
                   input=text.replace(mistake["old"], mistake["new"]),
                   text=True, cwd=source.parent, check=True)
    return target


def differs(mistake, options, folder):
    """Whether the digest is not the published one."""
    program = folder / "sbind.exe"
    edited = compiled(mistake, folder / "edited.o")
    subprocess.run([os.environ["SBIND_CC"], edited, *options.objects,
                    options.library, "-o", program, *words("SBIND_FLAGS")],
                   check=True)
    done = subprocess.run(
        [sys.executable, "-B", ROOT / "conformance/run.py", "--digest", "--",
         *words("SBIND_EMULATOR"), program, "adapter"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    if done.returncode not in (0, 1):
        sys.exit("%s: the adapter broke" % mistake["id"])
    return done.returncode == 1


def main():
    parser = argparse.ArgumentParser(prog="mistakes", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="ID")
    parser.add_argument("architecture", metavar="ARCHITECTURE")
    parser.add_argument("library", metavar="LIBRARY")
    parser.add_argument("objects", nargs="+", metavar="OBJECT")
    options = parser.parse_args()
    chosen = [each for each in json.loads((HERE / "machines.json").read_text())
              if options.only in (None, each["id"])]
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="sbind-portability.") as folder:
        for mistake in chosen:
            shown = differs(mistake, options, pathlib.Path(folder))
            right = shown == (options.architecture in mistake["differs_on"])
            wrong += not right
            print("%s: %s on %s%s" % (
                mistake["id"], "shown" if shown else "not shown",
                options.architecture, "" if right else ", WHICH IS WRONG"))
    print("%d of %d as written down" % (len(chosen) - wrong, len(chosen)))
    return 0 if chosen and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
