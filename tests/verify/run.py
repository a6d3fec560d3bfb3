#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Lets tools judge the sources without running them. Each check prints a line with a
figure.

    run.py [--only FILE] [CHECK...]

    lexer, activation_lexer, notify_lexer, limits, activation, inet, numeric, format,
    refuse
                  Frama-C's EVA: no input, up to the length that the line names,
                  makes the code read or write out of bounds, or do anything
                  undefined
    writer        Frama-C's WP: the capacity arithmetic keeps its contract
    skeleton      re2c's self-test: the code that it writes does what the rules say
    gcc, tidy, cppcheck
                  the analysers of gcc and clang, clang-tidy and cppcheck have
                  nothing to say about any file of src/

With --only the analysers look at one file. tests/mistakes/verify.json has mistakes
that each check must notice.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOM = 4096  # octets of a text
LIMITS_ROOM = 300  # enough for every counted limit
NUMERIC_ROOM = 80  # more than any IP address with a zone and a port has
FORMAT_ROOM = 1025  # SBIND_FORMAT_MAX
REFUSE_ROOM = 24  # enough for the shortest of each form
REACHED = 99  # per cent of the statements
MACHINES = ("gcc_x86_64", "gcc_x86_32", "ppc_32")
GOALS = 45  # of WP; if there are fewer, WP has not read a contract
STRINGS = 100000  # that the skeletons test, at least
GCC = ["-std=c11", "-O0", "-Iinclude", "-fanalyzer", "-Wall", "-Wextra", "-c",
       "-o", "/dev/null"]
TIDY = "clang-tidy-14"
MINGW = "x86_64-w64-mingw32"


class Failed(Exception):
    """A check has failed. The text says what the tool found."""


