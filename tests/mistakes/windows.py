#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""windows.py: mistakes on purpose, and the test that has to catch each.

Each mistake of windows.json is made in a copy of one file, which is linked before
the library so that it stands for the library's own. Its "check" is a test program,
and the test "expect" of it has to say FAILED.

Environment: as in support.py; SBIND_CC, the cross compiler.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
BUILD = pathlib.Path(os.environ["SBIND_BUILD"])
WINE = os.environ["SBIND_WINE"].split(";")
CC = os.environ["SBIND_CC"]
LIBRARIES = ["-lssp", "-lws2_32", "-liphlpapi", "-ladvapi32"]


def listed(text):
    return [text] if isinstance(text, str) else text


def edited(directory, mistake):
    """A copy with the mistake, which includes what the file itself does."""
    path = SOURCE / mistake["file"]
    text = path.read_text()
    for old, new in zip(listed(mistake["old"]), listed(mistake["new"])):
        if text.count(old) != 1:
            sys.exit("%s: %r is %d times in %s" % (mistake["id"], old,
                                                   text.count(old), path))
        text = text.replace(old, new)
    made = directory / path.name
    made.write_text(text.replace('#include "', '#include "%s/' % path.parent))
    return made


def compile_to(target, *sources):
    """An object of one source, or a program."""
    whole = () if target.suffix == ".exe" else ("-c",)
    subprocess.run(
        [CC, "-std=c11", "-static", "-w", *whole, "-I", SOURCE / "include",
         *sources, "-o", target, *LIBRARIES], check=True)


def test_object(directory, test):
    """Made once."""
    made = directory / (test + ".o")
    if not made.exists():
        compile_to(made, SOURCE / "tests/win32" / (test + ".c"))
    return made


def is_caught(directory, mistake):
    program = directory / "sabotaged.exe"
    compile_to(program, edited(directory, mistake),
               test_object(directory, mistake["check"]), BUILD / "libsbind.a")
    try:
        done = subprocess.run([*WINE, str(program), mistake["expect"]],
                              cwd=directory, capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        return True # the test's own time limit would end it
    return done.returncode != 0 and b"FAILED" in done.stdout


def passes(directory, test, name):
    """The test alone, without a mistake: else it would catch anything."""
    program = BUILD / "tests/win32" / (test + ".exe")
    done = subprocess.run([*WINE, str(program), name], cwd=directory,
                          capture_output=True, timeout=60)
    if done.returncode != 0:
        print("FAILS without a mistake: %s of %s" % (name, test))
    return done.returncode == 0


def main():
    mistakes = json.loads(HERE.joinpath("windows.json").read_text())
    chosen = [each for each in mistakes
              if each["id"] in sys.argv[1:] or not sys.argv[1:]]
    # a wine that stays, so that nobody waits for it to start; two that start
    # it at once can wait for each other
    stay = subprocess.Popen([*WINE, str(BUILD / "sbind.exe"), "adapter"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stay.stdin.write(b"parse -\n")
    stay.stdin.flush()
    stay.stdout.readline()
    missed = 0
    with tempfile.TemporaryDirectory(prefix="sbind-") as name:
        sound = all([passes(name, *test) for test in sorted(
            {(each["check"], each["expect"]) for each in chosen})])
        for each in chosen:
            caught = is_caught(pathlib.Path(name), each)
            missed += not caught
            print("%s by %s: %s" % ("caught" if caught else "MISSED",
                                    each["expect"], each["id"]), flush=True)
    stay.stdin.close()
    stay.wait()
    print("%d caught, %d missed" % (len(chosen) - missed, missed))
    return 0 if chosen and sound and not missed else 1


if __name__ == "__main__":
    sys.exit(main())
