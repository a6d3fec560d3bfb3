# SPDX-License-Identifier: MIT OR Apache-2.0
"""Measures how many random mistakes the tests catch.

drawn.py draws edits of the sources, until enough of them count. An edit counts if it compiles
without a warning, and changes the compiled code. Each edit is made in a copy. The tests run until
one fails. The first tests are quick ones, and those that catch kept mistakes of the same file. If a
test also fails without the edit, this test is left out. --limit leaves out tests that take more
seconds, except those that catch kept mistakes of the file. --copy builds in a folder that stays for
the next time.

Mistakes that no test catches are printed in the form of the lists. A person has to decide: if a
mistake does no harm, it goes to harmless.json. Otherwise a test is missing. The person writes this
test, and adds the mistake to a list.

A mistake could kill the wrong process, or connect to the wrong place. So everything
runs in process and network namespaces of its own.
"""
import collections
import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
import time

import drawn
import presets
import tree

PLACES = ("src/cli", "src/status", "src/parse", "src/policy", "src/activation",
          "src/bind", "src/notify", "src/pass")
LABELS = ("unit", "system")
MORE = ("texts",)                       # tests that read texts in the sources
NOT = ("corpus",)                       # prepares others
SECONDS = tree.ROOT / "build/seconds.json" # what a test took when it passed
NAMELESS = "it crashed, or took too long"
APART = "SBIND_MISTAKES_APART"          # is set within


def go_apart():
    if os.environ.get(APART):
        tree.need("ip", "(.*)", "ip", "link", "set", "lo", "up")
        return
    if os.geteuid() != 0:
        raise tree.Trouble("--random needs root, to have processes of its own")
    os.environ[APART] = "1"
    os.execvp("unshare", ["unshare", "--pid", "--fork", "--kill-child",
                          "--mount-proc", "--net", "sh", "-c", '"$@"; exit $?',
                          "sh", sys.executable, *sys.argv]) # sh buries orphans


class Copy(presets.Checker):
    def __init__(self, root, kept, limit):
        os.environ.update(CMAKE_GENERATOR="Ninja", CMAKE_EXPORT_COMPILE_COMMANDS="ON")
        super().__init__(root, None, "release")
        self.build_folder = root / "build/release"
        listed = json.loads((self.build_folder / "compile_commands.json").read_text())
        self.commands = {os.path.relpath(each["file"], root): each for each in listed}
        self.kept = collections.Counter(
            (each["file"], each["check"].partition("/")[2]) for each in kept)
        self.limit, self.seconds = limit, collections.Counter()
        if SECONDS.exists():
            self.seconds.update(json.loads(SECONDS.read_text()))
        self.sound, self.unsound = {*self.seconds}, set() # without a mistake
        self.tests = [*self.find_tests()]

    def find_tests(self):
        shown = json.loads(tree.call("ctest", "--show-only=json-v1",
                                     cwd=self.build_folder).stdout)
        for each in shown["tests"]:
            labels = next((have["value"] for have in each["properties"]
                           if have["name"] == "LABELS"), [])
            name = each["name"]
            if name in MORE or name not in NOT and {*LABELS} & {*labels}:
                yield name

    def build(self, test):
        """Once for all tests of the command."""
        what = "the command" if self.is_system(test) else test
        if what not in self.built:
            super().build(test)
            self.built.add(what)

    @contextlib.contextmanager
    def edited(self, mistake):
        self.built = set()
        with tree.edited(self.root, mistake):
            yield
        self.built = set()

    def code(self, file):
        """The compiled code of the edited file. None if the compiler refuses the file, or warns
        about it."""
        command = self.commands[file]
        words = shlex.split(command["command"])
        words[words.index("-o") + 1] = made = self.root / "made.o"
        try:
            tree.need("cc", "(.*)", *words, "-Werror", cwd=command["directory"])
        except tree.Caught:
            return None
        return made.read_bytes()

    def reaches(self, test, file):
        """Whether a file belongs to the command, which is not linked into programs of
        unit tests."""
        program = (self.root / "tests/unit" / (test + ".c")).exists() or \
            test.startswith(("replay_", "libsystemd"))
        return not program or test == "replay_cli" or \
            not file.startswith("src/cli/")

    def order(self, file):
        return sorted((test for test in self.tests if self.reaches(test, file)
                       and (self.kept[file, test]
                            or self.seconds[test] <= self.limit)),
                      key=lambda test: self.seconds[test] /
                      (self.kept[file, test] + 0.1))

    def fails(self, test):
        """The output of a test, or nothing."""
        begin = time.monotonic()
        try:
            self.check({"check": "release/" + test})
        except tree.Caught as caught:
            named = re.fullmatch(r"\w+", caught.said)
            return caught.said if named else NAMELESS
        except subprocess.TimeoutExpired:
            return NAMELESS
        except tree.Trouble:
            self.unsound.add(test)      # it cannot run here
        else:
            self.sound.add(test)
            self.note(test, time.monotonic() - begin)
        return None

    def note(self, test, seconds):
        self.seconds.setdefault(test, seconds)
        SECONDS.parent.mkdir(exist_ok=True)
        SECONDS.write_text(json.dumps(self.seconds))

    def fails_again(self, test):
        """Runs a test. If a system test fails, runs it again, because it may have had too little
        time."""
        said = self.fails(test)
        return self.fails(test) if said and self.is_system(test) else said

    def is_system(self, test):
        return (self.root / "tests/system" / (test + ".py")).exists()

    def passes_without(self, test, said):
        """If the output names no single test, the program has crashed or was too slow.
        That can happen without the mistake, too."""
        if said == NAMELESS or test not in self.sound | self.unsound:
            if self.fails(test):
                self.unsound.add(test)
        return test not in self.unsound

    def caught_by(self, mistake):
        """The test, and what it says."""
        tests = iter(self.order(mistake["file"]))
        while True:
            with self.edited(mistake):
                found = next(((test, said) for test in tests
                              if test not in self.unsound
                              for said in [self.fails_again(test)] if said),
                             None)
            if found is None or self.passes_without(*found):
                return found


def counted(copy, mistakes, harmless, figures):
    """Yields mistakes that change the compiled code."""
    codes, known = {}, [(each["file"], each["old"], each["new"])
                        for each in harmless]
    for each in mistakes:
        figures["drawn"] += 1
        file = each["file"]
        if (file, each["old"], each["new"]) in known:
            figures["known to do no harm"] += 1
            continue
        if file not in codes:
            codes[file] = copy.code(file)
        with copy.edited(each):
            code = copy.code(file)
        if code in (None, codes[file]):
            figures["the same code" if code else "refused by the compiler"] += 1
            continue
        figures["counted"] += 1
        yield each


def show(number, mistake, found):
    print("%d %s, %s: %s" % (number, mistake["file"], mistake["edit"], "caught by "
          "%s: %s" % found if found else "survives"), flush=True)
    print(json.dumps(mistake, ensure_ascii=False), flush=True)


def run(root, kept, harmless, options):
    copy, figures = Copy(root, kept, options.limit), collections.Counter()
    drawn_ones = drawn.draw(options.places or PLACES, options.seed)
    mistakes = counted(copy, drawn_ones, harmless, figures)
    for number, mistake in zip(range(1, options.random + 1), mistakes):
        found = copy.caught_by(mistake)
        figures["caught" if found else "survived"] += 1
        show(number, mistake, found)
    print(", ".join("%d %s" % (count, what) for what, count in figures.items()))
    if copy.unsound:
        print("without a mistake these fail or cannot run:", *sorted(copy.unsound))
    return 0
