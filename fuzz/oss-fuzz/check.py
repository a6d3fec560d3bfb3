#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Builds the fuzz targets and checks them as OSS-Fuzz does.

    check [--self-test] [ENGINE-SANITIZER[-ARCHITECTURE] | run_tests | presubmit]...

Without arguments it checks all of CONFIGURATIONS. It sets the variables that OSS-Fuzz sets, calls
fuzz/oss-fuzz/build.sh, and moves the result to another place. Then it makes the checks of the
scripts test_all and bad_build_check in OSS-Fuzz's base-runner: names, architecture, dynamic
libraries, calls of the sanitizers, at least 100 edges, whether a target starts (libFuzzer: four
runs; AFL++: "All set and ready to roll"), and whether it runs over its seed corpus, with its
.options, and does not fail. Targets run without /dev, and can write files only in /tmp. If more
than a tenth of the targets are broken, the check fails, as in OSS-Fuzz.

With the argument run_tests, it runs run_tests.sh in a copy of the sources. The script must not
change this copy. With presubmit, it looks at the files for OSS-Fuzz's repository, and at the files
that ClusterFuzzLite reads.

--self-test replaces a good target by broken ones (BREAKS), adds crashes to the sources, and spoils
files. The checks have to notice each of these.

OSS-Fuzz differs in a few things: here the programs are Debian's clang, AFL++ and C++ library, there
are no containers, and qemu runs 32-bit programs if the kernel cannot. Debian has neither honggfuzz
nor centipede. engine.c takes their place, and the targets are compiled with the flags of these two
engines."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "fuzz"))
from emulator import emulator

BASE = ("-O1 -fno-omit-frame-pointer -gline-tables-only "
        "-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION ")
UNDEFINED = ("array-bounds,bool,builtin,enum,function,integer-divide-by-zero,"
             "null,object-size,return,returns-nonnull-attribute,shift,"
             "signed-integer-overflow,unsigned-integer-overflow,unreachable,"
             "vla-bound,vptr")
SANITIZERS = {
    "address": "-fsanitize=address -fsanitize-address-use-after-scope",
    "undefined": "-fsanitize=" + UNDEFINED + " -fno-sanitize=function,vptr "
                 "-fno-sanitize-recover=" + UNDEFINED.replace(
                     "unsigned-integer-overflow,", ""), # is silenced, below
    "memory": "-fsanitize=memory -fsanitize-memory-track-origins",
    "coverage": "-fprofile-instr-generate -fcoverage-mapping -Wl,-ldl",
    "none": "",
}
CONFIGURATIONS = ("libfuzzer-address", "libfuzzer-undefined",
                  "libfuzzer-memory", "libfuzzer-address-i386", "afl-address",
                  "afl-none", "honggfuzz-address", "centipede-none",
                  "centipede-address", "libfuzzer-coverage", "run_tests",
                  "presubmit")
# Broken by the self-test.
BROKEN = ("libfuzzer-address", "libfuzzer-memory", "afl-address",
          "honggfuzz-address", "centipede-none", "run_tests", "presubmit")
# The compiler flags of the engines that engine.c replaces. OSS-Fuzz's compile_honggfuzz and
# centipede's clang-flags.txt have these flags.
STAND_IN = {"honggfuzz": " -fsanitize-coverage=trace-pc-guard,indirect-calls,"
                         "trace-cmp",
            "centipede": " -fno-builtin -O2 -fsanitize-coverage=trace-pc-guard,"
                         "pc-table,trace-cmp -fsanitize-coverage=trace-loads"}
EDGES = 100 # at least


class Broken(Exception):
    pass


def contract(engine, sanitizer, architecture, scratch):
    """The variables that base-builder's "compile" sets."""
    flags = BASE + SANITIZERS[sanitizer] + STAND_IN.get(engine, "")
    if engine == "libfuzzer" and sanitizer != "coverage":
        flags += " -fsanitize=fuzzer-no-link"
    if architecture == "i386":
        flags += " -m32 -idirafter /usr/include/x86_64-linux-gnu"
    variables = {"CFLAGS": flags, "CXXFLAGS": flags, "CC": "clang",
                 "CXX": "clang++", "LIB_FUZZING_ENGINE": "-fsanitize=fuzzer",
                 "SANITIZER": sanitizer, "FUZZING_ENGINE": engine,
                 "ARCHITECTURE": architecture, "FUZZING_LANGUAGE": "c"}
    if engine == "afl":
        variables.update(CC="afl-clang-fast", CXX="afl-clang-fast++",
                         AFL_QUIET="1", CFLAGS=BASE, CXXFLAGS=BASE)
        if sanitizer == "address":
            variables["AFL_USE_ASAN"] = "1"
    if engine in STAND_IN:
        variables["LIB_FUZZING_ENGINE"] = str(stand_in(scratch))
    return variables