def call(*command, cwd, seconds=600, env=None):
    """The output of a command, which may fail but must end in time."""
    try:
        done = subprocess.run(
            [str(part) for part in command], cwd=cwd, text=True,
            env=dict(env or os.environ, PWD=str(cwd)),  # Frama-C relies on it
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Failed("%s: not done in %d s" % (command[0], seconds)) from None
    return done.returncode, done.stdout


def each(function, items):
    """Calls the function for all items, as many at a time as there are processors."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))


def number(pattern, text):
    """The number that a tool prints. If the number is missing, the tool broke off."""
    found = re.search(pattern, text)
    if not found:
        raise Failed("broke off:\n" + text[-1000:])
    return int(found.group(1))


# ---- Frama-C ---------------------------------------------------------------------

def eva(root, driver, machine, *options, room, part):
    """(statements reached, statements in all). Fails if EVA finds anything wrong, or
    reaches too few."""
    _, said = call("frama-c", "-cpp-extra-args=-Iinclude -DNDEBUG -DROOM=%d" % room,
                   "-machdep", machine, "-warn-invalid-pointer", "-eva",
                   *options, "tests/verify/%s.c" % driver, cwd=root)
    alarms = number(r"(\d+) alarms? generated", said)
    reached = number(r"(\d+) statements reached", said)
    all_of = number(r"statements reached \(out of (\d+)\)", said)
    first = re.search(r"\[eva:alarm\] (.*\n.*)", said)
    if alarms or first or "got status unknown" in said:
        raise Failed("%s: %d alarms, the first at %s" % (
            machine, alarms, " ".join(first.group(1).split())
            if first else "a check"))
    if reached * 100 < all_of * part:
        raise Failed("%s: %d of %d statements reached" % (
            machine, reached, all_of))
    return reached, all_of


def over(driver, least, *options, room=ROOM, machines=MACHINES, part=REACHED):
    """A check by EVA that has to reach at least "least" statements of the sources."""
    def check(root, _):
        results = each(lambda machine: eva(root, driver, machine, *options,
                                           room=room, part=part), machines)
        reached, all_of = min(results)
        if reached < least:  # EVA does not count functions that nothing calls
            raise Failed("%d statements reached, %d are there" % (
                reached, least))
        return "up to %d octets, 0 alarms, %d of %d statements reached, " \
            "on %s" % (room, reached, all_of, ", ".join(machines))
    return check


def writer(root, _):
    with tempfile.TemporaryDirectory() as home:
        env = dict(os.environ, HOME=home)  # why3 keeps its list of provers there
        call("why3", "config", "detect", cwd=root, env=env)
        _, said = call(
            "frama-c", "-cpp-extra-args=-Iinclude -DNDEBUG", "-machdep", "gcc_x86_64",
            "-wp", "-wp-rte", "-wp-prover", "cvc4,z3", "-wp-timeout", "30",
            "-wp-fct", "sbind__put,sbind__put_text,sbind__put_end",
            "tests/verify/writer.c", cwd=root, env=env)
    proved = number(r"Proved goals: +(\d+) /", said)
    goals = number(r"Proved goals: +\d+ / +(\d+)", said)
    if proved < goals:
        raise Failed("%d of %d goals proved, not %s" % (
            proved, goals, ", ".join(re.findall(
                r"\[(?:Failed|Timeout|Unknown)\] Goal (\S+)", said))))
    if goals < GOALS:
        raise Failed("%d goals, %d are expected" % (goals, GOALS))
    return "%d of %d goals proved" % (proved, goals)


# ---- re2c ------------------------------------------------------------------------

def skeleton(root, _):
    strings = 0
    for room in ("parse", "activation", "notify"):
        rules = (root / "src" / room / "lexer.re").read_text()
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            # the skeleton has its own sentinel
            (folder / "lexer.re").write_text(
                re.sub(r"^ *re2c:sentinel = 0;\n", "", rules, flags=re.M))
            status, said = call("re2c", "--skeleton", "-W", "-Werror", "-s",
                                "lexer.re", "-o", "skeleton.c", cwd=folder)
            if status != 0:
                raise Failed(said)
            for command in (["gcc", "-O1", "-w", "skeleton.c", "-o", "skeleton"],
                            ["./skeleton"]):
                status, said = call(*command, cwd=folder)
                if status != 0:
                    raise Failed("%s: %s" % (room, said[:200]))
            strings += count_strings(folder)
    if strings < STRINGS:
        raise Failed("only %d strings" % strings)
    return "%d strings, the code agrees with the rules" % strings


def count_strings(folder):
    """How many strings the skeleton tests. *.keys have three numbers for each string:
    its length, how far it matches, and the rule."""
    code = (folder / "skeleton.c").read_text()
    if set(re.findall(r"define YYKEYTYPE (.*)", code)) != {"unsigned char"}:
        raise Failed("keys are no octets")
    return sum(keys.stat().st_size for keys in folder.glob("*.keys")) // 3


# ---- Analysers -------------------------------------------------------------------

def sources(root, only):
    """[(file, whether it is for Windows)]"""
    files = only or sorted(str(path.relative_to(root))
                           for path in (root / "src").glob("**/*.c")
                           if path.parent.name != "macos") # its headers come with Zig
    return [(name, "/win32/" in name) for name in files]


def silent(tool, results):
    """Fails unless the tool has nothing to say about any file."""
    for name, (status, said) in results:
        found = re.search(r"^\S+: (?:warning|error|fatal error|performance|"
                          r"portability|style).*|^Error.*", said, re.M)
        if found or status != 0:
            raise Failed("%s of %s: %s" % (
                tool, name, found.group(0) if found else said[-500:]))
    return "%d files, nothing found" % len(results)


def gcc(root, only):
    def judge(source):
        name, windows = source
        compiler = MINGW + "-gcc" if windows else "gcc"
        return name, call(compiler, *GCC, name, cwd=root)
    return silent("gcc", each(judge, sources(root, only)))


def tidy(root, only):
    def judge(source):
        name, windows = source
        target = ["--target=" + MINGW] if windows else []
        # generated code may be long
        checks = ["--checks=-readability-function-size,"
                  "-readability-function-cognitive-complexity"] \
            if name.endswith("/lexer.c") else []
        return name, call(TIDY, "--quiet", *checks, name, "--", *target,
                          "-std=c11", "-Iinclude", cwd=root)
    return silent("clang-tidy", each(judge, sources(root, only)))


def cppcheck(root, only):
    def judge(source):
        name, windows = source
        return name, call("cppcheck", "-q", "--std=c11", "--inline-suppr",
                          "--platform=" + ("win64" if windows else "unix64"),
                          "--enable=warning,performance,portability",
                          "--error-exitcode=1", "-Iinclude", name, cwd=root)
    return silent("cppcheck", each(judge, sources(root, only)))


# EVA looks separately at each place and length of "::", each digit of an octet, and
# each letter.
ADDRESS_TEXT = ["-eva-split-return-function", "longest_zero_run:full",
                "-eva-min-loop-unroll", "17", "-eva-ilevel", "32"]
CHECKS = {
    # EVA remembers what peek() returned as long as branches depend on it
    "lexer": over("lexer", 8300, "-eva-slevel", "0", "-eva-partition-history", "5"),
    "activation_lexer": over("activation_lexer", 1165, "-eva-slevel", "3000"),
    "notify_lexer": over("notify_lexer", 175, "-eva-slevel", "3000"),
    "limits": over("limits", 130, "-eva-slevel", "10", "-eva-min-loop-unroll",
                   str(LIMITS_ROOM + 1), room=LIMITS_ROOM,
                   machines=MACHINES[:1]),
    "activation": over("activation", 200, "-eva-slevel", "40",
                       "-eva-min-loop-unroll", str(LIMITS_ROOM + 1),
                       "-eva-split-return", "full", "src/status/error.c",
                       room=LIMITS_ROOM, machines=MACHINES[:1]),
    "inet": over("inet", 215, "-eva-slevel", "1000", *ADDRESS_TEXT),
    "numeric": over("numeric", 310, "-eva-slevel", "100", "-eva-slevel-function",
                    "read_ipv6:1000", "src/parse/inet.c", room=NUMERIC_ROOM,
                    machines=MACHINES[:2]),
    "format": over("format", 400, "-eva-slevel", "20", *ADDRESS_TEXT,
                   "-eva-slevel-function",
                   "longest_zero_run:1000,sbind_format_ipv6:1000",
                   "-eva-split-return-function", "sbind_parse:0,sbind_valid:0",
                   "-eva-use-spec", "sbind__put,sbind__put_text",
                   room=FORMAT_ROOM, part=98),  # a break after a return is never reached
    "refuse": over("refuse", 490, "-eva-slevel", "200", "-eva-min-loop-unroll",
                   str(REFUSE_ROOM + 1), "-eva-split-return-function",
                   "sbind__scheme_of:full", "src/status/error.c",
                   room=REFUSE_ROOM, machines=MACHINES[:1]),
    "writer": writer,
    "skeleton": skeleton,
    "gcc": gcc,
    "tidy": tidy,
    "cppcheck": cppcheck,
}


# ---- All of them -----------------------------------------------------------------

def passes(name, only):
    begin = time.monotonic()
    try:
        word, said = "ok", CHECKS[name](ROOT, only)
    except Failed as failed:
        word, said = "FAILED", str(failed)
    print("%-16s %s (%.0f s): %s" % (name, word, time.monotonic() - begin, said),
          flush=True)
    return word == "ok"


def main():
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs=1, metavar="FILE")
    parser.add_argument("checks", nargs="*", metavar="CHECK",
                        choices=[[], *CHECKS])
    options = parser.parse_args()
    results = [passes(name, options.only) for name in options.checks or CHECKS]
    print("%d passed, %d failed" % (sum(results), results.count(False)))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
