#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Does sbind help show what sbind help --json says? Does each subcommand have exactly the options
in that table, and does docs/sbind.1 explain exactly these? Does a mistyped word get the right
suggestion?

Promises: P42
"""
import json
import re

import support
from support import sbind

MANUAL = support.source("docs", "sbind.1")


def table():
    """The options of each subcommand by sbind help --json: {subcommand: {option:
    (letter, argument)}}."""
    return {s["name"]: {o["name"]: (o["letter"], o["argument"])
                        for o in s["options"]}
            for s in json.loads(sbind("help", "--json").out)["subcommands"]}


def item(line):
    """The options in an item of a list in the manual, such as ".It Fl H , Fl -host Ar
    address"."""
    letter, found = None, {}
    for option in re.split(r"Fl ", line)[1:]:
        name, *words = [w for w in option.split() if w not in ("Ns", "=", "Ar")]
        argument = "".join(words).rstrip(",").upper() or None
        if name.startswith("-"):
            found[name[1:]] = (letter, argument)
        letter = None if name.startswith("-") else name
    return found


def in_manual(page):
    """The options of each subcommand by the manual, where it explains them."""
    found = {}
    for section in re.split(r"^\.S[sh] ", page, flags=re.MULTILINE):
        match = re.match(r"sbind (\w+)\n", section)
        if match:
            found[match[1]] = {}
            for line in re.findall(r"^\.It (.*Fl .*)", section, re.MULTILINE):
                found[match[1]].update(item(line))
    return found


class Help(support.Case):
    def test_is_that_of_the_subcommand(self):
        for words, same in (
                (("help",), ("--help",)),
                *((("help", s), (s, "--help")) for s in table())):
            with self.subTest(words):
                self.assertEqual(self.expect(sbind(*words), 0, err="").out,
                                 sbind(*same).out)

    def test_refuses_what_is_no_subcommand(self):
        for words, message in (
                (("help", "x"), "sbind: there is no subcommand x\n"
                 "Try: sbind --help\n"),
                (("help", "parse", "x"), "sbind help: one subcommand, or --json "
                 "alone\nTry: sbind help --help\n"),
                (("help", "--json", "x"), "sbind help: one subcommand, or --json "
                 "alone\nTry: sbind help --help\n")):
            with self.subTest(words):
                done = self.expect(sbind(*words), 2, out="")
                self.assertEqual(done.err.decode(), message)

    def test_111_when_it_cannot_be_written(self):
        for words in (("help",), ("help", "parse"), ("help", "--json")):
            self.expect(support.run("sh", "-c", 'exec "$@" >/dev/full', "sh",
                                    support.SBIND, *words), 111,
                        err="standard output: No space left")


class Table(support.Case):
    def test_is_one_line_that_prints(self):
        self.assertRegex(self.expect(sbind("help", "--json"), 0, err="").out,
                         rb"\A[\x20-\x7e]+\n\Z")

    def test_help_shows_each_row_in_its_group(self):
        whole = json.loads(sbind("help", "--json").out)
        self.assertEqual(f"sbind {whole['version']}\n",
                         sbind("--version").out.decode())
        for s in whole["subcommands"]:
            shown = " ".join(sbind(s["name"], "--help").out.decode().split())
            at = 0
            self.assertTrue(s["usages"])
            for usage in s["usages"]:
                self.assertIn(f"sbind {s['name']} {usage['operands']}".strip(),
                              shown)
                self.assertIn(usage["purpose"],
                              " ".join(sbind("help").out.decode().split()))
            for o in s["options"]:
                title = "" if o["group"] is None else o["group"] + ":"
                words = ("" if o["letter"] is None else f"-{o['letter']}, ",
                         "--" + o["name"],
                         "" if o["argument"] is None else " " + o["argument"])
                row = "".join(words) + " " + " ".join(o["help"].split())
                with self.subTest(s["name"], option=o["name"]):
                    self.assertIn(title, shown[:shown.index(row)])
                    self.assertLess(at, shown.index(row))
                    at = shown.index(row)

    def test_each_subcommand_takes_its_options(self):
        self.assertGreater(len(table()["listen"]), 35)
        for subcommand, options in table().items():
            for name, (letter, argument) in options.items():
                self.assertLessEqual(len(name), 31) # NEAREST_MAX
                for word in ["--" + name] + ["-" + letter for _ in letter or ""]:
                    said = sbind(subcommand, word, input=b"").err.decode()
                    with self.subTest(subcommand, option=word):
                        self.assertNotIn("no option", said)
                        self.assertEqual(f"{word} needs an argument" in said,
                                         argument is not None)

    def test_the_manual_has_these_and_no_others(self):
        with open(MANUAL, encoding="utf-8") as f:
            page = f.read()
        wanted = table()
        self.assertEqual(in_manual(page), wanted)
        for old, new in (
                (".It Fl -backlog Ar n\n", ".It Fl -backlog\n"),
                (".It Fl -backlog Ar n\n", ".It Fl -backlog Ar m\n"),
                (".It Fl -reuse-port\n", ".It Fl -reuse-port , Fl -x\n"),
                (".It Fl v , Fl -verbose\n", ".It Fl -verbose\n"),
                (".It Fl -replace\n", ".It Ar replace\n"),
                (".Ss sbind connect\n", "")):
            with self.subTest(new):
                self.assertIn(old, page)
                self.assertNotEqual(in_manual(page.replace(old, new)), wanted)


