#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs the fuzz targets and keeps what they find. ./dev fuzz calls it.

    run.py [TARGET|all] [SECONDS] [ENGINE]     60 seconds with "address" each
    run.py --continuous [SECONDS]              all targets and engines in turn, until
                                            interrupted; merges after every round
    run.py --nightly                           each target as long as NIGHTLY says
    run.py --saturation [SECONDS]              shows how fast each target, with only the
                                            dictionary, reaches its edges
    run.py --minimise                          makes corpus/found from the inputs found
    run.py --table                             prints the results of all runs, for README

The engines are: address (libFuzzer with AddressSanitizer, and with all that clang
checks about undefined behaviour), memory (libFuzzer with MemorySanitizer), plain
(libFuzzer alone), i386 (address for 32 bits, under qemu if the kernel cannot run it,
and without a search for leaks), and afl (AFL++ with AddressSanitizer and CmpLog).

As many targets run at once as there are processors. New inputs go to
build/fuzz/found/TARGET, and failures to build/fuzz/failed. Each failure is shown with
the command that reproduces it, and the exit status is then 1. Each run adds a line to
build/fuzz/tally.tsv, with the executions that the engine reports at its end, and the
seconds of processor time.
"""
import collections
import datetime
import multiprocessing
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

from emulator import emulator

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / "build/fuzz"
TARGETS = tuple(sorted(path.stem for path in ROOT.glob("fuzz/targets/*.c")))
UNDEFINED = ("undefined,pointer-overflow,alignment,implicit-conversion,"
             "local-bounds,nullability")
COMMON = "-g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all "
LIBFUZZER = {"CC": "clang", "CXX": "clang++",
             "LIB_FUZZING_ENGINE": "-fsanitize=fuzzer"}
AFL = {"CC": "afl-clang-fast", "CXX": "afl-clang-fast++", "AFL_QUIET": "1",
       "LIB_FUZZING_ENGINE": "-fsanitize=fuzzer", "SANITIZER": "address"}


def libfuzzer(sanitizers, more=""):
    return {**LIBFUZZER, "SANITIZER": sanitizers.split(",")[0],
            "CFLAGS": COMMON + more + "-fsanitize=" + ",".join(
                filter(None, ["fuzzer-no-link", sanitizers]))}


BUILDS = {
    "address": libfuzzer("address," + UNDEFINED),
    "quick": libfuzzer("address,undefined", "-O0 "), # to compile
    "memory": libfuzzer("memory", "-fsanitize-memory-track-origins "),
    "plain": libfuzzer("", "-O2 "),
    "i386": libfuzzer("address," + UNDEFINED, "-m32 -idirafter "
                      "/usr/include/x86_64-linux-gnu "), # asm/ is the same
    "afl": {**AFL, "AFL_USE_ASAN": "1", "CFLAGS": "-g -O2"},
    "cmplog": {**AFL, "AFL_LLVM_CMPLOG": "1", "CFLAGS": "-g -O2"},
}
ENGINES = ("address", "memory", "plain", "i386", "afl")
# The expected number of executions in a second on one processor. A run with less than half of this
# number prints a warning.
EXPECTED = {("parse", "address"): 100_000, ("parse", "plain"): 250_000}
# Seconds for each target. fuzz/README.md gives the reasons.
NIGHTLY = {"address": 120, "memory": 60, "i386": 30, "afl": 120}
TALLY = BUILD / "tally.tsv"
Entry = collections.namedtuple("Entry", "date target engine executions seconds "
                               "edges last_edge compiler")


# ---- Building and seeds -------------------------------------------------------

def build(engine, targets, folder=BUILD):
    """Programs in build/fuzz/ENGINE."""
    environment = {**os.environ, **BUILDS[engine], "NO_SEEDS": "1",
                   "OUT": str(folder / engine),
                   "WORK": str(folder / "work" / engine)}
    done = subprocess.run([ROOT / "fuzz/build.sh", *targets], env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True)
    if done.returncode:
        sys.exit(done.stdout + "fuzz/build.sh failed for " + engine)


def seeds(targets, *options):
    subprocess.run([sys.executable, "-B", ROOT / "corpus/make.py", *options,
                    BUILD / "corpus", *targets], check=True,
                   stdout=subprocess.DEVNULL)


# ---- One run --------------------------------------------------------------------

def seconds_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Run:
    """One run of an engine. Prints a line now and then while the engine runs, and a line at the
    end."""

    def __init__(self, target, engine):
        self.target, self.engine = target, engine
        self.name = "%s (%s)" % (target, engine)
        self.begin = self.said = time.monotonic()
        self.seconds = seconds_of_children()
        self.executions = self.edges = self.new = 0
        self.curve = [(0, 0)] # executions, edges
        self.failures, self.message = [], []

    def update(self, executions, rate, edges, new):
        if edges > self.edges:
            self.curve.append((executions, edges))
        self.executions, self.edges, self.new = executions, edges, new
        now = time.monotonic()
        if now - self.said >= (5 if sys.stdout.isatty() else 15):
            self.said = now
            print("%s: %d s, %d exec/s, %d edges, %d new inputs" % (
                self.name, now - self.begin, rate, edges, new), flush=True)

    def until(self, part):
        """How many executions the run needed to reach this part of the edges."""
        return next(n for n, edges in self.curve if edges >= part * self.edges)

    def rate(self):
        return self.executions / max(self.seconds, 1)

    def tally(self):
        entry = Entry(datetime.date.today(), self.target, self.engine,
                      self.executions, "%.1f" % self.seconds, self.edges,
                      self.until(1), compiler(self.engine))
        with TALLY.open("a") as file:
            file.write("\t".join(map(str, entry)) + "\n")

    def finish(self):
        self.seconds = seconds_of_children() - self.seconds
        print("%s: %d executions in %d s of a processor (%d/s), %d edges, the "
              "last new one after %d, %d new inputs, %d failures" % (
                  self.name, self.executions, self.seconds, self.rate(),
                  self.edges, self.until(1), self.new, len(self.failures)))
        for line in self.message[:4]:
            print("  " + line.strip())
        for (*before, program), path in self.failures[:4]:
            print("  reproduce:", *before, os.path.relpath(program),
                  os.path.relpath(path))
        wanted = EXPECTED.get((self.target, self.engine), 0)
        if self.rate() < wanted / 2:
            print("  warning: %d/s is less than half of the %d/s that it should "
                  "be" % (self.rate(), wanted))
        sys.stdout.flush()
        self.tally()
        return not self.failures


def compiler(engine):
    """The name and version of an engine's compiler, as the compiler prints them."""
    said = subprocess.run([BUILDS[engine]["CC"], "--version"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, check=True).stdout
    version = re.search(r"clang version ([\d.]+)", said).group(1)
    return "%s %s" % (BUILDS[engine]["CC"], version)


def libfuzzer_command(command, target, seconds, found, failed, *corpora):
    return [*command, "-max_total_time=%d" % seconds, "-max_len=1100",
            "-timeout=25", "-rss_limit_mb=2560", "-print_final_stats=1",
            # with these two options, a run makes twice as many executions, and still reaches as
            # many edges
            "-entropic=0", "-reduce_inputs=0",
            "-dict=%s" % (ROOT / "fuzz/sbind.dict"),
            "-artifact_prefix=%s/%s-" % (failed, target), found, *corpora]


def run_libfuzzer(target, seconds, engine, found, *corpora):
    run, failed, new = Run(target, engine), BUILD / "failed", 0
    program = BUILD / engine / ("fuzz_" + target)
    command = [*emulator(program), program]
    for each in (found, failed):
        each.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        libfuzzer_command(command, target, seconds, found, failed, *corpora),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL, text=True, errors="backslashreplace")
    for line in process.stderr:
        status = re.match(r"#(\d+)\s+(\w+)\s+cov: (\d+).*exec/s: (\d+)", line)
        if status:
            new += status.group(2) == "NEW"
            run.update(int(status.group(1)), int(status.group(4)),
                       int(status.group(3)), new)
        elif re.search(r"ERROR:|WARNING: Mem|runtime error|^fuzz/.*: |SUMMARY",
                       line):
            run.message.append(line)
        written = re.search(r"Test unit written to (\S+)", line)
        if written:
            run.failures.append((command, written.group(1)))
        stated = re.match(r"stat::number_of_executed_units: +(\d+)", line)
        if stated:
            run.executions = int(stated.group(1))
    if process.wait() and not run.failures:
        run.failures.append((command, found))
    return run


