# SPDX-License-Identifier: MIT OR Apache-2.0
"""The check verify/TOOL: a tool of tests/verify that reads the sources. "expect" is a part of the
tool's output. The analysers only read the file with the mistake."""
import sys

from tree import Caught, call


class Checker:
    def __init__(self, root, *_):
        self.root = root

    def check(self, mistake):
        done = call(sys.executable, "-B", self.root / "tests/verify/run.py",
                    "--only", mistake["file"], mistake["check"].split("/")[1])
        if done.returncode:
            expect = mistake["expect"] or ""
            raise Caught(mistake["check"],
                         expect if expect in done.stdout else done.stdout)