def stand_in(scratch):
    """Makes an archive with one object, like the archives of the engines. The callbacks in this
    object replace a sanitizer's callbacks, which are weak symbols."""
    objects = [scratch / (name + ".o") for name in ("engine", "replay")]
    for source, target in zip((ROOT / "fuzz/oss-fuzz/engine.c",
                               ROOT / "fuzz/replay.c"), objects):
        subprocess.run(["clang", "-O1", "-std=c11", "-c", source, "-o", target],
                       check=True)
    subprocess.run(["ld", "-r", *objects, "-o", scratch / "both.o"], check=True)
    subprocess.run(["ar", "rcs", scratch / "libengine.a", scratch / "both.o"],
                   check=True)
    return scratch / "libengine.a"


def confined(out, scratch, command, has_devices=False):
    """The command in a sandbox like that of OSS-Fuzz, in which only /tmp can be written."""
    devices = ["--dev", "/dev"] if has_devices else ["--tmpfs", "/dev",
                                                     "--remount-ro", "/dev"]
    return ["bwrap", "--ro-bind", "/", "/", "--tmpfs", "/tmp", *devices,
            "--proc", "/proc", "--ro-bind", out, out, "--bind", scratch, scratch,
            "--die-with-parent", "--chdir", "/", "--", *command]