def statistics(path):
    if not path.exists():
        return collections.defaultdict(int)
    return collections.defaultdict(int, re.findall(
        r"^(\w+) +: ([\d.]+)", path.read_text(), re.M))


def end_left(*programs):
    """Ends all processes of these programs. Only this script starts them. AFL++ leaves such a
    process behind: the one for CmpLog, which is stopped, and in a session of its own."""
    for path in pathlib.Path("/proc").glob("[0-9]*/exe"):
        try:
            if path.readlink() in programs:
                os.kill(int(path.parent.name), signal.SIGKILL)
        except OSError:
            pass # it has ended, or is of another user


def run_afl(target, seconds):
    run, out = Run(target, "afl"), BUILD / "afl-out" / target
    program = BUILD / "afl" / ("fuzz_" + target)
    cmplog = BUILD / "cmplog" / ("fuzz_" + target)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    environment = {**os.environ, "AFL_NO_UI": "1", "AFL_SKIP_CPUFREQ": "1",
                   "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
                   "AFL_FAST_CAL": "1", "AFL_TRY_AFFINITY": "1",
                   "AFL_CMPLOG_ONLY_NEW": "1"}
    process = subprocess.Popen(
        ["afl-fuzz", "-V", str(seconds), "-i", BUILD / "corpus" / target, "-o",
         out, "-x", ROOT / "fuzz/sbind.dict", "-c", cmplog, "--", program],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL, text=True)
    log = []
    while process.poll() is None:
        try:
            log.append(process.communicate(timeout=1)[0])
        except subprocess.TimeoutExpired:
            pass
        now = statistics(out / "default/fuzzer_stats")
        executions = int(now["execs_done"])
        run.update(executions, executions / (time.monotonic() - run.begin),
                   int(now["edges_found"]), int(now["corpus_found"]))
    end_left(program, cmplog)
    for path in sorted([*out.glob("default/crashes/id*"),
                        *out.glob("default/hangs/id*")]):
        run.failures.append(([program], path))
    if process.returncode:
        # not sys.exit: the pool would lose the task, and wait for its result for ever
        raise RuntimeError("".join(log) + "afl-fuzz failed")
    keep = BUILD / "found" / target
    keep.mkdir(parents=True, exist_ok=True)
    for path in out.glob("default/queue/id*op:*"):
        shutil.copy(path, keep / ("afl-" + path.name.split(",")[0][3:]))
    return run


