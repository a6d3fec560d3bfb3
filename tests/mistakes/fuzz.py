# SPDX-License-Identifier: MIT OR Apache-2.0
"""The check fuzz/TARGET: a fuzz target has to fail within a minute. The target starts with seeds
that are made from vectors and grammar. Without the mistake the target has to pass with these
seeds."""
import runpy
import shutil
import sys
import time

from tree import ROOT, Caught, call, first

SECONDS = 60


class Checker:
    def __init__(self, root, options, _):
        self.root, self.options, self.ready = root, options, set()
        self.engine = "quick" if options.quick else "address"
        sys.path.insert(0, str(root / "fuzz"))
        self.fuzz = runpy.run_path(str(root / "fuzz/run.py"))
        self.artifact = self.fuzz["BUILD"] / "artifact"

    def build(self, target):
        if target not in self.ready:
            self.fuzz["seeds"]([target], "--derived")
            self.ready.add(target)
        try:
            self.fuzz["build"](self.engine, [target])
        except SystemExit as failed:
            raise Caught("cc", str(failed)) from failed

    def search(self, target, limit):
        folder = self.fuzz["BUILD"]
        return call(
            folder / self.engine / ("fuzz_" + target), limit, "-max_len=1100",
            "-timeout=10", "-print_final_stats=1",
            "-exact_artifact_path=%s" % self.artifact,
            "-dict=%s" % (self.root / "fuzz/sbind.dict"),
            folder / "corpus" / target)

    def check(self, mistake):
        target = mistake["check"].partition("/")[2]
        self.build(target)
        begin = time.monotonic()
        done = self.search(target, "-max_total_time=%d" % SECONDS
                           if "old" in mistake else "-runs=0")
        after = "after %s executions in %.1f s" % (
            first(r"number_of_executed_units: (\d+)", done.stdout),
            time.monotonic() - begin)
        if done.returncode == 0:
            return after
        if self.options.keep:
            to = ROOT / "corpus/regress" / target
            to.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.artifact, to / mistake["id"])
        raise Caught(mistake["check"], after + ": " + first(
            r"^(?:==\d+==)?(fuzz/.*: .*|.*(?:ERROR: \w+:|runtime error:) .*)",
            done.stdout))