def build(variables, out, work):
    done = subprocess.run([ROOT / "fuzz/oss-fuzz/build.sh"], cwd=ROOT, text=True,
                          env={**os.environ, **variables, "OUT": str(out),
                               "WORK": str(work), "SRC": str(ROOT.parent)},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise Broken("build.sh failed:\n" + done.stdout)


# ---- bad_build_check ----------------------------------------------------------

def targets(out):
    return [path for path in sorted(out.iterdir())
            if path.is_file() and os.access(path, os.X_OK) and
            path.read_bytes()[:4] == b"\x7fELF" and
            b"LLVMFuzzerTestOneInput" in path.read_bytes()]


def output(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          errors="backslashreplace", **more)
    return done.returncode, done.stdout


def check_file(path, architecture):
    if not re.fullmatch(r"[A-Za-z0-9_-]+", path.name):
        raise Broken("a name that is not allowed")
    bits = 1 if architecture == "i386" else 2
    if path.read_bytes()[4] != bits:
        raise Broken("the wrong architecture")
    known = r"(libc|libm|libdl|librt|libpthread|libgcc_s|libstdc\+\+|" \
            r"libresolv|ld-linux[\w-]*)\.so\.\d+"
    status, section = output("readelf", "-d", path)
    if status:
        raise Broken("readelf:\n" + section)
    for name in re.findall(r"\(NEEDED\).*\[(.*)\]", section):
        if not re.fullmatch(known, name):
            raise Broken("links dynamically: " + name)


def check_calls(path, sanitizer, engine, architecture):
    """Counts the calls of sanitizers in the machine code, as bad_build_check does."""
    if sanitizer in ("coverage", "none"):
        return
    code = output("objdump", "-d", "--no-show-raw-insn", path)[1]
    count = {name: len(re.findall(r"\tcall.*<__%s" % name, code))
             for name in ("asan", "msan", "ubsan")}
    wanted = {"address": count["asan"] >= 1000 and count["msan"] <= 3 and
              count["ubsan"] <= (280 if architecture == "i386" else 200),
              "memory": count["msan"] >= 1000 and count["asan"] == 0 and
              count["ubsan"] <= 200,
              "undefined": count["ubsan"] >= 168 and count["asan"] == 0 and
              count["msan"] <= 3}
    if not wanted[sanitizer]:
        raise Broken("calls of sanitizers: %s" % count)


ASAN_OPTIONS = "detect_leaks=1:detect_stack_use_after_return=1:" \
               "strict_memcmp=1:allocator_may_return_null=1:symbolize=0"


def environment(sanitizer):
    """The limits of OSS-Fuzz's machines."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent",
            "ASAN_OPTIONS": ASAN_OPTIONS,
            "MSAN_OPTIONS": "symbolize=0", "LLVM_PROFILE_FILE": "/dev/null",
            "UBSAN_OPTIONS": "symbolize=0:halt_on_error=1:"
            "silence_unsigned_overflow=1:print_stacktrace=1"}


def needs_edges(path, count):
    if count < EDGES:
        raise Broken("%s: %d edges: it is instrumented in part, if at all" % (
            path.name, count))


def check_start(path, engine, sanitizer, scratch):
    if sanitizer == "coverage" or engine in STAND_IN:
        return # without counters libFuzzer refuses, there as well
    if engine == "libfuzzer":
        status, said = output(
            *confined(path.parent, scratch, [*emulator(path, ASAN_OPTIONS), path,
                                             "-seed=1337", "-runs=4"]),
            env=environment(sanitizer))
        if status or "Done 4 runs" not in said:
            raise Broken("does not start:\n" + said[-500:])
        loaded = re.search(r"INFO: Loaded \d+ modules?.*\((\d+) inline", said)
        needs_edges(path, int(loaded[1]) if loaded else 0)
        return
    seeds = scratch / "afl-seeds"
    seeds.mkdir(exist_ok=True)
    (seeds / "input").write_text("input")
    status, said = output(
        *confined(path.parent, scratch, [
            "afl-fuzz", "-m", "none", "-t", "5000+", "-V", "3", "-i", seeds, "-o",
            scratch / ("afl-" + path.name), "--", path], has_devices=True),
        timeout=120, env={
            "PATH": os.environ["PATH"], "AFL_NO_UI": "1", "AFL_FAST_CAL": "1",
            "AFL_SKIP_CPUFREQ": "1", "AFL_TRY_AFFINITY": "1",
            "AFL_FORKSRV_INIT_TMOUT": "30000",
            "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1"})
    if "All set and ready to roll" not in said or status:
        raise Broken("does not start:\n" + said[-500:])


def check_seeds(path, engine, sanitizer, scratch):
    """Checks that a target's seed corpus can be unpacked. Then runs the target over the seeds, with
    its .options. AFL++ does not run the seeds."""
    options = path.with_name(path.name + ".options").read_text()
    archive = path.with_name(path.name + "_seed_corpus.zip")
    folder = scratch / ("seeds-" + path.name)
    subprocess.run([sys.executable, "-m", "zipfile", "-e", archive, folder],
                   check=True)
    if not list(folder.iterdir()):
        raise Broken("no seeds")
    if engine == "afl":
        return
    given = [] if engine in STAND_IN else [
        "-runs=0", "-rss_limit_mb=2560", "-timeout=25",
        *("-%s=%s" % pair for pair in
          re.findall(r"^(\w+) = (\S+)", options, re.M))]
    given = [each.replace("-dict=", "-dict=%s/" % path.parent) for each in given]
    status, said = output(
        *confined(path.parent, scratch, [*emulator(path, ASAN_OPTIONS), path,
                                         *given, folder]),
        env={**environment(sanitizer), "LLVM_PROFILE_FILE":
             str(scratch / (path.name + ".profraw"))})
    if status:
        raise Broken("fails over its seeds:\n" + said[-500:])
    if engine in STAND_IN:
        count = re.search(r"^(\d+) edges, (\d+) seen$", said, re.M)
        needs_edges(path, int(count[1]) if count else 0)
        needs_edges(path, int(count[2]))


def check_coverage(out, scratch):
    """Checks that the profiles can be merged, and prints the coverage."""
    profile = scratch / "profile"
    status, said = output("llvm-profdata", "merge", "-sparse", "-o", profile,
                          *scratch.glob("*.profraw"))
    if status:
        raise Broken("llvm-profdata:\n" + said[-500:])
    programs = [argument for path in targets(out)
                for argument in ("-object", path)][1:]
    status, said = output("llvm-cov", "export", "-summary-only",
                          "-instr-profile", profile, *programs)
    if status:
        raise Broken("llvm-cov:\n" + said[-500:])
    print(output("llvm-cov", "report", "-instr-profile", profile, *programs,
                 "-ignore-filename-regex=/fuzz/")[1])


def check(out, engine, sanitizer, architecture, only=None):
    """Raises Broken if OSS-Fuzz would refuse the targets in the folder. Checks all targets, or only
    one."""
    found, broken = targets(out) if only is None else [only], []
    if not found:
        raise Broken("no targets")
    with tempfile.TemporaryDirectory(prefix="sbind-runner.") as scratch:
        scratch = pathlib.Path(scratch)

        def complaint(path):
            try:
                check_file(path, architecture)
                check_calls(path, sanitizer, engine, architecture)
                check_start(path, engine, sanitizer, scratch)
                check_seeds(path, engine, sanitizer, scratch)
            except (Broken, OSError) as error: # it may not even run
                return "%s: %s" % (path.name, error)
            return None
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            broken += filter(None, pool.map(complaint, found))
        if sanitizer == "coverage" and not broken:
            check_coverage(out, scratch)
    if len(broken) * 10 > len(found):
        raise Broken("\n".join(broken))
    return len(found), broken


# ---- The configurations ---------------------------------------------------------

def run(name, self_test=False):
    engine, sanitizer, architecture = (name.split("-") + ["x86_64"])[:3]
    with tempfile.TemporaryDirectory(prefix="sbind-oss-fuzz.") as scratch:
        scratch = pathlib.Path(scratch)
        variables = contract(engine, sanitizer, architecture, scratch)
        build(variables, scratch / "out", scratch / "work")
        moved = (scratch / "out").rename(scratch / "elsewhere")
        count, broken = check(moved, engine, sanitizer, architecture)
        print("%s: %d targets pass%s" % (name, count - len(broken), "".join(
            "\n  " + line for line in broken)), flush=True)
        if self_test:
            return break_targets(moved, variables, (engine, sanitizer,
                                                    architecture))
    return not broken


TARGET = """#include <stdio.h>
#include <stdlib.h>
int LLVMFuzzerTestOneInput(const char *p, unsigned long n)
{ if (p == NULL && n > 0) return 0; %s return 0; }"""
BREAKS = { # what it does, and its flags beside those of the contract
    "one that crashes": ("abort();", []),
    "one that exits": ("exit(0);", []),
    "one that is not instrumented": ("", None),
    "one that has few edges": ("", "few"),
    "one that needs a library": ("", ["-Wl,--no-as-needed", "-lcrypt"]),
    "one that writes where it is": ('if (fopen("log", "w") == NULL) abort();', []),
    "one that needs a device": ('if (fopen("/dev/zero", "r") == NULL) abort();', []),
}
BULK = ("lexer",) # of src/parse
# Faults that the check does not notice with some engines. With AFL++ the check lets the target use
# devices, and does not run the seeds, so it counts no edges. With every engine but libFuzzer, a
# target that exits looks like a target that has replayed its input.
PASSED_OVER = {"afl": ("one that exits", "one that has few edges", "one that needs a device"),
               "honggfuzz": ("one that exits",), "centipede": ("one that exits",)}


def noticed(what, function, *arguments):
    """Calls a function that makes a check. Returns whether the check fails because of the fault
    that "what" names."""
    try:
        function(*arguments)
        print("NOT NOTICED: " + what, flush=True)
        return False
    except Broken as error:
        print("noticed: %s: %s" % (what, str(error).splitlines()[0]), flush=True)
        return True


def break_targets(out, variables, configuration):
    """Replaces a good target by broken ones, one after the other."""
    victim, good = targets(out)[0], True
    whole = victim.read_bytes()
    source = out.parent / "broken.c"
    environ = {**os.environ, **variables}
    flags = variables["CFLAGS"].split()
    bare = [flag for flag in flags if "fuzzer-no-link" not in flag and
            "sanitize-coverage" not in flag]
    for what, (does, more) in BREAKS.items():
        if what in PASSED_OVER.get(configuration[0], ()):
            continue
        source.write_text(TARGET % does)
        compiler = variables["CC"] if more is not None else "clang"
        # These objects contain enough calls of sanitizers. Otherwise the check would report too few
        # calls, and not the fault that is tested.
        bulk = [out.parent / (name + ".o") for name in BULK]
        for name, target in zip(BULK, bulk):
            subprocess.run([compiler, *(bare if more in (None, "few") else flags),
                            "-c", ROOT / "src/parse" / (name + ".c"), "-I",
                            ROOT / "include", "-o", target], check=True,
                           env=environ)
        subprocess.run([
            compiler, *(bare if more is None else flags), source, *bulk,
            *(more if isinstance(more, list) else []),
            *variables["LIB_FUZZING_ENGINE"].split(), "-o", victim], check=True,
            env=environ)
        good &= noticed(what, check, out, *configuration, victim)
        victim.write_bytes(whole)
    return good


# ---- run_tests.sh -----------------------------------------------------------------

def copy_sources(folder):
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*") if path.is_file()}


def check_tests(tree, variables):
    before = contents(tree)
    status, said = output(tree / "fuzz/oss-fuzz/run_tests.sh", cwd=tree,
                          env={**os.environ, **variables})
    if status:
        raise Broken("run_tests.sh failed:\n" + said[-2000:])
    changed = {path for path, _ in before.items() ^ contents(tree).items()}
    if changed:
        raise Broken("run_tests.sh changes the tree: %s" % min(changed))


# The self-test makes these functions crash, one after the other. run_tests.sh has to fail each
# time.
PLANTS = (("src/parse/limits.c", "sbind__find_limit"),
          ("src/bind/posix/unlink.c", "sbind__remove_path"))


def run_tests(self_test):
    with tempfile.TemporaryDirectory(prefix="sbind-oss-fuzz.") as scratch:
        tree = pathlib.Path(scratch, "sbind")
        copy_sources(tree)
        variables = contract("libfuzzer", "address", "x86_64", tree)
        check_tests(tree, variables)
        print("run_tests: pass", flush=True)
        good = True
        for name, function in PLANTS if self_test else ():
            text = (tree / name).read_text()
            planted, count = re.subn(
                r"(?m)^([\w *]+\b%s\([^;{]*\)\n\{\n)" % function,
                r"\1    __builtin_trap();\n", text)
            if count != 1:
                raise Broken("%s has no %s" % (name, function))
            (tree / name).write_text(planted)
            good &= noticed("a crash in " + function, check_tests, tree, variables)
            (tree / name).write_text(text)
        if self_test:
            script = tree / "fuzz/oss-fuzz/run_tests.sh"
            script.write_text("#!/bin/sh\ntouch left\n")
            good &= noticed("a file that is left", check_tests, tree, variables)
        return good


# ---- Files for them ------------------------------------------------------------------

LICENCE = "http://www.apache.org/licenses/LICENSE-2.0"
THEIRS = ("Dockerfile", "build.sh", "run_tests.sh", "project.yaml")
LITE = ("Dockerfile", "build.sh", "project.yaml")
MODES = {"code-change", "batch", "prune", "coverage"}
PLACEHOLDER = re.compile(r"[\w@:/.-]*example\.org[\w/.-]*")


def check_files(root):
    """Makes the checks of OSS-Fuzz's presubmit.py, and checks that a few lists in files are
    complete."""
    for name in (*("fuzz/oss-fuzz/" + each for each in THEIRS),
                 *(".clusterfuzzlite/" + each for each in LITE)):
        if LICENCE not in (root / name).read_text():
            raise Broken(name + " has no licence header")
    project = (root / "fuzz/oss-fuzz/project.yaml").read_text()
    for engine in ("libfuzzer", "afl", "honggfuzz", "centipede"):
        if "  - %s\n" % engine not in project:
            raise Broken("project.yaml lacks the engine " + engine)
    found = set()
    for path in (root / ".github/workflows").glob("cflite_*.yml"):
        found |= set(re.findall(r"^ +mode: '?([\w-]+)'?$", path.read_text(), re.M))
    if found != MODES:
        raise Broken("workflows of ClusterFuzzLite have the modes %s" % sorted(found))
    listed = set(PLACEHOLDER.findall((root / "fuzz/oss-fuzz/README.md").read_text()))
    used = set().union(*(PLACEHOLDER.findall((root / "fuzz/oss-fuzz" / name).read_text())
                         for name in THEIRS))
    if used != listed:
        raise Broken("README.md lists other placeholders: %s" % (used ^ listed))


SPOILT = (("fuzz/oss-fuzz/Dockerfile", LICENCE, "no licence"),
          (".clusterfuzzlite/build.sh", LICENCE, "no licence"),
          ("fuzz/oss-fuzz/project.yaml", "  - honggfuzz\n", ""),
          (".github/workflows/cflite_cron.yml", "mode: prune", "mode: batch"),
          ("fuzz/oss-fuzz/README.md", "security@example.org", "nobody"))


def presubmit(self_test):
    check_files(ROOT)
    print("presubmit: pass", flush=True)
    good = True
    if self_test:
        with tempfile.TemporaryDirectory(prefix="sbind-oss-fuzz.") as scratch:
            tree = pathlib.Path(scratch)
            copy_sources(tree)
            for name, old, new in SPOILT:
                text = (tree / name).read_text()
                (tree / name).write_text(text.replace(old, new))
                good &= noticed("%s without %r" % (name, old), check_files, tree)
                (tree / name).write_text(text)
    return good


OTHERS = {"run_tests": run_tests, "presubmit": presubmit}


def main(words):
    self_test = "--self-test" in words
    names = [word for word in words if word != "--self-test"]
    good = True
    for name in names or (BROKEN if self_test else CONFIGURATIONS):
        try:
            good &= (OTHERS[name](self_test) if name in OTHERS
                     else run(name, self_test))
        except Broken as error:
            print("%s: %s" % (name, error), flush=True)
            good = False
    return good


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
