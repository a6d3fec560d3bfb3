#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The runner of the conformance suites, with adapters that misbehave."""
import json
import shutil
import sys

import support

# An adapter that passes everything on to sbind but for one fault.
MAN_IN_THE_MIDDLE = """
import subprocess, sys, time
fault = sys.argv[1]
sbind = subprocess.Popen([sys.argv[2], "adapter"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
out, count, held = sys.stdout.buffer, 0, []
for line in sys.stdin.buffer:
    sbind.stdin.write(line)
    sbind.stdin.flush()
    answer = sbind.stdout.readline()
    count += 1
    if fault == "mute" and line == b"\\n":
        continue
    if fault == "naming":
        answer = answer.replace(b"bad-request", b"bad-line")
    if fault == "offset":
        answer = answer.replace(b'"offset":7', b'"offset":8')
    if fault == "layout":
        answer = answer.replace(b":", b": ")
    if fault == "die" and count == 100:
        sys.exit(3)
    if fault == "hang" and count == 100:
        time.sleep(60)
    if fault == "half" and count == 100:
        out.write(answer[:5])
        out.flush()
        sys.exit(0)
    if fault == "garbage" and count == 100:
        answer = b"\\xff\\xfe\\n"
    if fault == "lazy":
        held.append(answer)
        continue
    out.write(answer)
    out.flush()
out.write(b"".join(held))
if fault == "more":
    out.write(b"bye\\n")
out.flush()
if fault == "linger":
    time.sleep(60)
sys.exit(4 if fault == "status" else 0)
"""


def conformance(*options, adapter=(support.SBIND, "adapter"), **more):
    more.setdefault("timeout", 100)      # it works out much on a busy machine
    return support.run(
        sys.executable, "-B",
        str(support.source("conformance", "run.py")),
        *options, "--", *adapter, **more)


# Of these the runner waits for an answer, or for an end, that does not come.
WAITED_FOR = ("hang", "mute", "lazy", "linger")


def with_fault(fault, *options):
    seconds = "2" if fault in WAITED_FOR else str(support.WAIT)
    return conformance("--tier", "named", "--seconds", seconds, *options,
                       adapter=(*support.PYTHON, "-c", MAN_IN_THE_MIDDLE,
                                fault, support.SBIND))


class Alone(support.Case):
    def test_the_folder_needs_nothing_else_of_the_tree(self):
        alone = self.path("alone")
        shutil.copytree(support.source("conformance"), alone,
                        ignore=shutil.ignore_patterns("make"))
        done = support.run(sys.executable, "-B", alone + "/run.py", "--every",
                           "500", "--", support.SBIND, "adapter", timeout=100)
        self.assertEqual(done.status, 0, done)
        self.assertRegex(done.out, rb"\ncomplete +\d+ passed, 0 failed.*\n\d+ passed, 0 failed\n\Z")