class Mistyped(support.Case):
    def check(self, words, self_, message):
        with self.subTest(words):
            done = self.expect(sbind(*words), 2, out="")
            self.assertEqual(done.err.decode(),
                             f"{self_}: {message}\nTry: {self_} --help\n")

    def test_a_subcommand(self):
        for word, meant in (("lisen", "listen"), ("litsen", "listen"),
                            ("listenn", "listen"), ("lixten", "listen"),
                            ("conect", "connect"), ("conncet", "connect"),
                            ("chekc", "check"), ("hepl", "help"),
                            ("exlain", "explain"), ("Parse", "parse"),
                            ("oncnetc", None), ("adaptive", None),
                            ("x", None), ("run", None), ("server", None),
                            ("l" * 40, None)):
            what = f"; did you mean {meant}?" if meant else ""
            for words in ((word,), ("help", word)):
                self.check(words, "sbind", f"there is no subcommand {word}{what}")

    def test_an_option(self):
        for words, meant in (
                (("listen", "--verbsoe"), "verbose"),
                (("listen", "--bakclog=3"), "backlog"),
                (("listen", "--ower", "x"), "owner"),
                (("connect", "--time-out", "5"), "timeout"),
                (("check", "--no-absract", "x"), "no-abstract"),
                (("parse", "--jsno", "x"), "json"),
                (("parse", "--xml", "x"), None),
                (("connect", "--retries", "5"), None),
                (("listen", "--fork"), None)):
            word = words[1].partition("=")[0]
            what = f"; did you mean --{meant}?" if meant else ""
            self.check(words, f"sbind {words[0]}",
                       f"there is no option {word}{what}")
        self.check(("--verison",), "sbind",
                   "there is no option --verison; did you mean --version?")
        self.check(("--hlep",), "sbind",
                   "there is no option --hlep; did you mean --help?")

    def test_a_scheme(self):
        for value, meant in (("tpc", "tcp"), ("unx", "unix"), ("tcp,npip", "npipe"),
                             ("fdd", "fd"), ("http", None), ("f", None),
                             ("pipe,tpc", "npipe"), ("", None)):
            what = f"; did you mean {meant}?" if meant else ""
            self.check(("check", "--scheme=" + value, "x"), "sbind check",
                       f"--scheme takes a list of tcp, unix, fd and npipe{what}")

    def test_no_octet_of_the_word_is_shown_as_it_is(self):
        for word in (b"list\x1ben", b"li\xffsten"):
            for words in ((word,), (b"listen", b"--verb\x9bose")):
                done = self.expect(sbind(*words), 2, out="", err="did you mean")
                self.assertRegex(done.err, rb"\A[\x20-\x7e\n]*\Z")


if __name__ == "__main__":
    support.main()
