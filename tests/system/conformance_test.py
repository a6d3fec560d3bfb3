#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Does the runner of the conformance suites notice adapters that misbehave?"""
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys

import support

# An adapter that passes everything on to sbind, but makes one mistake.
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
    if fault == "crlf":
        answer = answer[:-1] + b"\\r\\n"
    if line == b"parse 66643a2f2f33\\n": # fd://3
        if fault == "twice":
            out.write(answer)
        if fault == "never":
            continue
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


# With these faults the runner waits for an answer, or for the end of the adapter, and
# neither comes.
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

    def test_a_failure_shows_what_is_known_of_its_vector(self):
        done = with_fault("offset")
        self.assertRegex(done.out, rb"\n    unix-empty: \"unix://\"\n"
                         rb"      SPEC\.md 4\.2\.4: .*\n"
                         rb"      request  parse 756e69783a2f2f\n")

    def test_a_mutant_shows_the_edits_that_it_guards(self):
        done = conformance("--id", "mutant-address-1df7e9cb",
                           adapter=(*support.PYTHON, "-c", MAN_IN_THE_MIDDLE,
                                    "crlf", support.SBIND))
        self.assertEqual(done.status, 1, done)
        self.assertRegex(done.out, rb"tells an edit of the grammar: address: "
                         rb"without unix; .*; \d+ more\n")
        self.assertIn(b"not in CR LF", done.out)

    def test_long_texts_are_shown_by_their_runs(self):
        done = conformance("--id", "limit-label-64-end", adapter=(
            "sed", "-u", "s/.*/{}/"))
        self.assertIn(b'"tcp://" "c"*64, 70 octets\n', done.out)

    def test_one_vector(self):
        done = conformance("--id", "fd-first", "--id", "tcp-default")
        self.assertEqual(done.status, 0, done)
        self.assertRegex(done.out, rb"\Anamed +2 passed, 0 failed.*\n2 passed, 0 failed\n\Z")

    def test_what_no_request_says(self):
        for ident, why in ((b"activation-pid-missing-accepted", b"for unit tests"),
                           (b"notify-socket-empty", b"for unit tests"),
                           (b"nothing", b"no vector has the id nothing")):
            done = conformance("--id", ident.decode())
            self.assertEqual(done.status, 2, done)
            self.assertRegex(done.err, why)

    def test_quick(self):
        done = conformance("--quick", "--format", "json")
        self.assertEqual(done.status, 0, done)
        tiers = json.loads(done.out)
        self.assertEqual(list(tiers), ["requests", "named", "mutants", "boundary",
                                       "neighbours", "complete"])
        asked = sum(tier["passed"] for tier in tiers.values())
        self.assertLess(asked, 300 * 10 - 500) # in ten seconds, with the making
        self.assertTrue(all(tier["passed"] >= 19 for tier in tiers.values()))

    def test_a_version_of_the_suite(self):
        done = conformance("--tier", "named", "--suite", "1.0")
        self.assertEqual(done.status, 0, done)
        for wrong in ("9.9", "x"):
            done = conformance("--suite", wrong)
            self.assertEqual((done.status, done.out), (2, b""))
            self.assertIn(b"no version " + wrong.encode(), done.err)

    def test_a_badge(self):
        badge = self.path("badge.json")
        for fault, color in (("none", "brightgreen"), ("offset", "red")):
            with_fault(fault, "--badge", badge)
            with open(badge, encoding="utf-8") as file:
                written = json.load(file)
            self.assertEqual(written["schemaVersion"], 1)
            self.assertEqual(written["color"], color)
            self.assertRegex(written["message"], r"^1,\d\d\d of 1,\d\d\d$")

    def test_files_to_compare(self):
        folder = self.path("flat")
        done = support.run(sys.executable, "-B", str(support.source(
            "conformance", "run.py")), "--tier", "named", "--tier", "boundary",
            "--export", folder, timeout=300)
        self.assertEqual(done.status, 0, done)
        for tier in ("named", "boundary"):
            requests, answers = (gzip.decompress(pathlib.Path(
                folder, "%s.%s.txt.gz" % (tier, name)).read_bytes())
                for name in ("requests", "answers"))
            done = support.run(support.SBIND, "adapter", input=requests, timeout=100)
            self.assertTrue(done.out == answers, tier)
        rows = pathlib.Path(folder, "named.tsv").read_text(
            encoding="utf-8").splitlines()
        self.assertEqual({row.count("\t") for row in rows}, {4})

    def test_a_reader_of_the_report_that_goes_away(self):
        done = support.run("sh", "-c", '"$@" | head -n 1; exit "$?"', "sh",
                           sys.executable, "-B", str(support.source(
                               "conformance", "run.py")), "--tier", "named", "--",
                           support.SBIND, "adapter", timeout=100)
        self.assertNotIn(b"Traceback", done.err)

    def test_progress_on_a_terminal(self):
        main, terminal = os.openpty()
        done = subprocess.run(
            [sys.executable, "-B", str(support.source("conformance", "run.py")),
             "--tier", "named", "--", support.SBIND, "adapter"], stderr=terminal,
            stdout=subprocess.PIPE, timeout=100, check=True)
        os.close(terminal)
        self.assertIn(b"named: 1536 of 18", os.read(main, 65536))
        os.close(main)
        self.assertNotIn(b"\r", done.stdout)

    def test_kinds_and_samples(self):
        done = conformance("--tier", "complete", "--every", "500", "--only",
                           "activation", "--format", "json")
        self.assertEqual(done.status, 0, done)
        complete = json.loads(done.out)["complete"]
        self.assertTrue(0 < complete["passed"] < 100, complete["passed"])
        self.assertEqual(set(complete["rules"]), {
            "listen-pid", "listen-pidfdid", "listen-fds", "listen-fdnames"})


