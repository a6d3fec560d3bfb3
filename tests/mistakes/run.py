#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Breaks grammar, lexers, C code and ports, and sees each break caught.

    run.py [--every N] [--update] [ID...]
    run.py --generated N

Every mutant in *.json beside this file is an edit of one source file: "old"
stands in it once and becomes "new". It is applied to a copy, and the checks run
in this order until one fails:

    re2c      re2c refuses the rules
    prove     grammar/prover refutes a property, named by its letter
    cc        the compiler refuses the code
    named, mutants, boundary
              a tier of conformance/run.py finds a wrong answer; "requests"
              is what it sends before, and counts where a tier finds nothing
    values_test, format_test, parse_test, activation_test, report_test
              a unit test fails

A mutant of a port must be caught by a named vector, or before. One with a
"test" is judged by that test alone, in a tree that CMake builds: so are the
promises of binding. Without a mutant the test has to pass.

The check that fails, and the text with which it fails, must be the ones that
are written down: "caught_by" and "example". --update writes them down; a mutant
that no check catches is always a failure: none of them is equivalent to what it
changes, so there is no list of such. --every N runs each Nth mutant.

--generated N edits what re2c has written, at N places that lie as far apart as
they can: a comparison (<=, ==, >=) is off by one, or a jump goes to the next
label. Whether such an edit changes anything is not written down, for the proof
decides it: the checks after it must catch what it refutes, and nothing else.
"""
import argparse
import ast
import contextlib
import json
import multiprocessing
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RE2C = ["re2c", *(ROOT / "src/re2c.options").read_text().split()]
CC = ["cc", "-std=c11", "-O0", "-D_GNU_SOURCE", "-w", "-c"]
UNIT = ("values_test", "format_test", "parse_test", "activation_test",
        "report_test")
PORTS = {"conformance/ports/sbind.py": sys.executable,
         "conformance/ports/sbind.mjs": "node"}
OTHERS = {HERE / name for name in ("fuzz.json", "machines.json", "windows.json")}
COPIED = ("grammar", "include", "src", "conformance", "tests/unit")


class Trouble(Exception):
    """Something is wrong with the runner or a list, not with a mutant."""


class Caught(Exception):
    def __init__(self, check, example):
        super().__init__(check)
        self.check, self.example = check, example


def call(*command, cwd=None, seconds=240):
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, timeout=seconds,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="backslashreplace")


# ---- The tree that mutants are applied to -------------------------------------

def copy_tree(folder):
    for part in COPIED:
        shutil.copytree(ROOT / part, folder / part,
                        ignore=shutil.ignore_patterns("__pycache__"))


def compile_object(folder, source):
    target = folder / "objects" / (str(source.relative_to(folder))
                                   .replace("/", "_") + ".o")
    done = call(*CC, "-I", folder / "include", source, "-o", target)
    if done.returncode:
        raise Caught("cc", re.sub(r".*error: ", "", next(
            line for line in done.stdout.splitlines() if "error" in line)))
    return target


def sources(folder):
    """Those of this platform, which is Linux."""
    return sorted(path for path in folder.glob("src/**/*.c")
                  if path.parent.name != "win32")


def compile_all(folder):
    """The objects of the tree as it is, made once; mutants replace one."""
    (folder / "objects").mkdir()
    for source in sources(folder):
        compile_object(folder, source)


def link(folder, name, extra=(), libraries=()):
    """A program of the library's objects, and the command's for "sbind"."""
    objects = [path for path in sorted((folder / "objects").glob("src_*.o"))
               if name == "sbind" or not path.name.startswith("src_cli_")]
    program = folder / name
    done = call("cc", *objects, *extra, "-o", program, *libraries, "-pthread")
    if done.returncode:
        raise Trouble("cannot link %s:\n%s" % (name, done.stdout))
    return program


# ---- Checks -------------------------------------------------------------------

def prove(folder):
    done = call(sys.executable, "-B", folder / "grammar/prover",
                "--quick", "--root", folder)
    if done.returncode == 0:
        return
    refuted = re.search(r'^refuted \((\w)\)(?: for (".*?(?<!\\)"|"") \([0-9a-f]+'
                        r'\w*\))?: (.*)', done.stdout, re.M)
    refused = re.search(r"^refused: (.*)", done.stdout, re.M)
    if refuted:
        raise Caught("prove (%s)" % refuted.group(1),
                     refuted.group(2) or refuted.group(3))
    if refused:
        raise Caught("prove", refused.group(1))
    raise Trouble("prove.py broke:\n" + done.stdout)


def conformance(folder, tiers, *adapter):
    for tier in tiers:
        done = call(sys.executable, folder / "conformance/run.py", "--tier",
                    tier, "--format", "json", "--seconds", "10", "--",
                    *adapter, seconds=600)
        if done.returncode == 2:
            raise Caught(tier, done.stdout.strip().splitlines()[-1])
        if done.returncode == 1:
            found = json.loads(done.stdout)
            name, first = next(
                (name, rule["failures"][0]) for name in (tier, "requests")
                for rule in found[name]["rules"].values() if rule["failures"])
            raise Caught(name, first["id"] or first["input"])


def unit(folder):
    for name in UNIT:
        source = folder / "tests/unit" / (name + ".c")
        program = link(folder, name, [
            "-I", folder / "include", "-D_GNU_SOURCE", "-w", source],
            ["-lcmocka", "-ljansson"])
        done = call(program, cwd=folder)
        if done.returncode:
            failed = re.search(r"^\[  FAILED  \] (?:\w+: )?(\w+)", done.stdout,
                               re.M)
            raise Caught(name, failed.group(1) if failed else
                         "status %d" % done.returncode)


def check_without_proof(folder, source, *more_tiers):
    compile_object(folder, source)
    conformance(folder, ["named", "mutants", "boundary", *more_tiers],
                link(folder, "sbind"), "adapter")
    unit(folder)


def check(folder, path):
    """Raises Caught when something notices the change of one file."""
    source = folder / path
    if path.startswith("grammar/"):
        prove(folder)
        return
    if path in PORTS:
        conformance(folder, ["named"], PORTS[path], source)
        return
    if path.endswith(".re"):
        generated = source.with_suffix(".c")
        done = call(*RE2C, source, "-o", generated)
        if done.returncode:
            raise Caught("re2c", re.sub(r".*?: ", "", done.stdout.strip()
                                        .splitlines()[0], count=1))
        prove(folder)
        source = generated
    check_without_proof(folder, source)


# ---- Mutants that one test is for ------------------------------------------------

# Those that a test in Python runs.
PROGRAMS = ("sbind_command", "activation_probe", "listen_probe", "notify_probe", "restart",
            "seccomp_errno", "call_hold", "web_server", "event_server")


class Tree:
    """A copy of the sources with everything built, made when it is needed."""

    def __init__(self, folder):
        self.folder = folder
        self.is_built = False

    def build(self, test):
        """Only what the test runs: each mutant makes the library anew."""
        if not self.is_built:
            done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT,
                                  check=True, stdout=subprocess.PIPE)
            for name in done.stdout.decode().split("\0")[:-1]:
                target = self.folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target)
            self.run("cmake", "--preset", "release", "-DSBIND_BUILD_TESTS=ON")
            self.is_built = True
        is_program = list((self.folder / "tests").glob("*/%s.c" % test))
        self.run("cmake", "--build", "--preset", "release", "-j",
                 os.cpu_count() or 1, "--target",
                 *([test] if is_program else PROGRAMS))

    def run(self, *command):
        done = call(*command, cwd=self.folder, seconds=1200)
        if done.returncode:
            raise Caught("cc", next((line for line in done.stdout.splitlines()
                                     if "error" in line), done.stdout[-200:]))

    def test(self, name):
        done = call("ctest", "--preset", "release", "-R", "^%s$" % name,
                    cwd=self.folder, seconds=1200)
        if "No tests were found" in done.stdout or "Skipped" in done.stdout:
            raise Trouble("there is no test %s, or it cannot run here" % name)
        if done.returncode:
            failed = re.search(r"^(?:\[  FAILED  \] (?:\w+: )?|(?:FAIL|ERROR): )"
                               r"(\w+)", done.stdout, re.M)
            raise Caught(name, failed.group(1) if failed else "")

    def judge(self, mutant):
        target = self.folder / mutant["file"]
        whole = target.read_text()
        try:
            target.write_text(mutate(whole, mutant))
            self.build(mutant["test"])
            self.test(mutant["test"])
            return None, ""
        except Caught as caught:
            return caught.check, caught.example
        finally:
            target.write_text(whole)


def groups(chosen):
    """Those of one test together, for it cannot run twice at a time; the large
    groups first."""
    found = {}
    for mutant in chosen:
        if "test" in mutant:
            found.setdefault(mutant["test"], []).append(mutant)
    return sorted(found.values(), key=len, reverse=True)


def judge_group(group):
    """[(id, what caught it or None, the example)]; first the test has to pass."""
    if "tree" not in worker:
        worker["tree"] = Tree(pathlib.Path(tempfile.gettempdir(),
                                           "tree.%d" % os.getpid()))
    tree, test = worker["tree"], group[0]["test"]
    try:
        tree.build(test)
        tree.test(test)
    except Caught as caught:
        raise Trouble("%s fails without a mutant: %s" % (
            test, caught.example)) from caught
    return [(mutant["id"], *tree.judge(mutant)) for mutant in group]


# ---- Mutants ------------------------------------------------------------------

worker = {} # of the process: its own copies of the tree


def load():
    found = {}
    for path in sorted(set(HERE.glob("*.json")) - OTHERS):
        for mutant in json.loads(path.read_text()):
            if mutant["id"] in found:
                raise Trouble("two mutants are called " + mutant["id"])
            found[mutant["id"]] = {**mutant, "list": path}
    return found


def mutate(text, mutant):
    if text.count(mutant["old"]) != 1:
        raise Trouble("%s: \"old\" stands %d times in %s" % (
            mutant["id"], text.count(mutant["old"]), mutant["file"]))
    return text.replace(mutant["old"], mutant["new"])


def prepare():
    worker["folder"] = pathlib.Path(tempfile.mkdtemp(prefix="copy."))
    copy_tree(worker["folder"])
    compile_all(worker["folder"])


def judge(mutant):
    """(id, what caught it or None, the example)"""
    folder = worker["folder"]
    target = folder / mutant["file"]
    whole = target.read_text()
    generated = target.with_suffix(".c")
    compiled = generated if target.suffix in (".re", ".c") else None
    before = compiled.read_text() if compiled else None
    try:
        target.write_text(mutate(whole, mutant))
        check(folder, mutant["file"])
        return mutant["id"], None, ""
    except Caught as caught:
        return mutant["id"], caught.check, caught.example
    finally:
        target.write_text(whole)
        if compiled:
            compiled.write_text(before)
            compile_object(folder, compiled)


def write_down(mutants, results):
    for path in {mutant["list"] for mutant in mutants.values()}:
        listed = json.loads(path.read_text())
        for mutant in listed:
            if "test" not in mutant and results.get(mutant["id"], (None,))[0]:
                mutant["caught_by"], mutant["example"] = results[mutant["id"]]
        path.write_text("[\n" + ",\n".join(
            " " + json.dumps(mutant, ensure_ascii=False)
            for mutant in listed) + "\n]\n")


@contextlib.contextmanager
def scratch_folder():
    with tempfile.TemporaryDirectory(prefix="sbind-mutants.") as scratch:
        os.environ["TMPDIR"] = tempfile.tempdir = scratch
        os.environ["SBIND_TEST_FAILFAST"] = "1"
        os.chmod(scratch, 0o755) # tests become other users
        yield scratch


def judge_all(chosen):
    """(id, what caught it or None, the example) of each."""
    with scratch_folder():
        with multiprocessing.Pool(initializer=prepare) as pool:
            yield from pool.imap(judge, [each for each in chosen
                                         if "test" not in each])
        with multiprocessing.Pool() as pool:
            for results in pool.imap_unordered(judge_group, groups(chosen)):
                yield from results


def compare(mutant, check_name, example, update):
    """What is wrong with a result, if anything."""
    if check_name is None:
        return "nothing caught it"
    if "test" in mutant: # which case of it fails first may be chance
        return None if check_name == mutant["test"] else (
            "caught by %s: %s" % (check_name, example))
    if not update and (check_name, example) != (mutant.get("caught_by"),
                                                mutant.get("example")):
        return "caught by %s with %s, not as written down" % (check_name,
                                                              example)
    return None


# ---- Mutants of generated code --------------------------------------------------

GENERATED = ("src/parse/lexer.c", "src/activation/lexer.c", "src/notify/lexer.c")


def edits(name):
    """(file, offset, old, new) for every place that can be edited."""
    text = (ROOT / name).read_text()
    begin = 0
    for function in re.split(r"(?<=^}\n)", text, flags=re.M):
        labels = re.findall(r"^(yy\d+):", function, re.M)
        following = dict(zip(labels, labels[1:] + labels[:1]))
        for place in re.finditer(r"(?<=goto )yy\d+(?=;)|(?<=yych [<=>]= )"
                                 r"(?:'\\?.'|0x\w\w)", function):
            old = place.group()
            new = following.get(old) or "0x%02X" % (1 + (
                ord(ast.literal_eval(old)) if old[0] == "'" else int(old, 16)))
            yield name, begin + place.start(), old, new
        begin += len(function)


def sample(count):
    """First an edit that is none, which nothing may catch."""
    places = [each for name in GENERATED for each in edits(name)]
    return [(GENERATED[0], 0, "", "")] + [
        places[n * len(places) // count] for n in range(count)]


def caught_by(check_all, *arguments):
    """The name of what catches a mutant, or None."""
    try:
        check_all(*arguments)
    except Caught as caught:
        return caught.check
    return None


def check_in_time(*arguments):
    try:
        check_without_proof(*arguments)
    except subprocess.TimeoutExpired as error: # it may never end
        raise Caught("time", "") from error


def judge_generated(edit):
    """(what it is, what refutes it or None, what else catches it or None)"""
    name, offset, old, new = edit
    folder = worker["folder"]
    source = folder / name
    whole = source.read_text()
    source.write_text(whole[:offset] + new + whole[offset + len(old):])
    try:
        return ("%s:%d: %s for %s" % (name, whole.count("\n", 0, offset) + 1,
                                      new, old),
                caught_by(prove, folder),
                caught_by(check_in_time, folder, source, "complete"))
    finally:
        source.write_text(whole)
        compile_object(folder, source)


def run_generated(count):
    refuted = problems = 0
    with scratch_folder(), multiprocessing.Pool(initializer=prepare) as pool:
        for what, by_proof, by_tests in pool.imap(judge_generated,
                                                  sample(count)):
            refuted += by_proof is not None
            if (by_proof is None) != (by_tests is None):
                print("%s: refuted by %s, caught by %s" % (what, by_proof,
                                                           by_tests), flush=True)
                problems += 1
    print("%d edits of generated code, %d of them refuted" % (count, refuted))
    print("%d passed, %d failed" % (count + 1 - problems, problems))
    return 1 if problems else 0


# ---- The command line -----------------------------------------------------------

def main():
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--generated", type=int, metavar="N")
    parser.add_argument("ids", nargs="*", metavar="ID")
    options = parser.parse_args()
    if options.generated is not None:
        return run_generated(options.generated)
    mutants = load()
    for mutant in mutants.values(): # before anything takes its time
        mutate((ROOT / mutant["file"]).read_text(), mutant)
    chosen = [mutants[each] for each in options.ids] or list(
        mutants.values())[::options.every]
    results, problems = {}, 0
    for name, *result in judge_all(chosen):
        results[name] = tuple(result)
        complaint = compare(mutants[name], *result, options.update)
        if complaint:
            print("%s: %s" % (name, complaint), flush=True)
            problems += 1
    if options.update:
        write_down(mutants, results)
    print("%d passed, %d failed" % (len(chosen) - problems, problems))
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Trouble as trouble:
        sys.exit("run: %s" % trouble)
