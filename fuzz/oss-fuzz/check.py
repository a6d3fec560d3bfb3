#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Builds the fuzz targets as OSS-Fuzz does and checks them as it does.

    check [--self-test] [ENGINE-SANITIZER[-ARCHITECTURE]...]

Checks all of CONFIGURATIONS, unless some are named. Sets the variables of the contract, calls
fuzz/oss-fuzz/build.sh, moves the result elsewhere and makes the checks of base-runner's test_all
and bad_build_check: names, architecture, dynamic libraries, calls of the sanitizers, that a target
starts (libFuzzer: four runs; AFL++: "All set and ready to roll"), and that it passes over its seed
corpus with its .options. If more than a tenth of the targets are broken, the check fails, as in
OSS-Fuzz.

--self-test puts targets that are broken on purpose (BREAKS) in the place of a
good one and requires that each is noticed.

Unlike OSS-Fuzz it uses Debian's clang, AFL++ and C++ library, no containers, and qemu if the kernel
cannot run programs of 32 bits."""
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
                  "afl-none", "libfuzzer-coverage")


BROKEN = ("libfuzzer-address", "libfuzzer-memory") # by the self-test


class Broken(Exception):
    pass


def contract(engine, sanitizer, architecture):
    """The variables that base-builder's "compile" sets."""
    flags = BASE + SANITIZERS[sanitizer]
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
    return variables


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
    """The counts of bad_build_check, by the calls in the machine code."""
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


def check_start(path, engine, sanitizer, scratch):
    if sanitizer == "coverage":
        return # without counters libFuzzer refuses, there as well
    if engine == "libfuzzer":
        status, said = output(*emulator(path, ASAN_OPTIONS), path, "-seed=1337",
                              "-runs=4", cwd="/", env=environment(sanitizer))
        if status or "Done 4 runs" not in said:
            raise Broken("does not start:\n" + said[-500:])
        if not re.search(r"cov: \d", said):
            raise Broken("no instrumentation of coverage:\n" + said[-500:])
        return
    seeds = scratch / "afl-seeds"
    seeds.mkdir(exist_ok=True)
    (seeds / "input").write_text("input")
    status, said = output(
        "afl-fuzz", "-m", "none", "-t", "5000+", "-V", "3", "-i", seeds, "-o",
        scratch / ("afl-" + path.name), "--", path, timeout=60,
        env={"PATH": os.environ["PATH"], "AFL_NO_UI": "1", "AFL_FAST_CAL": "1",
             "AFL_SKIP_CPUFREQ": "1", "AFL_TRY_AFFINITY": "1",
             "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1"})
    if "All set and ready to roll" not in said or status:
        raise Broken("does not start:\n" + said[-500:])


def check_seeds(path, engine, sanitizer, scratch):
    """Its zip unpacks, and with its .options no seed fails. For libFuzzer."""
    options = path.with_name(path.name + ".options").read_text()
    archive = path.with_name(path.name + "_seed_corpus.zip")
    folder = scratch / ("seeds-" + path.name)
    subprocess.run([sys.executable, "-m", "zipfile", "-e", archive, folder],
                   check=True)
    if not list(folder.iterdir()):
        raise Broken("no seeds")
    if engine != "libfuzzer":
        return
    given = ["-%s=%s" % pair for pair in
             re.findall(r"^(\w+) = (\S+)", options, re.M)]
    status, said = output(*emulator(path, ASAN_OPTIONS), path, "-runs=0",
                          "-rss_limit_mb=2560", "-timeout=25", *given, folder,
                          cwd=path.parent, env={
                              **environment(sanitizer), "LLVM_PROFILE_FILE":
                              str(scratch / (path.name + ".profraw"))})
    if status:
        raise Broken("fails over its seeds:\n" + said[-500:])


def check_coverage(out, scratch):
    """The profiles can be merged and say which functions are never called."""
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


def check(out, engine, sanitizer, architecture):
    """Raises Broken when OSS-Fuzz would refuse what is in the folder."""
    found, broken = targets(out), []
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
    variables = contract(engine, sanitizer, architecture)
    with tempfile.TemporaryDirectory(prefix="sbind-oss-fuzz.") as scratch:
        out = pathlib.Path(scratch, "out")
        build(variables, out, pathlib.Path(scratch, "work"))
        moved = out.rename(out.with_name("elsewhere"))
        count, broken = check(moved, engine, sanitizer, architecture)
        print("%s: %d targets pass%s" % (name, count - len(broken), "".join(
            "\n  " + line for line in broken)), flush=True)
        if self_test:
            return break_targets(moved, variables, (engine, sanitizer,
                                                    architecture))
    return not broken


PLAIN = """int LLVMFuzzerTestOneInput(const char *p, unsigned long n)
{ return (p && n) ? 0 : 0; }"""
BREAKS = { # the code, and its flags beside those of the contract
    "one that crashes": ("#include <stdlib.h>\nint LLVMFuzzerTestOneInput"
                         "(const char *p, unsigned long n)\n"
                         "{ (void)p; (void)n; abort(); }", []),
    "one that exits": ("#include <stdlib.h>\nint LLVMFuzzerTestOneInput"
                       "(const char *p, unsigned long n)\n"
                       "{ (void)p; (void)n; exit(0); }", []),
    "one that is not instrumented": (PLAIN, None),
    "one that needs a library": (PLAIN, ["-Wl,--no-as-needed", "-lcrypt"]),
}


def break_targets(out, variables, configuration):
    """Puts a broken target in the place of a good one, one after the other."""
    victim, noticed = targets(out)[0], 0
    good = victim.read_bytes()
    source = out.parent / "broken.c"
    for what, (code, more) in BREAKS.items():
        source.write_text(code)
        flags = ["-O1"] if more is None else [
            *variables["CFLAGS"].split(), *more]
        bulk = [ROOT / "src/parse/lexer.c"] # so that calls are not too few
        subprocess.run([variables["CC"], *flags, source, *bulk, "-I",
                        ROOT / "include", "-fsanitize=fuzzer",
                        "-o", victim], check=True,
                       env={**os.environ, **variables})
        try:
            check(out, *configuration)
            print("NOT NOTICED: " + what)
        except Broken as error:
            noticed += 1
            print("noticed: %s: %s" % (what, str(error).splitlines()[0]))
        victim.write_bytes(good)
    return noticed == len(BREAKS)


def main(words):
    self_test = "--self-test" in words
    names = [word for word in words if word != "--self-test"]
    good = True
    for name in names or (BROKEN if self_test else CONFIGURATIONS):
        try:
            good &= run(name, self_test)
        except Broken as error:
            print("%s: %s" % (name, error), flush=True)
            good = False
    return good


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
