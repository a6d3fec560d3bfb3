#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Measures which parts of the sources the tests reach, and compares the result with lower limits.

    run.py               builds, runs the tests, and judges the profiles; also checks that
                         it fails when it should
    run.py --judge       does the same without a build, for the profiles of the last run
    run.py --write       also writes the table of docs/evidence.md

There are lower limits. Code that makes no system calls: every line, branch and condition (MC/DC).
Generated lexers: 99.9 % of the branches. Code of Linux: 95 % of the branches. The command: 94 %.
unreached.txt beside this file has everything that is not reached, with a reason for each entry. The
check fails if something else is not reached, or if an entry is reached after all. The first two
limits do not count the listed entries. The other two count them as not reached.

Profiles go to build/coverage/profiles/TEST, and the report to build/coverage/html. Programs map the
profiles into memory (-fprofile-continuous). So what a program does is counted even if the program
is killed or becomes another program. The call in which this happens counts as if it had
returned."""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/cov"
OUT = ROOT / "build/coverage"
PROFILES = OUT / "profiles"
LIST = pathlib.Path(__file__).with_name("unreached.txt")
EVIDENCE = ROOT / "docs/evidence.md"
HEAD = "| sources | lines | branches | MC/DC | branches not reached, each with a reason |\n"
ENTRY = re.compile(r"(\S+) (\w+): (.+) is (never|seldom) (true|false)")
LLVM = "-22"
GENERATED = 99.9    # percent of branches
LAYERS = {"binding": 95.0, "command": 94.0}
CONDITION = 6       # a branch that is part of a decision, as llvm-cov writes it
# A test, and the file that has too little coverage without this test.
NEEDED = (("report_test", "src/status/report.c"),
          ("inside_test", "src/parse/inet.c"),
          ("faults_test", "src/bind/linux/place.c"),
          ("launcher_test", "src/cli/linux/drop.c"))

Branch = collections.namedtuple("Branch", "file function text outcome")


def call(*argv, **more):
    done = subprocess.run([str(each) for each in argv], cwd=ROOT, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          **more)
    if done.returncode:
        sys.exit("%s%s failed" % (done.stdout, argv[0]))
    return done.stdout


# ---- Measuring ----------------------------------------------------------------

def run_tests():
    """Some tests become another user, and some set a umask. An access list lets all of them write
    to the same profiles."""
    for folder in ROOT, *ROOT.parents:
        if not folder.stat().st_mode & 0o001:
            sys.exit("other users cannot enter %s, so what tests do as another user "
                     "would not be counted" % folder)
    call("cmake", "--preset", "cov", "-DSBIND_BUILD_TESTS=ON",
         "-DSBIND_WERROR=ON")
    call("cmake", "--build", "--preset", "cov", "-j", os.cpu_count() or 2,
         stderr=subprocess.STDOUT)
    shutil.rmtree(PROFILES, ignore_errors=True)
    PROFILES.mkdir(parents=True)
    call("setfacl", "-m", "o::rwx,d:u::rwx,d:g::rwx,d:o::rwx", PROFILES)
    print(call("ctest", "--preset", "cov").splitlines()[-1], flush=True)


def merge(without=None):
    """The profiles of all tests but one."""
    merged = OUT / "merged.profdata"
    call("llvm-profdata" + LLVM, "merge", "-sparse", "-o", merged,
         *(path for path in sorted(PROFILES.glob("*/*.profraw"))
           if path.parent.name != without))
    return merged


def llvm_cov(command, merged, *options):
    return call("llvm-cov" + LLVM, command, "-instr-profile", merged, *options,
                BUILD / "libsbind.a", "-object", BUILD / "sbind")


def export(merged, *options):
    """Reads the output of llvm-cov: the files with their totals, and the functions with
    their branches."""
    return json.loads(llvm_cov("export", merged, "-skip-expansions",
                               *options))["data"][0]


def relative(path):
    return os.path.relpath(path, ROOT)


def text_at(path, place, lines={}):
    """The text of the source from one place to another, as one line."""
    if path not in lines:
        lines[path] = pathlib.Path(path).read_text().split("\n")
    first, begin, last, end = place
    part = lines[path][first - 1:last]
    part[-1] = part[-1][:end - 1]
    before, part[0] = part[0][:begin - 1], part[0][begin - 1:]
    text = " ".join(" ".join(part).split())
    return "default of switch (%s)" % text if before.endswith("switch (") \
        else text


class Measured:
    """The lines, branches and conditions of a file, and those that are not reached."""

    def __init__(self):
        self.lines = self.branches = self.conditions = 0
        self.bare = set()           # lines
        self.unreached = []         # (Branch, line)
        self.unshown = []           # condition: its two Branches


def together(functions):
    """The branches and decisions of one function of the sources. Several programs can contain the
    function. If it is in a header, several files can contain it. What is reached in one of them
    counts as reached."""
    branches, decisions = {}, {}
    for function in functions:
        for b in function["branches"]:
            same = branches.setdefault((*b[:4], *b[6:9]), [*b[:4], 0, 0, *b[6:9]])
            same[4:6] = same[4] + b[4], same[5] + b[5]
        for d in function["mcdc_records"]:
            same = decisions.setdefault((*d[:4], d[6]), [*d[:9], [False] * len(d[9])])
            same[9] = [one or other for one, other in zip(same[9], d[9])]
    return branches.values(), decisions.values()


def measure(merged):
    """The results for each file."""
    result = collections.defaultdict(Measured)
    data = export(merged, "-ignore-filename-regex=^/usr/")
    functions = collections.defaultdict(list)
    for each in data["functions"]:
        functions[each["name"].split(":")[-1], each["filenames"][0]].append(each)
    for (name, _), alike in functions.items():
        files = alike[0]["filenames"]
        of = result[relative(files[0])]
        branches, decisions = together(alike)

        def branch(place, file, outcome):
            text = text_at(files[file], place)
            return Branch(relative(files[0]), name, text,
                          outcome or text.startswith("default of"))
        for b in branches:
            for count, outcome in ((b[4], True), (b[5], False)):
                of.branches += 1
                if count == 0:
                    of.unreached.append((branch(b[:4], b[6], outcome), b[0]))
        for decision in decisions:
            inside = [b for b in branches
                      if b[8] == CONDITION and b[6] == decision[6] and
                      decision[:2] <= b[:2] and b[2:4] <= decision[2:4]]
            of.conditions += len(decision[9])
            of.unshown += [[branch(b[:4], b[6], outcome)
                            for outcome in (True, False)]
                           for b, shown in zip(inside, decision[9])
                           if not shown]
    for file in data["files"]:
        of = result[relative(file["filename"])]
        of.lines = file["summary"]["lines"]["count"]
        of.bare = bare_lines(file)
    return result


def bare_lines(file):
    """The lines that were never reached, as llvm-cov counts them."""
    by_line = collections.defaultdict(list)
    for segment in file["segments"]:
        by_line[segment[0]].append(segment)
    bare, wrapped = set(), None
    for line in range(1, max(by_line, default=0) + 1):
        begun = [s for s in by_line[line] if s[3] and s[4] and not s[5]]
        mapped = begun or (wrapped and wrapped[3] and not wrapped[5])
        counts = [s[2] for s in begun]
        if wrapped and wrapped[3]:
            counts.append(wrapped[2])
        if mapped and max(counts) == 0:
            bare.add(line)
        if by_line[line]:
            wrapped = by_line[line][-1]
    return bare


# ---- What is listed -------------------------------------------------------------

def read_list(text):
    """Reads the list of exceptions: how often each branch is listed, and which ones may
    be reached nevertheless. In the file, each group of entries is followed by its
    reason, indented."""
    entries, seldom, open_entry = collections.Counter(), set(), None
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line.startswith("    "):
            open_entry = None
            continue
        found = ENTRY.fullmatch(line)
        if found is None:
            sys.exit("%s: cannot be read: %s" % (LIST.name, line))
        open_entry = Branch(*found.group(1, 2, 3), found.group(5) == "true")
        entries[open_entry] += 1
        if found.group(4) == "seldom":
            seldom.add(open_entry)
    if open_entry is not None:
        sys.exit("%s: no reason is given: %s" % (LIST.name, line))
    return entries, seldom


def show(branch):
    return "%s %s: %s is never %s" % (*branch[:3],
                                      "true" if branch.outcome else "false")


# ---- Judging --------------------------------------------------------------------

def floor_of(path):
    if path.endswith("/lexer.c"):
        return "generated"
    if path.startswith("src/cli/"):
        return "command"
    return "binding" if "/linux/" in path or "/posix/" in path else "pure"


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


class Verdict:
    """The numbers of a file, without and with the listed exceptions, and what is
    wrong."""

    def __init__(self, path, of, entries):
        kind = floor_of(path)
        lines_listed = {line for branch, line in of.unreached
                        if branch in entries}
        bare = of.bare - lines_listed
        unshown = [pair for pair in of.unshown
                   if not any(branch in entries for branch in pair)]
        unlisted = [branch for branch, _ in of.unreached
                    if branch not in entries]
        self.path = path
        self.lines = of.lines - len(of.bare), of.lines
        self.branches = of.branches - len(of.unreached), of.branches
        self.conditions = of.conditions - len(of.unshown), of.conditions
        self.listed = len(of.unreached) - len(unlisted)
        self.faults = ["not reached, not listed: " + show(branch)
                       for branch in unlisted]
        if kind == "pure":
            self.faults += ["line %d is not reached" % line
                            for line in sorted(bare)]
            self.faults += ["not shown to decide anything: " + pair[0].text
                            for pair in unshown]
        reached = percent(of.branches - len(unlisted), of.branches)
        if kind == "generated" and reached < GENERATED:
            self.faults.append("%.2f %% of the branches are too few" % reached)

    def __str__(self):
        return "%-34s lines %s  branches %s  MC/DC %s  listed %d" % (
            self.path, *("%5d/%-5d" % pair for pair in (
                self.lines, self.branches, self.conditions)), self.listed)


def judge(measured, text):
    """([Verdict], what is wrong with the list)."""
    entries, seldom = read_list(text)
    unreached = collections.Counter(
        branch for of in measured.values() for branch, _ in of.unreached)
    stale = ["%s: listed, and reached or gone: %s" % (LIST.name, show(branch))
             for branch, count in entries.items()
             if unreached[branch] < count and branch not in seldom]
    stale += ["%s: listed %d times of %d: %s" % (
        LIST.name, count, unreached[branch], show(branch))
              for branch, count in entries.items() if unreached[branch] > count]
    return [Verdict(path, of, entries)
            for path, of in sorted(measured.items())], stale


def faults_of(verdicts, stale):
    faults = ["%s: %s" % (verdict.path, fault)
              for verdict in verdicts for fault in verdict.faults] + stale
    for layer, floor in LAYERS.items():
        pairs = [verdict.branches for verdict in verdicts
                 if floor_of(verdict.path) == layer]
        reached = percent(*(sum(column) for column in zip(*pairs)))
        if reached < floor:
            faults.append("%s: %.2f %% of the branches are too few" % (
                layer, reached))
    return faults


def summary(verdicts):
    """The table of docs/evidence.md."""
    rooms = collections.defaultdict(list)
    for verdict in verdicts:
        kind = floor_of(verdict.path)
        room = "generated: the `lexer.c`" if kind == "generated" else \
            "`%s`" % os.path.dirname(verdict.path)
        rooms[room].append(verdict)
    rows = [HEAD + "|---|---|---|---|---|"]
    for room, of in sorted(rooms.items()):
        cells = []
        for name in ("lines", "branches", "conditions"):
            pairs = [getattr(verdict, name) for verdict in of]
            part, whole = (sum(column) for column in zip(*pairs))
            cells.append("%d of %d" % (part, whole))
        rows.append("| %s | %s | %d |" % (
            room, " | ".join(cells), sum(verdict.listed for verdict in of)))
    return "\n".join(rows) + "\n"


def check_itself(measured, text):
    """Makes mistakes that the check has to notice. Returns those that the check did not notice."""
    missed = []

    def expect(what, faults, words):
        if not any(words in fault for fault in faults):
            missed.append("not noticed: " + what)
    for test, path in NEEDED:
        expect("%s left out" % test,
               faults_of(*judge(measure(merge(without=test)), text)),
               path + ": not reached")
    first = next(line for line in text.splitlines()
                 if ENTRY.fullmatch(line) and " is never " in line)
    expect("an entry that is gone", faults_of(*judge(
        measured, text.replace(first + "\n", "", 1))), "not reached, not listed")
    expect("an entry too many", faults_of(*judge(
        measured, "src/x.c f: x is never true\n    why\n" + text)), "or gone")
    return missed


def main():
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judge", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if not options.judge:
        run_tests()
    text = LIST.read_text()
    merged = merge()
    measured = measure(merged)
    verdicts, stale = judge(measured, text)
    for verdict in verdicts:
        print(verdict)
    if options.write:
        before, _, rest = EVIDENCE.read_text().partition(HEAD)
        EVIDENCE.write_text(before + summary(verdicts) + "\n" + rest.partition("\n\n")[2])
    llvm_cov("show", merged, "-format=html", "-show-branches=count",
             "-show-mcdc", "-output-dir", OUT / "html")
    faults = faults_of(verdicts, stale) or check_itself(measured, text)
    for fault in faults:
        print(fault)
    print("%d files, %d faults; %s" % (len(verdicts), len(faults), relative(
        OUT / "html/index.html")))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
