# SPDX-License-Identifier: MIT OR Apache-2.0
"""The check language/STAGE, for grammar, lexers, code without system calls, and ports. The stages
run in this order until one fails. The one that fails has to be STAGE:

    re2c        re2c refuses the rules
    prove (X)   grammar/prover refutes property X
    cc          the compiler refuses the code
    named, mutants, boundary
                a tier of conformance/run.py finds a wrong answer; if it finds
                none, a wrong answer to its "requests" counts, which it sends first
    values_test, format_test, parse_test, activation_test, report_test
                a unit test fails

"generated" is for edits of code that re2c has written. It is not known beforehand whether such an
edit changes anything. The proof decides that. The stages after the proof have to catch exactly
those edits that the proof refutes."""
import ast
import json
import re
import subprocess
import sys

from tree import ROOT, Caught, Trouble, call, first, need

CC = ["cc", "-std=c11", "-O0", "-D_GNU_SOURCE", "-w"]
UNIT = ("values_test", "format_test", "parse_test", "activation_test",
        "report_test")
PORTS = {"conformance/ports/sbind.py": "python", "conformance/ports/sbind.mjs": "javascript",
         "conformance/ports/sbind.go": "go", "conformance/ports/sbind.rs": "rust",
         "conformance/ports/rust/adapter.rs": "rust"}
DEBIAN = ("GO=/usr/bin/go", "RUSTC=/usr/bin/rustc") # whichever comes first in PATH
GENERATED = ("src/parse/lexer.c", "src/activation/lexer.c", "src/notify/lexer.c")


class Checker:
    def __init__(self, root, *_):
        """The objects for Linux. They are made once, and a mistake replaces one of
        them."""
        self.root = root
        self.cc = [*CC, "-I", root / "include"]
        (root / "objects").mkdir()
        self.objects = {
            source: self.compile(source, root / "objects" / str(
                source.relative_to(root)).replace("/", "_"))
            for source in root.glob("src/**/*.c")
            if source.parent.name not in ("win32", "portable", "macos")}

    def compile(self, source, target):
        target = target.with_suffix(".o")
        need("language/cc", r"error: (.*)", *self.cc, "-c", source, "-o", target)
        return target

    def compile_edited(self, source):
        """The object files to make again: the one of a source, or for a header those of all sources
        in the same folder."""
        sources = [source] if source.exists() else source.parent.glob("*.c")
        return {each: self.compile(each, self.root / ("edited_" + each.stem))
                for each in sources}

    def link(self, name, objects, *more):
        """Links a program with the library's objects, and "sbind" with the command's as
        well."""
        chosen = [target for source, target in objects.items()
                  if name == "sbind" or "cli" not in source.parts]
        need("link", "(.*)", *self.cc, *chosen, *more, "-pthread", "-o",
             self.root / name)
        return self.root / name

    def prove(self):
        done = call(sys.executable, "-B", self.root / "grammar/prover",
                    "--quick", "--root", self.root)
        if done.returncode == 0:
            return
        found = re.search(
            r'^(?:refuted \((\w)\)(?: for (".*?(?<!\\)"|"") \([0-9a-f]+\w*\))?'
            r'|refused): (.*)', done.stdout, re.M)
        if not found:
            raise Trouble("the prover broke:\n" + done.stdout)
        name, text, why = found.groups()
        raise Caught("language/prove" + (" (%s)" % name if name else ""),
                     text or why)

    def conformance(self, tiers, *adapter):
        for tier in tiers:
            done = call(sys.executable, self.root / "conformance/run.py",
                        "--tier", tier, "--format", "json", "--seconds", "10",
                        "--", *adapter, seconds=600)
            if done.returncode == 2:
                raise Caught("language/" + tier, first("^$^()", done.stdout))
            if done.returncode == 1:
                found = json.loads(done.stdout)
                name, wrong = next(
                    (name, rule["failures"][0]) for name in (tier, "requests")
                    for rule in found[name]["rules"].values()
                    if rule["failures"])
                raise Caught("language/" + name, wrong["id"] or wrong["input"])

    def answers(self, source, *complete):
        """Makes the checks besides the proof. If the argument "complete" is given, this tier is
        checked, too, and so is the unit test complete_test."""
        objects = {**self.objects, **self.compile_edited(source)}
        self.conformance(["named", "mutants", "boundary", *complete],
                         self.link("sbind", objects), "adapter")
        for name in (*UNIT, *(each + "_test" for each in complete)):
            program = self.link(
                name, objects, self.root / "tests/unit" / (name + ".c"),
                '-DSBIND_COMPLETE="%s"' % (self.root / "conformance/complete.json"),
                "-lcmocka", "-ljansson")
            need("language/" + name, r"^\[  FAILED  \] (?:\w+: )?(\w+)", program,
                 cwd=self.root, seconds=240)

    def check(self, mistake):
        source = self.root / mistake["file"]
        if mistake["check"] == "language/generated":
            self.weigh(source)
        elif mistake["file"] in PORTS:
            need("language/cc", r"error.*: (.*)", "env", *DEBIAN, self.root / "conformance/ports/build.sh",
                 PORTS[mistake["file"]], self.root / "port")
            self.conformance(["named"], self.root / "port/adapter")
        else:
            if source.suffix in (".re", ".abnf", ".h"):
                self.prove()
            if source.suffix != ".abnf":
                self.answers(source.with_suffix(".c"))

    def weigh(self, source):
        proof = caught_by(self.prove)
        tests = caught_by(self.answers, source, "complete")
        if bool(proof) != bool(tests):
            raise Caught("one of two", "refuted by %s, caught by %s" % (proof, tests))
        raise Caught("language/generated", "refuted" if proof else "equal")


def caught_by(check, *arguments):
    """The name of the stage that catches a mistake, or None."""
    try:
        return check(*arguments)
    except Caught as caught:
        return caught.check
    except subprocess.TimeoutExpired: # it may never end
        return "time"


# ---- Edits of generated code -------------------------------------------------

def places(name):
    """Edits at every place that can be edited: a comparison (<=, ==, >=) is off by one, or a jump
    goes to the next label. Each edit is (file, offset, old, new)."""
    begin = 0
    for function in re.split(r"(?<=^}\n)", (ROOT / name).read_text(), flags=re.M):
        labels = re.findall(r"^(yy\d+):", function, re.M)
        following = dict(zip(labels, labels[1:] + labels[:1]))
        for place in re.finditer(r"(?<=goto )yy\d+(?=;)|(?<=yych [<=>]= )"
                                 r"(?:'\\?.'|0x\w\w)", function):
            old = place.group()
            new = following.get(old) or "0x%02X" % (1 + (
                ord(ast.literal_eval(old)) if old[0] == "'" else int(old, 16)))
            yield name, begin + place.start(), old, new
        begin += len(function)


def mistake_at(name, offset, old, new):
    text = (ROOT / name).read_text()
    return {"id": "%s:%d: %s for %s" % (
                name, text.count("\n", 0, offset) + 1, new, old),
            "file": name, "check": "language/generated", "old": text,
            "new": text[:offset] + new + text[offset + len(old):]}


def generated(count):
    """Mistakes at about this many places: at least two in each lexer, as far apart as
    possible."""
    found = [list(places(name)) for name in GENERATED]
    total = sum(map(len, found))
    return [mistake_at(*each[n * len(each) // share]) for each in found
            for share in [max(2, count * len(each) // total)]
            for n in range(share)]