class Reports(support.Case):
    def test_an_adapter_without_a_fault_passes(self):
        done = with_fault("none")
        self.assertEqual(done.status, 0, done)
        self.assertRegex(done.out, rb"(?m)^[0-9]+ passed, 0 failed$")

    def test_a_wrong_answer_is_shown_with_its_vector(self):
        done = with_fault("offset")
        self.assertEqual(done.status, 1, done)
        self.assertRegex(done.out, rb'expected \{"ok":false,.*"offset":7\}\n'
                         rb' +answered \{"ok":false,.*"offset":8\}\n')
        self.assertRegex(done.out, rb"(?m)^[0-9]+ passed, [1-9][0-9]* failed$")

    def test_a_line_that_is_no_request_is_shown(self):
        done = with_fault("naming")
        self.assertEqual(done.status, 1, done)
        self.assertRegex(done.out, rb'bad-request: ([0-9]+) of \1 failed\n'
                         rb' +""\n +expected \{"ok":false,"error":'
                         rb'"bad-request"\}\n +answered \{"ok":false,"error":'
                         rb'"bad-line"\}\n')

    def test_a_layout_that_differs_is_named_as_such(self):
        done = with_fault("layout")
        self.assertEqual(done.status, 1, done)
        self.assertIn(b"the same value, laid out otherwise", done.out)

    def test_what_is_no_json_is_named_as_such(self):
        done = with_fault("garbage")
        self.assertEqual(done.status, 1, done)
        self.assertIn(b"not JSON", done.out)

    def test_tap(self):
        done = with_fault("offset", "--format", "tap")
        self.assertEqual(done.status, 1, done)
        lines = done.out.decode().splitlines()
        self.assertEqual(lines[0], "TAP version 13")
        points = [line for line in lines if line.startswith(("ok", "not ok"))]
        self.assertEqual(lines[-1], "1..%d" % len(points))
        self.assertTrue(any(line.startswith("not ok") for line in points))
        self.assertTrue(any(line.startswith("ok") for line in points))

    def test_json(self):
        done = with_fault("offset", "--format", "json")
        self.assertEqual(done.status, 1, done)
        named = json.loads(done.out)["named"]
        self.assertGreater(named["failed"], 0)
        rules = named["rules"].values()
        self.assertEqual(named["failed"], sum(r["failed"] for r in rules))
        self.assertTrue(any(r["failures"] for r in rules))

    def test_kinds_and_samples(self):
        done = conformance("--tier", "complete", "--every", "500", "--only",
                           "activation", "--format", "json")
        self.assertEqual(done.status, 0, done)
        complete = json.loads(done.out)["complete"]
        self.assertTrue(0 < complete["passed"] < 100, complete["passed"])
        self.assertEqual(set(complete["rules"]), {
            "listen-pid", "listen-pidfdid", "listen-fds", "listen-fdnames"})


# An adapter with one wrong answer of 436,779.
ONE_WRONG = """ "$1" adapter | stdbuf -oL sed '436000s/"ok":/"OK":/' """


class Digest(support.Case):
    def published(self):
        return support.source("conformance",
                              "boundary.sha256").read_bytes()

    def test_readme_has_it(self):
        readme = support.source("conformance", "README.md")
        self.assertIn(b"```\n" + self.published() + b"```",
                      readme.read_bytes())

    def test_one_wrong_answer(self):
        done = conformance("--digest", timeout=200, adapter=(
            "sh", "-c", ONE_WRONG, "sh", support.SBIND))
        self.assertEqual(done.status, 1, done)
        self.assertRegex(done.out, rb"^[0-9a-f]{64}\n$")
        self.assertNotEqual(done.out, self.published())
        self.assertIn(self.published().strip(), done.err)


class Broken(support.Case):
    def expect_broken(self, fault, words):
        done = with_fault(fault)
        self.assertEqual(done.status, 2, done)
        self.assertIn(words, done.err)

    def test_an_adapter_that_ends(self):
        self.expect_broken("die", b"ended with status 3; it was asked parse ")

    def test_an_adapter_that_hangs(self):
        self.expect_broken("hang", b"no answer within 2 s; it was asked parse ")

    def test_an_adapter_that_passes_over_an_empty_line(self):
        self.expect_broken("mute", b"no answer within 2 s; it was asked an "
                           b"empty line")

    def test_an_adapter_that_stops_in_a_line(self):
        self.expect_broken("half", b"in the middle of a line")

    def test_an_adapter_that_does_not_flush(self):
        self.expect_broken("lazy", b"no answer within 2 s")

    def test_an_adapter_that_says_more(self):
        self.expect_broken("more", b"says more than it was asked")

    def test_an_adapter_that_does_not_end(self):
        self.expect_broken("linger", b"does not end when its input does")

    def test_an_adapter_that_fails_in_the_end(self):
        self.expect_broken("status", b"ended with status 4")

    def test_a_program_that_is_not_there(self):
        done = conformance(adapter=("/nowhere/adapter",))
        self.assertEqual(done.status, 2, done)
        self.assertIn(b"cannot start /nowhere/adapter", done.err)

    def test_usage(self):
        for wrong in (("--tier", "none"), ("--every", "0"), ("--bad",),
                      ("--digest", "--every", "2")):
            done = conformance(*wrong)
            self.assertEqual(done.status, 2, wrong)
            self.assertIn(b"usage: run", done.err)


if __name__ == "__main__":
    support.main()