def fuzz_one(target, seconds, engine):
    if engine == "afl":
        return run_afl(target, seconds).finish()
    return run_libfuzzer(target, seconds, engine, BUILD / "found" / target,
                         BUILD / "corpus" / target).finish()


def at_once(function, runs):
    """Runs as many tasks at once as there are processors. The processes of the pool ignore Ctrl-C.
    The engines that they run handle it."""
    with multiprocessing.Pool(None, signal.signal,
                              (signal.SIGINT, signal.SIG_IGN)) as pool:
        return all(pool.starmap(function, runs, chunksize=1))


def fuzz(targets, seconds, engine):
    build(engine, targets)
    if engine == "afl":
        build("cmplog", targets)
    return at_once(fuzz_one, [(each, seconds, engine) for each in targets])


# ---- Corpora --------------------------------------------------------------------

def merge(target, into, *sources, options=()):
    """Adds to the folder "into" the inputs that cover something new. Returns how many inputs this
    folder has then."""
    into.mkdir(parents=True, exist_ok=True)
    subprocess.run([BUILD / "plain" / ("fuzz_" + target), "-merge=1", *options,
                    "-max_len=1100", into, *sources], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return len(list(into.iterdir()))


def merge_found(targets):
    """Removes an input from build/fuzz/found if other inputs there cover the same code."""
    build("plain", targets)
    for target in targets:
        found, smaller = BUILD / "found" / target, BUILD / "merging" / target
        if not found.exists():
            continue
        shutil.rmtree(smaller, ignore_errors=True)
        before = len(list(found.iterdir()))
        print("%s: %d found inputs, %d after merging" % (
            target, before, merge(target, smaller, found)), flush=True)
        shutil.rmtree(found)
        smaller.rename(found)


def minimise(targets):
    """Makes corpus/found from the inputs that reach edges which no derived input reaches."""
    shutil.rmtree(BUILD / "corpus", ignore_errors=True)
    seeds(targets, "--derived")
    for target in targets:
        derived = BUILD / "corpus" / target
        known = {path.name for path in derived.iterdir()}
        given = BUILD / "given" / target
        given.mkdir(parents=True, exist_ok=True)
        (BUILD / "found" / target).mkdir(parents=True, exist_ok=True)
        listed = ROOT / "corpus/found" / (target + ".hex")
        if listed.exists():
            for n, line in enumerate(listed.read_text().split()):
                (given / str(n)).write_bytes(bytes.fromhex(line))
        merge(target, derived, given, BUILD / "found" / target,
              options=["-use_counters=0"])
        lines = sorted((path.read_bytes().hex() for path in derived.iterdir()
                        if path.name not in known), key=lambda x: (len(x), x))
        listed.parent.mkdir(exist_ok=True)
        listed.write_text("".join(line + "\n" for line in lines))
        print("%s: %d derived inputs, %d found" % (target, len(known),
                                                   len(lines)), flush=True)


# ---- What it came to -------------------------------------------------------------

def from_nothing(target, seconds):
    found = BUILD / "from-nothing" / target
    shutil.rmtree(found, ignore_errors=True)
    run = run_libfuzzer(target, seconds, "plain", found)
    good = run.finish()
    print("  %s: 90 %% of the edges after %d executions, 99 %% after %d" % (
        target, run.until(.9), run.until(.99)), flush=True)
    return good


def saturation(seconds):
    """Starts each target with the dictionary alone, to find out how much time it
    needs."""
    build("plain", TARGETS)
    return at_once(from_nothing, [(target, seconds) for target in TARGETS])


def tallied():
    if not TALLY.exists():
        sys.exit("nothing has run yet: ./dev fuzz")
    for line in TALLY.read_text().splitlines():
        yield Entry(*line.split("\t"))


def table():
    """Prints a table in Markdown. It has the executions of each target in all runs, and the
    target's rate and edges with the engine "address", which OSS-Fuzz uses."""
    seeds(TARGETS)
    print("| target | executions | exec/s | edges | last new edge | inputs | "
          "compiler | until |\n|---|---|---|---|---|---|---|---|")
    total = 0
    for target in TARGETS:
        runs = [entry for entry in tallied() if entry.target == target]
        address = [entry for entry in runs if entry.engine == "address"]
        if not address:
            continue
        executions = sum(int(entry.executions) for entry in runs)
        last = address[-1]
        total += executions
        print("| %s | %s | %s | %s | %s | %s | %s | %s |" % (
            target, format(executions, ","),
            format(int(int(last.executions) / float(last.seconds)), ","),
            format(int(last.edges), ","), format(int(last.last_edge), ","),
            format(len(list((BUILD / "corpus" / target).iterdir())), ","),
            last.compiler, runs[-1].date))
    print("\n%s executions" % format(total, ","))
    return True


# ---- The command line -----------------------------------------------------------

def fuzz_all(seconds_of):
    """Runs all targets with each engine in turn. seconds_of says how many seconds a target runs
    with an engine."""
    good = True
    for engine, seconds in seconds_of.items():
        good &= fuzz(TARGETS, seconds, engine)
        merge_found(TARGETS)
    return good


def continuous(seconds):
    good = True
    try:
        while True:
            good &= fuzz_all(dict.fromkeys(ENGINES, seconds))
    except KeyboardInterrupt:
        print()
    return good


def main(words):
    if words[:1] == ["--minimise"]:
        build("plain", TARGETS)
        minimise(TARGETS)
        return True
    if words[:1] == ["--table"]:
        return table()
    if words[:1] == ["--saturation"]:
        return saturation(int(words[1]) if len(words) > 1 else 60)
    if words[:1] == ["--nightly"]:
        seeds(TARGETS)
        return fuzz_all(NIGHTLY)
    if words[:1] == ["--continuous"]:
        seeds(TARGETS)
        return continuous(int(words[1]) if len(words) > 1 else 60)
    target, seconds, engine = (words + ["all", "60", "address"][len(words):])[:3]
    targets = TARGETS if target == "all" else [target]
    if set(targets) - set(TARGETS) or engine not in ENGINES or \
            not seconds.isdigit():
        sys.exit(__doc__)
    seeds(targets)
    return fuzz(targets, int(seconds), engine)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