class Expected(support.Case):
    def expect(self, fault, *lines):
        path = self.path("known")
        pathlib.Path(path).write_text("\n".join(("# known", *lines, "")),
                                      encoding="utf-8")
        return with_fault(fault, "--expect", path)

    def test_known_failures_are_none(self):
        names = with_fault("offset", "--format", "names")
        self.assertEqual(names.status, 1, names)
        listed = names.out.decode().splitlines()
        self.assertIn("unix-empty", listed)
        done = self.expect("offset", *listed)
        self.assertEqual(done.status, 0, done)
        self.assertRegex(done.out, rb"(?m)^\d+ passed, 0 failed, %d known to fail$" %
                         len(listed))
        done = self.expect("offset", *(each for each in listed if each != "unix-empty"))
        self.assertEqual(done.status, 1, done)
        self.assertIn(b" 1 failed", done.out)

    def test_a_request_is_a_name_as_well(self):
        done = self.expect("none", "parse 756e69783a2f2f")
        self.assertEqual(done.status, 1, done)

    def test_one_that_passes_is_named(self):
        done = self.expect("none", "unix-empty")
        self.assertEqual(done.status, 1, done)
        self.assertIn(b"unix-empty passes: take it off the list", done.out)

    def test_a_name_that_no_vector_has(self):
        done = self.expect("none", "unix-emtpy")
        self.assertEqual(done.status, 2, done)
        self.assertIn(b"unix-emtpy is neither an id nor a request", done.err)


# An adapter that gives one wrong answer among 436,779.
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

    def test_an_adapter_that_answers_with_two_lines(self):
        self.expect_broken("twice", b"parse 66643a2f2f33 is answered with 2 lines")

    def test_an_adapter_that_leaves_a_request_out(self):
        self.expect_broken("never", b"parse 66643a2f2f33 is answered with no line")

    def test_what_was_judged_before_a_break_is_shown(self):
        done = with_fault("die")
        self.assertRegex(done.out, rb"(?m)^requests +19 passed")
        self.assertRegex(done.out, rb"(?m)^named +99 passed, 0 failed")

    def test_an_adapter_that_does_not_read(self):
        done = conformance(adapter=("true",))
        self.assertEqual(done.status, 2, done)
        self.assertIn(b"ended with status 0; it was asked an empty line", done.err)

    def test_a_missing_mark(self):
        done = support.run(sys.executable, "-B", str(support.source(
            "conformance", "run.py")), "python3", "-B", "adapter.py")
        self.assertEqual(done.status, 2, done)
        self.assertIn(b"the adapter stands after --", done.err)

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
