#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Checks the model of socket files with spin, and prints a line for each configuration.

    check.py [--large] [--table] [--trace] [NAME...]

The protocol has to keep every claim. Each mistake has to break the claim that is named beside the
mistake. Each limit that is lifted has to break a claim in the same way. --large adds the
configurations that take minutes. --table writes the results into docs/evidence.md. Without --table,
the document has to contain these results already. --trace prints the traces.
"""
import argparse
import collections
import concurrent.futures
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE / "socket_file.pml"
DOCUMENT = HERE.parents[1] / "docs" / "evidence.md"
SKIPPED = 77
MEGABYTES = {False: 1000, True: 6000}
DEPTH = 1000000
COMPILER = "clang" if shutil.which("clang") else "gcc"  # the faster compiler

# The claims of the model, in the order of their numbers. Number 0 is unused.
CLAIMS = ("all claims hold", "one listener", "nothing lost", "client served",
          "next start succeeds", "nothing left", "no deadlock")
(HOLDS, ONE_LISTENER, NOTHING_LOST, CLIENT_SERVED, NEXT_STARTS, NOTHING_LEFT,
 NO_DEADLOCK) = range(len(CLAIMS))

Run = collections.namedtuple("Run", "name macros expected large")
Result = collections.namedtuple("Result", "found states seconds trace unreached")


def run(name, macros, expected=HOLDS, large=False):
    return Run(name, macros.split(), expected, large)


# The values of OPTIONS: 1 reclaim, 2 refuse, 4 replace, or a sum of these.
PROTOCOL = (
    run("reclaim or refuse, one killed", "OPTIONS=3 CRASHES=1"),
    run("reclaim or replace, one killed", "OPTIONS=5 CRASHES=1"),
    run("three starters reclaim", "STARTERS=3 AT_FIRST=2"),
    run("reclaim, a call of listen fails, a starter gives up waiting",
        "OPTIONS=1 FAILURES=1 IMPATIENT=1"),
    run("replace, a call of listen fails", "OPTIONS=4 FAILURES=1 ALONE=1"),
    run("an event loop closes the socket", "HANDED_ON=1 AT_FIRST=1"),
    run("replace, one killed, a client", "OPTIONS=4 CRASHES=1 CLIENT=1 ALONE=1"),
    run("replace without EXCHANGE, one killed, a client",
        "OPTIONS=4 CRASHES=1 CLIENT=1 ALONE=1 EXCHANGE=0"),
    run("replace without EXCHANGE, one killed",
        "OPTIONS=4 CRASHES=1 EXCHANGE=0"),
    run("replace without both, one killed",
        "OPTIONS=4 CRASHES=1 EXCHANGE=0 NOREPLACE=0"),
    run("replace, no client reaches a renamed socket",
        "OPTIONS=4 CLIENT=1 ALONE=1 EXCHANGE=0 NOREPLACE=0 REACHABLE=0"),
    run("a foreign process, reclaim, one killed",
        "STARTERS=1 FOREIGN=2 CRASHES=1"),
    run("a foreign process, replace, one killed",
        "OPTIONS=4 STARTERS=1 FOREIGN=1 CRASHES=1"),
    run("a foreign process, without EXCHANGE",
        "OPTIONS=4 STARTERS=1 FOREIGN=3 EXCHANGE=0 ALONE=1"),
    run("a foreign process, without both",
        "OPTIONS=5 STARTERS=1 FOREIGN=3 EXCHANGE=0 NOREPLACE=0 ALONE=1"),
    run("a foreign process, any inode",
        "OPTIONS=5 STARTERS=1 FOREIGN=2 ANY_INODE=1 ALONE=1"),
)

LARGE = tuple(run(name, macros, large=True) for name, macros in (
    ("three starters reclaim, one killed", "STARTERS=3 CRASHES=1"),
    ("three starters replace", "STARTERS=3 OPTIONS=4 ALONE=1"),
    ("reclaim or replace, two killed, a call of listen fails", "OPTIONS=5 CRASHES=2 FAILURES=1"),
    ("any option, one killed, a client", "OPTIONS=7 CRASHES=1 CLIENT=1"),
    ("an event loop closes the socket, one killed",
     "OPTIONS=5 HANDED_ON=1 CRASHES=1"),
    ("a foreign process makes three calls, one killed",
     "OPTIONS=5 LAST_OPTIONS=5 STARTERS=1 FOREIGN=3 CRASHES=1"),
    ("a foreign process, two starters, one killed",
     "OPTIONS=5 FOREIGN=1 CRASHES=1 ALONE=1"),
    ("replace, any inode, one killed",
     "OPTIONS=4 CRASHES=1 ANY_INODE=1 AT_FIRST=2 ALONE=1"),
))

# Mistakes that break the protocol. The document has the shortest trace of each.
MISTAKES = (
    run("unlink, then bind", "BAD=UNLINK_THEN_BIND ONLY=ONE_LISTENER",
        ONE_LISTENER),
    run("probe without the lock", "BAD=PROBE_WITHOUT_LOCK ONLY=ONE_LISTENER",
        ONE_LISTENER),
    run("lock a file that was found, and do not check that it still has its name",
        "BAD=LOCK_NOT_COMPARED OPTIONS=4 ONLY=ONE_LISTENER", ONE_LISTENER),
    run("make and lock a file, and do not check that it still has its name",
        "BAD=OWN_LOCK_NOT_COMPARED OPTIONS=4 ONLY=ONE_LISTENER",
        ONE_LISTENER),
    run("unlock the lock file, then unlink it",
        "BAD=UNLOCK_THEN_UNLINK OPTIONS=4 ONLY=ONE_LISTENER", ONE_LISTENER),
    run("rename, then listen",
        "BAD=RENAME_THEN_LISTEN OPTIONS=4 CLIENT=1 ONLY=CLIENT_SERVED",
        CLIENT_SERVED),
    run("close, and unlink any file that has the name",
        "BAD=CLOSE_BY_NAME OPTIONS=4 ONLY=ONE_LISTENER",
        ONE_LISTENER),
    run("close without the lock",
        "BAD=CLOSE_WITHOUT_LOCK OPTIONS=4 ONLY=ONE_LISTENER", ONE_LISTENER),
    run("close, and compare with the inode of a file that is not open",
        "BAD=CLOSE_WITHOUT_PIN HANDED_ON=1 ONLY=ONE_LISTENER", ONE_LISTENER),
    run("move a stale socket aside, and do not check which file was moved",
        "BAD=ASIDE_NOT_COMPARED STARTERS=1 FOREIGN=2", NOTHING_LOST),
    run("reclaim, and compare with the inode of a file that is not open",
        "BAD=RECLAIM_WITHOUT_PIN STARTERS=1 FOREIGN=2", NOTHING_LOST),
    run("exchange two names, and do not check which file was replaced",
        "BAD=REPLACE_NOT_COMPARED OPTIONS=4 STARTERS=1 FOREIGN=2",
        NOTHING_LOST),
    run("do not clean up after a killed start",
        "BAD=NOTHING_CLEARED CRASHES=2 AT_FIRST=2 ONLY=NEXT_STARTS",
        NEXT_STARTS),
    run("do not mark a lock file that was found", "BAD=LOCK_NOT_MARKED CRASHES=1 AT_FIRST=2",
        NOTHING_LEFT),
    run("remove the lock file while a hidden socket stays",
        "BAD=LEFTOVER_FORGOTTEN OPTIONS=4 CRASHES=1 AT_FIRST=1", NOTHING_LEFT),
    run("leave a lock file that was found when the start is refused",
        "BAD=FOUND_LOCK_KEPT OPTIONS=2 AT_FIRST=2", NOTHING_LEFT),
)

# What the foreign process may do beyond its limits. In these cases SECURITY.md promises nothing.
LIMITS = (
    run("a file appears between a look and an unlinkat",
        "STARTERS=1 FOREIGN=1 LIFTED=LOOK_THEN_UNLINK", NOTHING_LOST),
    run("a file appears between a look and a renameat, without EXCHANGE",
        "STARTERS=1 OPTIONS=4 FOREIGN=2 EXCHANGE=0 LIFTED=LOOK_THEN_RENAME",
        NOTHING_LOST),
    run("a file appears between a look and a renameat, without both",
        "STARTERS=1 FOREIGN=2 EXCHANGE=0 NOREPLACE=0 LIFTED=LOOK_THEN_RENAME",
        NOTHING_LOST),
    run("a live socket replaces the new one between bind and openat",
        "STARTERS=1 FOREIGN=1 LIFTED=BIND_THEN_OPEN", NOTHING_LOST),
    run("sbind probes a socket within the foreign process's bind",
        "STARTERS=1 FOREIGN=1 AT_FIRST=1 LIFTED=FOREIGN_BIND", NOTHING_LOST),
)
RUNS = PROTOCOL + MISTAKES + LIMITS + LARGE


# ---- spin --------------------------------------------------------------------------

def call(*command, cwd):
    return subprocess.run(["nice", *command], cwd=cwd, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)


def must(*command, cwd):
    done = call(*command, cwd=cwd)
    if done.returncode != 0:
        sys.exit("%s: %s" % (" ".join(command), done.stdout))
    return done.stdout


def outcome(text, name):
    """The number of the claim that spin found broken."""
    claim = re.search(r"assertion violated \(\((\d)>0\)", text)
    if claim:
        return int(claim.group(1))
    if "invalid end state" in text.split("State-vector")[0].split("Full")[0]:
        return NO_DEADLOCK
    if "errors: 0" in text and not re.search(
            "max search depth|out of memory|aborted", text):
        return HOLDS
    sys.exit("%s: no answer of pan:\n%s" % (name, text[:2000]))


def check(one):
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(MODEL, directory)
        return check_in(directory, one)


def check_in(directory, one):
    """Checks one configuration with spin. A mistake is searched for breadth first, so
    that its trace is the shortest."""
    macros = ["-D" + m for m in one.macros]
    options = ["-DSAFETY", "-DVECTORSZ=256",
               "-DMEMLIM=%d" % MEGABYTES[one.large]]
    if one.large:
        options.append("-DCOLLAPSE")
    if one.expected != HOLDS:
        options.append("-DBFS")
    must("spin", *macros, "-a", MODEL.name, cwd=directory)
    must(COMPILER, "-w", "-O1" if one.large else "-O0", *options, "-o", "pan",
         "pan.c", cwd=directory)
    start = time.monotonic()
    text = call("./pan", "-m%d" % DEPTH, cwd=directory).stdout
    seconds = time.monotonic() - start
    found = outcome(text, one.name)
    states = int(float(re.search(r"([\d.e+]+) states, stored", text).group(1)))
    trace = ""
    if found != HOLDS:
        trace = must("spin", *macros, "-t", MODEL.name, cwd=directory)
    unreached = set(re.findall(r"%s:(\d+), state" % MODEL.name, text))
    return Result(found, states, seconds, trace, unreached)


# ---- The document ------------------------------------------------------------------

NAMES = ("X", "lock", "fresh", "aside")
PROCESSES = {"Y": "client", "Z": "foreign"}
# Calls that concern no other process. They are left out of traces.
QUIET = ("geteuid", "getpid", "getsockopt", "fchmod", "socket", "exits")


def wording(call, first, second, ending):
    """A step in words, or None if no other process is concerned."""
    objects = [w for w in (first, second) if w != "0"]
    if call in QUIET or objects in (["directory"], ["dgram"], ["stream"]) and (
            ending == "ok"):
        return None
    if call == "newfstatat" and not objects or call == "close" and not objects:
        return None
    text = "probe" if objects == ["dgram"] else call
    if objects and objects != ["dgram"]:
        text += "(%s)" % ", ".join(objects)
    if ending not in ("ok", "0"):
        text += ": " + ending.replace("_", " ")
    return text


def steps_of(trace):
    """The steps that are shown, as (process, text, names)."""
    for line in trace.splitlines():
        words = line.split()
        if len(words) >= 5 and re.fullmatch("[A-Z]", words[0]):
            text = wording(*words[1:5])
            if text is not None:
                yield PROCESSES.get(words[0], words[0]), text, words[5:]


def whole(steps):
    """Joins the two halves of a call into one step, if no other process acts in
    between."""
    found = []
    for process, text, names in steps:
        call, _, half = text.partition(": ")
        if half == "second half" and found[-1][:2] == (
                process, call + ": first half"):
            found[-1] = (process, call, found[-1][2])
        else:
            found.append((process, text, names))
    return found


def readable(trace):
    """A trace as text. Each paragraph shows what one process does until another process goes on. If
    names have got other inodes, these inodes follow in brackets."""
    paragraphs = []
    names = None
    for process, text, now in whole(steps_of(trace)):
        if now and now != names:
            named = ["%s=%s" % pair for pair in zip(NAMES, now)
                     if pair[1] != "0"]
            text += " [%s]" % (" ".join(named) or "empty")
            names = now
        if not paragraphs or paragraphs[-1][0] != process:
            paragraphs.append((process, []))
        paragraphs[-1][1].append(text)
    return "\n".join(textwrap.fill(
        "%-8s %s" % (process, ", ".join(texts)), 100, break_on_hyphens=False,
        subsequent_indent=" " * 9, break_long_words=False)
        for process, texts in paragraphs)


def row(one, result):
    expected = ("holds" if one.expected == HOLDS
                else "breaks: " + CLAIMS[one.expected])
    return "| %s | `%s` | %s | %s |" % (
        one.name, " ".join(one.macros), "{:,}".format(result.states), expected)


def section(runs, results):
    lines = ["| configuration | macros | states | outcome |",
             "|---|---|---|---|"]
    return lines + [row(one, results[one.name]) for one in runs]


def traces(results):
    lines = []
    for one in MISTAKES:
        lines += ["The mistake **%s** breaks the claim *%s*:" % (
                      one.name, CLAIMS[one.expected]), "", "```",
                  readable(results[one.name].trace), "```", ""]
    return lines[:-1]


def parts(results):
    return {"protocol": section(PROTOCOL + LARGE, results),
            "mistakes": section(MISTAKES, results),
            "limits": section(LIMITS, results), "traces": traces(results)}


def replaced(text, name, lines):
    marks = "<!-- %s -->\n" % name, "<!-- end of %s -->" % name
    before, rest = text.split(marks[0])
    after = rest.split(marks[1])[1]
    return before + marks[0] + "\n".join(lines) + "\n" + marks[1] + after


def write_document(results):
    text = DOCUMENT.read_text()
    for name, lines in parts(results).items():
        text = replaced(text, name, lines)
    DOCUMENT.write_text(text)


def missing(one, result):
    """The differences from the document."""
    text = DOCUMENT.read_text() if DOCUMENT.exists() else ""
    said = [row(one, result)]
    if one in MISTAKES:
        said.append(readable(result.trace))
    return [part for part in said if part not in text]


# ---- All of it -------------------------------------------------------------------------

def judge(one, result, writes):
    """What is wrong with a result, or nothing."""
    if result.found != one.expected:
        return "%s, expected: %s" % (CLAIMS[result.found],
                                     CLAIMS[one.expected])
    if not writes and missing(one, result):
        return "docs/evidence.md says otherwise; run check.py --large --table"
    return ""


def never_reached(results):
    """Steps of the model that no configuration takes. Nothing was checked there."""
    common = set.intersection(*(r.unreached for r in results.values()))
    lines = MODEL.read_text().splitlines()
    return ["line %s: %s" % (n, lines[int(n) - 1].strip())
            for n in sorted(common, key=int)]


def report(one, result, wrong, shows_trace):
    print("%-62s %10d states %6.1f s  %s" % (
        one.name, result.states, result.seconds,
        "FAILED: " + wrong if wrong else CLAIMS[result.found]), flush=True)
    if shows_trace and result.trace:
        print(readable(result.trace))


def check_all(runs, options):
    """The results, and how many are wrong. Large configurations run one at a time,
    because they need all memory."""
    results, failed = {}, 0
    workers = 1 if options.large else 2
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for one, result in zip(runs, pool.map(check, runs)):
            wrong = judge(one, result, options.table)
            report(one, result, wrong, options.trace)
            results[one.name] = result
            failed += bool(wrong)
    return results, failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("name", nargs="*")
    options = parser.parse_args()
    if not shutil.which("spin"):
        print("spin is missing: apt-get install spin")
        return SKIPPED
    runs = [one for one in RUNS
            if (one.name in options.name if options.name
                else options.large or not one.large)]
    checks = len(runs)
    results, failed = check_all(runs, options)
    if not options.name:
        checks += 1
        idle = never_reached(results)
        failed += bool(idle)
        for line in idle:
            print("never reached: " + line)
    if options.table:
        write_document(results)
    print("%d passed, %d failed" % (checks - failed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
