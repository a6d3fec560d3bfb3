#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Puts mistakes into the library and sees the fuzz targets find each.

    run.py [--every N] [--quick] [--keep] [ID...]

A mistake in fuzz.json beside this file is an edit of one source file: "old"
stands in it once and becomes "new". It is applied to a copy, the target is built
with AddressSanitizer and UndefinedBehaviorSanitizer, and has a minute, from the
seeds that are derived from vectors and grammar, to fail. Without a mistake every
target has to pass over the same seeds. --keep puts the input that shows a mistake
into corpus/regress/TARGET. --every N takes each Nth mistake; --quick builds
without optimisation, which takes a tenth of the time.
"""
import argparse
import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COPIED = ("corpus", "fuzz", "grammar", "include", "src", "conformance")
SECONDS = 60
RE2C = ["re2c", *(ROOT / "src/re2c.options").read_text().split()]


def tool(root):
    """fuzz/run.py of the copy."""
    sys.path.insert(0, str(root / "fuzz"))
    spec = importlib.util.spec_from_file_location("fuzz_run", root / "fuzz/run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def search(fuzz, target, seconds, artifact):
    """(whether it failed, executions, what it said): seconds 0 is the seeds."""
    limit = ["-runs=0"] if seconds == 0 else ["-max_total_time=%d" % seconds]
    done = subprocess.run(
        [fuzz.BUILD / fuzz.kind / ("fuzz_" + target), *limit, "-max_len=1100",
         "-timeout=10", "-exact_artifact_path=%s" % artifact,
         "-print_final_stats=1", "-dict=%s" % (fuzz.ROOT / "fuzz/sbind.dict"),
         fuzz.BUILD / "corpus" / target],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, errors="backslashreplace")
    runs = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    said = re.search(r"^(fuzz/.*: .*|.*(?:ERROR: \w+:|runtime error:) .*)",
                     done.stderr, re.M)
    return (done.returncode != 0, int(runs.group(1)) if runs else 0,
            said.group(1).strip() if said else done.stderr[-300:])


def apply(root, bug):
    """Makes the edit; returns what undoes it."""
    path = root / bug["file"]
    generated = path.with_suffix(".c")
    before = {each: each.read_text() for each in {path, generated}}
    if before[path].count(bug["old"]) != 1:
        raise SystemExit("%s: \"old\" does not stand once in %s" % (
            bug["id"], bug["file"]))
    path.write_text(before[path].replace(bug["old"], bug["new"]))
    if path.suffix == ".re":
        subprocess.run([*RE2C, path, "-o", generated], check=True)
    return before


def judge(fuzz, bug, keep):
    artifact = fuzz.BUILD / "artifact"
    before = apply(fuzz.ROOT, bug)
    try:
        fuzz.build(fuzz.kind, [bug["target"]])
        begin = time.monotonic()
        failed, runs, said = search(fuzz, bug["target"], SECONDS, artifact)
        seconds = time.monotonic() - begin
    finally:
        for path, text in before.items():
            path.write_text(text)
    print("%s: %s by %s after %d executions in %.1f s: %s" % (
        bug["id"], "found" if failed else "NOT FOUND", bug["target"], runs,
        seconds, re.sub(r"^==\d+==", "", said)), flush=True)
    if failed and keep:
        to = ROOT / "corpus/regress" / bug["target"]
        to.mkdir(parents=True, exist_ok=True)
        shutil.copy(artifact, to / bug["id"])
    return failed


def prepare(scratch, targets, kind):
    """A copy of the tree, its seeds, and its targets, which pass over them."""
    for part in COPIED:
        shutil.copytree(ROOT / part, scratch / part,
                        ignore=shutil.ignore_patterns("__pycache__"))
    fuzz = tool(scratch)
    fuzz.kind = kind
    fuzz.seeds(targets, "--derived")
    fuzz.build(fuzz.kind, targets)
    for target in targets:
        failed, _, said = search(fuzz, target, 0, fuzz.BUILD / "artifact")
        if failed:
            sys.exit("%s fails without a mistake: %s" % (target, said))
    return fuzz


def main():
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("ids", nargs="*", metavar="ID")
    options = parser.parse_args()
    bugs = json.loads((HERE / "fuzz.json").read_text())
    unknown = set(options.ids) - {bug["id"] for bug in bugs}
    if unknown:
        parser.error("no such mistake: " + " ".join(sorted(unknown)))
    chosen = [bug for bug in bugs if bug["id"] in options.ids] or \
        bugs[::options.every]
    with tempfile.TemporaryDirectory(prefix="sbind-seeded.") as scratch:
        fuzz = prepare(pathlib.Path(scratch),
                       sorted({bug["target"] for bug in chosen}),
                       "quick" if options.quick else "address")
        found = sum([judge(fuzz, bug, options.keep) for bug in chosen])
    print("%d of %d mistakes found" % (found, len(chosen)))
    return 0 if found == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
