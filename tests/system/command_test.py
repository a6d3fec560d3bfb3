#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The command line: what does the command answer, on which stream, and with which exit
status?

Promises: P24
"""
import fcntl
import itertools
import os
import re
import socket
import subprocess

import support
from support import PORTABLE, sbind

SUBCOMMANDS = ("parse", "check", "explain", "listen", "connect", "adapter",
               "help")

# The reports of addresses that are refused: the message after "sbind: ", the
# offset of the caret (its column less 2), and the hint.
REPORTS = [
    ("tcp://127.0.0.1:65536", "the port is above 65535 (port-range)", 20,
     "ports run from 0 to 65535"),
    ("tcp://127.1:80", "a host name cannot end in a number (numeric-host)", 11,
     "write an IPv4 address as four decimal numbers without leading zeros"),
    ("tcp://:80", "this is not allowed in a host (bad-host)", 6,
     "write tcp://*:8080 for every address, or an IPv6 address in brackets"),
    ("127.0.0.1:80", "this is not the beginning of an address "
     "(unknown-scheme)", 0, "a TCP socket is written tcp://HOST:PORT"),
    ("TCP://x:1", "this is not the beginning of an address (unknown-scheme)",
     0, "a TCP socket is written tcp://HOST:PORT, in lower case"),
    ("tcp://[::1%25eth0]:80", "this is not allowed in a zone (bad-zone)", 13,
     "the percent sign is not encoded: write %eth0, not %25eth0"),
    ("tcp://127.0.0.1:080", "this is not a port (bad-port)", 17,
     "a port is a decimal number from 0 to 65535 without leading zeros"),
    ("tcp://h", "the address stops too early (unexpected-end)", 7,
     "a port is needed, such as tcp://127.0.0.1:8080"),
    ("unix://", "the address stops too early (unexpected-end)", 7,
     "a path is needed, such as unix:///run/app.sock"),
    ("unix:///run/", "this is not allowed in a socket path (bad-path)", 12,
     "a path does not end in a slash"),
    ("fd://03", "this is not a descriptor (bad-fd)", 7,
     "a descriptor has no leading zeros"),
    ("fd://2147483648", "the descriptor is above 2147483647 (fd-range)", 15,
     "descriptors run from 0 to 2147483647"),
    ("fd://web ", "this is not allowed in the name of a socket (bad-fd-name)", 9,
     "a name does not end in a space"),
    ("npipe://a/b", "this is not allowed in the name of a pipe (bad-pipe-name)",
     9, "a name with slashes is written npipe:////./pipe/NAME"),
]

# An address of every kind, its canonical spelling, and its parts.
PARTS = [
    ("tcp://", "tcp://", ["scheme  tcp", "host    the program's default"]),
    ("tcp://127.0.0.1:8080", "tcp://127.0.0.1:8080",
     ["scheme  tcp", "ipv4    127.0.0.1", "port    8080"]),
    ("tcp://[FE80:0::1%eth0]:0", "tcp://[fe80::1%eth0]:0",
     ["scheme  tcp", "ipv6    fe80::1", "zone    eth0", "port    0"]),
    ("tcp://[fe80::1%2]:80", "tcp://[fe80::1%2]:80",
     ["scheme  tcp", "ipv6    fe80::1", "zone    2", "port    80"]),
    ("tcp://LocalHost.:80", "tcp://localhost.:80",
     ["scheme  tcp", "name    localhost.", "port    80"]),
    ("tcp://*:65535", "tcp://*:65535",
     ["scheme  tcp", "host    every address of this machine",
      "port    65535"]),
    ("unix:///run/a b", "unix:///run/a b",
     ["scheme  unix", "path    /run/a b"]),
    ("unix://@app", "unix://@app", ["scheme  unix", "name    app"]),
    ("fd://", "fd://", ["scheme  fd", "sockets the only one passed"]),
    ("fd://*", "fd://*", ["scheme  fd", "sockets every one passed"]),
    ("fd://3", "fd://3", ["scheme  fd", "fd      3"]),
    ("fd://web", "fd://web", ["scheme  fd", "name    web"]),
    ("\\\\Srv\\PIPE\\a\\b", "npipe:////srv/pipe/a/b",
     ["scheme  npipe", "server  srv", "name    a\\b"]),
]

# A policy, an address that it accepts, one that it refuses, and the name of
# the error.
POLICIES = [
    ("--absolute", "unix:///a", "unix://a", "relative-path"),
    ("--no-abstract", "unix:///a", "unix://@a", "abstract-not-allowed"),
    ("--loopback", "tcp://127.9.9.9:1", "tcp://128.0.0.1:1", "not-loopback"),
    ("--loopback", "tcp://[::1]:1", "tcp://[::2]:1", "not-loopback"),
    ("--loopback", "unix:///a", "tcp://localhost:1", "not-loopback"),
    ("--loopback", "fd://", "tcp://*:1", "not-loopback"),
    ("--numeric", "tcp://192.0.2.1:1", "tcp://a:1", "not-numeric"),
    ("--local-pipe", "npipe://a", "npipe:////srv/pipe/a", "remote-pipe"),
    ("--portable", "tcp://a:1", "unix://@a", "not-portable"),
    ("--portable", "unix:///" + "a" * 102, "unix:///" + "a" * 103,
     "not-portable"),
    ("--portable", "tcp://[fe80::1]:1", "tcp://[fe80::1%a]:1", "not-portable"),
    ("--portable", "tcp://", "npipe://a", "not-portable"),
    ("--portable", "tcp://*:1", "fd://3", "not-portable"),
    ("--no-wildcard", "tcp://127.0.0.1:1", "tcp://*:1", "wildcard"),
    ("--no-wildcard", "tcp://192.0.2.1:1", "tcp://0.0.0.0:1", "wildcard"),
    ("--no-wildcard", "tcp://[::1]:1", "tcp://[::]:1", "wildcard"),
    ("--no-wildcard", "unix:///a", "tcp://", "wildcard"),
    ("--no-wildcard", "fd://*", "tcp://a:1", "wildcard"),
    ("--passed-only", "fd://", "fd://3", "fd-not-passed"),
    ("--strict", "tcp://192.0.2.1:1", "tcp://0.0.0.0:1", "wildcard"),
    ("--strict", "unix:///a", "unix://a", "relative-path"),
    ("--strict", "fd://", "unix://@a", "abstract-not-allowed"),
    ("--strict", "fd://*", "tcp://a:1", "not-numeric"),
    ("--strict", "fd://web", "fd://0", "fd-not-passed"),
    ("--strict", "npipe://a", "npipe:////srv/pipe/a", "remote-pipe"),
    ("--scheme=tcp", "tcp://", "unix:///a", "scheme-not-allowed"),
    ("--scheme=unix", "unix:///a", "fd://", "scheme-not-allowed"),
    ("--scheme=fd", "fd://", "npipe://a", "scheme-not-allowed"),
    ("--scheme=npipe", "npipe://a", "tcp://", "scheme-not-allowed"),
    ("--scheme=tcp,unix", "unix:///a", "fd://", "scheme-not-allowed"),
    ("--scheme=unix,tcp", "unix:///a", "fd://", "scheme-not-allowed"),
    ("--within=/run/app", "unix:///run/app/x", "unix:///run/appx",
     "not-within"),
    ("--within=/run/app/", "unix:///run/app/a/.b", "unix:///run/app",
     "not-within"),
    ("--within=/", "unix:///proc/1/x", "unix:///a/../b", "not-within"),
    ("--within=/run", "tcp://*:1", "unix:///proc/1/cwd/x", "not-within"),
    ("--within=/run", "fd://3", "unix:///run//x", "not-within"),
    ("--within=/run", "npipe://a", "unix:///run/./x", "not-within"),
    ("--within=/run", "unix:///run/...a", "unix:///run/.. /x", "not-within"),
    ("--within=/run", "unix:///run/a b", "unix:///run/..\\x", "not-within"),
    ("--within=/run", "unix:///run/a", "unix://run/a", "not-within"),
    ("--within=/run", "unix:///run/a", "unix://@/run/a", "not-within"),
]

# Wrong command lines, and what standard error has to say about each. The text names the wrong
# option or word, so that the test notices if another mistake is reported.
USAGE = [
    ((), "^usage: sbind SUBCOMMAND"),
    (("",), "^usage: sbind SUBCOMMAND"),
    (("nope",), "there is no subcommand nope\n"),
    (("x", "--help"), "there is no subcommand x\n"),
    (("--help", "x"), "--help stands alone"),
    (("-V", "x"), "-V stands alone"),
    *(((word, *words), "-h and --help stand alone")
      for word in ("parse", "check", "explain", "listen", "connect")
      for words in (("-h", "x"), ("--help", "x"), ("--hel", "--", "x"))),
    (("adapter", "-h", "x"), "-h: no operands"),
    (("check", "--strict", "--scheme=tcp", "-h"), "stand alone"),
    (("parse", "--json", "-h"), "stand alone"),
    (("listen", "-vh"), "stand alone"),
    (("connect", "--nodelay", "--help"), "stand alone"),
    *(((word,), f"^sbind {word}: .*address")
      for word in ("parse", "check", "explain", "listen", "connect")),
    (("adapter", "x"), "x: no operands"),
    (("parse", "--nope", "fd://"), "--nope"),
    (("parse", "--json=x", "fd://"), "--json"),
    (("check", "--nope", "x"), "--nope"),
    (("check", "--scheme"), "--scheme.*argument"),
    (("explain", "--nope"), "--nope"),
    (("connect", "--nope", "x"), "--nope"),
    (("listen", "--nope", "x"), "--nope"),
    (("listen", "--backlog"), "--backlog.*argument"),
    (("listen", "-H"), "-H needs an argument"),
    (("listen", "a", "b"), "one address, or -H and -- COMMAND"),
    (("listen", "-H", "fd://3", "-H", "fd://4"),
     "several addresses need a command"),
    (("listen", "-H", "fd://3", "fd://4"), "-- comes before the command"),
    (("listen", "-H", "--", "true"), "-- comes before the command"),
    (("listen", "--"), "a command comes after --"),
    (("listen", "-H", "fd://", "--"), "a command comes after --"),
    *((("listen", *option, "fd://3"), "for a command")
      for option in (("--name", "web"), ("--user", "root"),
                     ("--no-new-privs",), ("--nonblocking",))),
    (("listen", "-H", "fd://3", "--name", "a", "--name", "b", "--", "true"),
     "one --name, or as many as -H"),
    (("listen", *("-H", "tcp://127.0.0.1:0") * 2, *("--name", "a") * 3, "--",
      "true"), "one --name, or as many as -H"),
    (("listen", *("-H", "tcp://127.0.0.1:0") * 257, "--", "true"),
     "too many addresses"),
    (("listen", "-H", "tcp://127.0.0.1:0", *("--name", "a") * 257, "--",
      "true"), "too many names"),
    (("connect", "a", "b"), "one address is needed"),
    (("connect", "-H", "a", "b"), "one address is needed"),
]

TAKES_A_SOCKET = ("-H", "tcp://127.0.0.1:0", "--", "true")
TAKES_A_FILE = ("-H", "unix:///tmp/sbind-no-such-directory/s", "--", "true")
TO_NOBODY = ("unix://@sbind-test-nobody",)
COUNTS = ["1", "2147483647"], ["", "0", "-1", "+1", "1k", " 1", "0x10", "1.0",
                               "2147483648", "4294967297"]
MODES = ["0", "777", "0000640"], ["", "8", "1000", "-1", "0o640", "6 0"]

# For each option: the subcommand, the option, the operands, valid values,
# invalid values.
VALUES = [
    (("listen",), "--mode", TAKES_A_FILE, *MODES),
    (("listen",), "--owner", TAKES_A_FILE, ["0", "root"],
     ["", "no-such-user", "-1", "4294967296"]),
    (("listen",), "--group", TAKES_A_FILE, ["0", "root"],
     ["", "no-such-group", "-1", "4294967296"]),
    (("listen",), "--name", TAKES_A_SOCKET, ["web", "w" * 255, "a b", "3a"],
     ["", "3", "03", "a:b", "*", "+a", " a", "a ", "w" * 256, "w" * 1100]),
    *((("listen",), option, TAKES_A_SOCKET, *COUNTS)
      for option in ("--backlog", "--receive-buffer", "--send-buffer")),
    *((("connect",), option, TO_NOBODY, *COUNTS)
      for option in ("--receive-buffer", "--send-buffer")),
    (("connect",), "--unix-owner", ("unix:///nowhere/s",), ["0", "root"],
     ["", "no-such-user", "-1", "4294967295", "4294967296"]),
    (("connect",), "--pipe-server", ("npipe://x",), *COUNTS),
    (("connect",), "--timeout", TO_NOBODY, ["1", "86400000"],
     ["", "0", "-1", "1e3", "86400001"]),
    (("connect",), "--attempt-delay", ("tcp://127.0.0.1:1",),
     ["10", "86400000"], ["", "0", "9", "-10", "86400001"]),
    (("check",), "--scheme", ("fd://",), ["fd", "tcp,fd", "fd,fd"],
     ["", "FD", "fd,", ",fd", "http", "tcp,,fd", "f", "tc,fd", "fds"]),
]


# The message about an invalid value of an option.
TAKES = [
    (("listen", "--mode", "9", "x"), "--mode takes octal digits, 0 to 0777"),
    (("listen", "--owner", "no-such-user", "x"),
     "--owner takes a user of this machine, or a number from 0 to 4294967294"),
    (("listen", "--group", "no-such-group", "x"),
     "--group takes a group of this machine, or a number from 0 to 4294967294"),
    (("listen", "--name", "a:b", "x"),
     "--name takes a name that fd://NAME can ask for"),
    *((("listen", option, "0", "x"), option + " takes 1 to 2147483647")
      for option in ("--backlog", "--receive-buffer", "--send-buffer")),
    (("connect", "--receive-buffer", "0", "x"),
     "--receive-buffer takes 1 to 2147483647"),
    (("connect", "--send-buffer", "0", "x"),
     "--send-buffer takes 1 to 2147483647"),
    (("connect", "--timeout", "0", "x"), "--timeout takes 1 to 86400000"),
    (("connect", "--attempt-delay", "9", "x"),
     "--attempt-delay takes 10 to 86400000"),
    (("connect", "--unix-owner", "no-such-user", "x"),
     "--unix-owner takes a user of this machine, or a number from 0 to "
     "4294967294"),
    (("connect", "--pipe-server", "0", "x"),
     "--pipe-server takes a process id"),
    (("check", "--scheme=http", "x"),
     "--scheme takes a list of tcp, unix, fd and npipe"),
    (("adapter", "x"), "x: no operands are taken"),
    (("parse",), "an address is needed"),
    (("listen",), "an address is needed: -H ADDRESS"),
    (("listen", "--name", "a", "x"),
     "--name, --user, --no-new-privs, --close-fds and --nonblocking are for a "
     "command"),
    *((("listen", *words, "-H", "unix://@x", "--", "true"), message)
      for words, message in (
          (("--primary-group", "0"),
           "--primary-group and --supplementary-groups go with --user"),
          (("--user", "no-such-user"), "--user takes a user of this machine, "
           "or a number from 0 to 4294967294"),
          (("--user", "root", "--primary-group", "no-such-group"),
           "--primary-group takes a group of this machine, or a number from 0 "
           "to 4294967294"),
          (("--user", "root", "--supplementary-groups", "no-such-group"),
           "--supplementary-groups takes groups of this machine, each a name "
           "or a number from 0 to 4294967294, separated by commas"),
          (("--user", "3999999999"), "the user database does not know "
           "3999999999: give --primary-group as well"))),
]


class Parse(support.Case):
    def test_caret_stands_under_the_octet_that_cannot_continue(self):
        done = self.expect(sbind("parse", "tcp://127.0.0.1:65536"), 1, out="")
        lines = done.err.decode().split("\n")
        self.assertEqual(lines[1], "  tcp://127.0.0.1:65536")
        self.assertEqual(lines[2].index("^"), 2 + 20)

    def test_reports_are_these_to_the_octet(self):
        for text, message, caret, hint in REPORTS:
            with self.subTest(text):
                wanted = (f"sbind: {message}\n  {text}\n  {' ' * caret}^\n"
                          f"  hint: {hint}\n")
                done = self.expect(sbind("parse", text), 1, out="")
                self.assertEqual(done.err.decode(), wanted)

    def test_octets_that_do_not_print_are_escaped_and_counted(self):
        done = self.expect(sbind("parse", b"unix:///\xff\xc3\xa4\x1b[31m"), 1)
        lines = done.err.split(b"\n")
        self.assertEqual(lines[1], rb"  unix:///\xff\xc3\xa4\x1b[31m")
        self.assertEqual(lines[2], b" " * (2 + 8 + 12) + b"^")

    def test_a_long_address_is_shown_around_the_caret(self):
        text = "unix:///" + "a" * 700 + "\x01" + "b" * 200
        done = self.expect(sbind("parse", text), 1, err=r"\(bad-path\)")
        lines = done.err.decode().split("\n")
        for line in lines:
            self.assertLessEqual(len(line), 80)
        at = lines[2].index("^")
        self.assertEqual(lines[1][at:at + 4], r"\x01")
        self.assertTrue(lines[1].startswith("  ...a"))

    def test_the_empty_and_the_longest_address(self):
        self.expect(sbind("parse", ""), 1, out="", err=r"\(unexpected-end\)")
        self.expect(sbind("parse", "unix://" + "a" * 1017), 0, err="")
        self.expect(sbind("parse", "unix://" + "a" * 1018), 1, out="",
                    err=r"\(text-too-long\)")

    def test_prints_canonical_spelling_and_parts(self):
        for text, canonical, parts in PARTS:
            with self.subTest(text):
                self.expect(sbind("parse", text), 0, err="", out="".join(
                    line + "\n" for line in
                    [canonical] + ["  " + part for part in parts]))

    def test_a_canonical_spelling_is_its_own(self):
        for _, canonical, _ in PARTS:
            with self.subTest(canonical):
                self.assertEqual(
                    sbind("parse", canonical).out.split(b"\n")[0].decode(),
                    canonical)

    def test_answers_as_the_adapter_with_json(self):
        texts = [text for text, *_ in REPORTS + PARTS]
        requests = "".join(f"parse {text.encode().hex()}\n" for text in texts)
        answers = sbind("adapter", input=requests.encode()).out
        self.expect(sbind("parse", "--json", *texts), 1, out=answers, err="")
        good = [text for text, *_ in PARTS]
        self.expect(sbind("parse", "--json", *good), 0, err="")

    def test_one_refused_address_does_not_hide_the_others(self):
        done = self.expect(sbind("parse", "fd://3", "fd://03", "fd://4"), 1)
        self.assertEqual(done.out.count(b"scheme"), 2)
        self.assertEqual(done.err.count(b"sbind: "), 1)


class Check(support.Case):
    def test_every_policy_accepts_and_refuses(self):
        for policy, good, bad, name in POLICIES:
            with self.subTest(policy=policy, bad=bad):
                self.expect(sbind("check", policy, good), 0, err="",
                            out=good + "\n")
                done = self.expect(sbind("check", policy, bad), 1, out="",
                                   err=rf"^sbind: [^\n]+ \({name}\)\n")
                self.assertNotIn(b"^", done.err)
                self.expect(sbind("check", bad), 0, out=bad + "\n", err="")

    def test_policies_add_up(self):
        both = ("check", "--numeric", "--scheme", "tcp")
        self.expect(sbind(*both, "tcp://1.2.3.4:5"), 0, err="")
        self.expect(sbind(*both, "tcp://a:5"), 1, err="not-numeric")
        self.expect(sbind(*both, "fd://"), 1, err="scheme-not-allowed")
        for words in (("--loopback", "--strict"), ("--strict", "--loopback")):
            self.expect(sbind("check", *words, "tcp://192.0.2.1:1"), 1,
                        err="not-loopback")
        for words in (("--scheme=fd", "--strict"), ("--strict",
                                                    "--scheme=fd")):
            self.expect(sbind("check", *words, "unix:///a"), 1,
                        err="scheme-not-allowed")

    def test_passed_only_asks_for_what_was_passed(self):
        def answer(*words, fds="2"):
            script = f'LISTEN_PID=$$ LISTEN_FDS={fds} exec "$@"'
            return support.run("sh", "-c", script, "sh", support.SBIND,
                               "check", *words)
        for rule in ("--passed-only", "--strict"):
            self.expect(answer(rule, "fd://3", "fd://4", "fd://*"), 0, err="",
                        out="fd://3\nfd://4\nfd://*\n")
            for bad in ("fd://0", "fd://2", "fd://5", "fd://2147483647"):
                self.expect(answer(rule, bad), 1, out="", err="fd-not-passed")
        self.expect(answer("--passed-only", "fd://3", fds="0"), 1, out="",
                    err=r"^sbind: LISTEN_FDS: .*\(bad-listen-fds\)\n  0\n")
        self.expect(answer("--numeric", "fd://5", fds="0"), 0, err="")
        bad = support.environment(LISTEN_PID="12a")
        self.expect(sbind("check", "--strict", "fd://3", env=bad), 1, out="",
                    err="bad-listen-pid")
        self.expect(sbind("check", "--strict", "fd://*", "tcp://127.0.0.1:80",
                          env=bad), 0, err="")
        self.expect(sbind("check", "--strict", "fd://03", "tcp://127.0.0.1:80",
                          env=bad), 1, out="tcp://127.0.0.1:80\n",
                    err="bad-fd\\)")
        for variables in ({"LISTEN_PID": "1"}, {}):
            self.expect(sbind("check", "--passed-only", "fd://3",
                              env=support.environment(LISTEN_FDS="1",
                                                      **variables)), 1,
                        out="", err="fd-not-passed")

    def test_of_several_operands_each_is_checked(self):
        for words, status, out in (
                (("fd://3", "unix://@a", "unix:///a"), 1,
                 "fd://3\nunix:///a\n"),
                (("unix:///a", "tcp://a:1"), 0, "unix:///a\ntcp://a:1\n"),
                (("unix://@a", "fd://03"), 1, "")):
            self.expect(sbind("check", "--no-abstract", "--", *words), status,
                        out=out)

    def test_strict_and_another_rule_hold_both(self):
        for other, text, name in (
                ("--portable", "fd://*", "not-portable"),
                ("--portable", "unix:///" + "a" * 103, "not-portable"),
                ("--loopback", "tcp://192.0.2.1:1", "not-loopback"),
                ("--within=/run", "unix:///a", "not-within"),
                ("--scheme=unix", "tcp://127.0.0.1:1", "scheme-not-allowed")):
            for words in (("--strict", other), (other, "--strict")):
                with self.subTest(words):
                    self.expect(sbind("check", *words, "--", text), 1, out="",
                                err=rf"\({name}\)")
                    self.expect(sbind("check", *words, "--", "unix://a"), 1,
                                out="")
                    self.expect(sbind("check", "--strict", "--", text), 0)

    def test_where_a_path_has_to_lie(self):
        done = self.expect(sbind("check", "--within=/run/app", "--",
                                 "unix:///run/x"), 1, out="")
        self.assertEqual(
            done.err.decode(), "sbind: only paths below a certain directory "
            "are allowed here (not-within)\n  unix:///run/x\n  hint: write an "
            "absolute path below it, without //, . or .. in it\n"
            "  the directory: /run/app\n")
        done = self.expect(sbind("check", "--within=/run", "--", "unix://@x"),
                           1, out="")
        self.assertIn("hint: an abstract name is in no directory; use a path",
                      done.err.decode())
        # no directory is shown if another rule has refused the address
        done = self.expect(sbind("check", "--within=/run", "--numeric", "--",
                                 "tcp://a:1"), 1, out="", err="not-numeric")
        self.assertNotIn(b"the directory", done.err)
        for bad in ("", "run", "./run", "/run/..", "/run/./a", "//run",
                    "/run//", "/run/\\", "/run/ /a"):
            with self.subTest(bad):
                self.expect(sbind("check", "--within=" + bad, "--",
                                  "unix:///run/x"), 2, out="", err="hint: "
                            "within is an absolute path without //, . or .. ")

    def test_what_others_write_cannot_change_the_policy(self):
        for text in ("-h", "--help", "-v", "--strict", "--scheme=unix",
                     "--within=/", "--", "--numeric"):
            with self.subTest(text):
                policy = ("check", "--strict", "--scheme=tcp",
                          "--within=/run")
                self.assertNotEqual(sbind(*policy, text).status, 0)
                self.expect(sbind(*policy, "--", text), 1, out="",
                            err="unknown-scheme")

    def test_an_option_that_is_given_twice_is_refused(self):
        for option in ("--strict", "--absolute", "--no-abstract", "--loopback",
                       "--numeric", "--local-pipe", "--portable",
                       "--no-wildcard", "--passed-only", "--scheme=tcp",
                       "--within=/run"):
            name = option.partition("=")[0]
            for again in (option, name[:7] if name == "--scheme" else option):
                self.expect(
                    sbind("check", option, again, "--", "unix:///run/a"), 2,
                    out="", err=f"^sbind check: {name} is given twice\n"
                    "Try: sbind check --help\n\\Z")

    def test_a_refusal_says_what_would_do(self):
        for text, report in (
                ("tcp://*:80",
                 "listening on every address is not allowed here (wildcard)\n"
                 "  tcp://*:80\n"
                 "  hint: write one address, such as 127.0.0.1 or [::1]\n"),
                ("tcp://a:1",
                 "listening on every address is not allowed here (wildcard)\n"
                 "  tcp://a:1\n"
                 "  hint: a host name may mean any address; write the IP "
                 "address\n"),
                ("tcp://",
                 "listening on every address is not allowed here (wildcard)\n"
                 "  tcp://\n"
                 "  hint: tcp:// may mean any address; write a host and a "
                 "port\n"),
                ("fd://3",
                 "only descriptors that a service manager passed are allowed "
                 "here (fd-not-passed)\n"
                 "  fd://3\n"
                 "  hint: LISTEN_FDS says how many were passed, from 3 on; "
                 "fd:// is the only one\n")):
            done = self.expect(sbind("check", "--no-wildcard",
                                     "--passed-only", text), 1, out="")
            self.assertEqual(done.err.decode(), "sbind: " + report)

    def test_a_text_that_is_no_address_has_a_caret(self):
        self.expect(sbind("check", "tcp://127.1:80"), 1, out="",
                    err=r"\n {13}\^\n")

    def test_bad_lists_of_schemes_are_usage(self):
        for value in ("", "TCP", "tcp,", ",tcp", "http", "tcp,,fd"):
            with self.subTest(value):
                self.expect(sbind("check", "--scheme=" + value, "fd://"), 2,
                            out="", err="--scheme takes")


class Explain(support.Case):
    def test_every_kind_is_explained(self):
        for text, canonical, _ in PARTS:
            with self.subTest(text):
                done = self.expect(sbind("explain", text), 0, err="")
                lines = done.out.decode().split("\n")
                self.assertEqual(lines[0], canonical)
                self.assertTrue(lines[1].startswith("  "))

    def test_says_which_calls_listening_makes(self):
        done = sbind("explain", "tcp://127.0.0.1:0", "tcp://[::1]:0",
                     "tcp://*:80", "tcp://localhost:1", "unix://@abc")
        for wanted in ("bind(127.0.0.1, port 0)", "IPV6_V6ONLY, 1)",
                       "IPV6_V6ONLY, 0)", 'getaddrinfo("localhost")',
                       "the 3 octets of the name"):
            self.assertIn(wanted, done.out.decode())

    def test_says_what_is_always_refused_as_listen_does(self):
        long = "a" * 256
        for text, words in (
                ("tcp://224.0.0.1:80", "TCP has no multicast"),
                ("tcp://255.255.255.255:1", "TCP has no broadcast"),
                ("tcp://[ff02::1]:1", "TCP has no multicast"),
                ("tcp://[::ffff:1.2.3.4]:80", "write it as an IPv4 address"),
                ("tcp://[fe80::1]:80", "a link-local address needs a zone"),
                ("tcp://[2001:db8::1%eth0]:80", "only link-local addresses"),
                ("unix://@" + long[:108], "at most 107 octets"),
                ("unix:///tmp/" + long, "at most 255 octets"),
                ("unix://" + long, "at most 255 octets"),
                ("fd://65536", "descriptors above 65535")):
            with self.subTest(text):
                done = self.expect(sbind("explain", text), 0, err="")
                self.assertRegex(done.out.decode(),
                                 rf"\A\S+\n  refused: .*{words}")
                self.assertNotRegex(done.out.decode(), "listen\\(|adopts")
                self.expect(sbind("listen", "-H", text, "--", "true"), 111)
        for text in ("unix://@" + long[:107], "unix:///tmp/" + long[:255],
                     "fd://65535"):
            self.assertNotIn(b"refused:", sbind("explain", text).out)

    def test_says_which_paths_many_clients_cannot_reach(self):
        words = ("\n  the path has more than 107 octets: many clients, curl and "
                 "socat among them,\n  cannot reach it, and the system knows the "
                 "socket by another name\n")
        directory = self.path("d")
        os.mkdir(directory)
        for length, is_long in ((107, False), (108, True), (200, True)):
            path = directory + "/" + "s" * (length - len(directory) - 1)
            with self.subTest(length):
                done = self.expect(sbind("explain", "unix://" + path), 0)
                self.assertEqual(words in done.out.decode(), is_long)
                for line in done.out.decode().splitlines()[1:]:
                    self.assertTrue(line.startswith("  "), line)
                    if path not in line:
                        self.assertLessEqual(len(line), 80, line)
                listen = ("listen", "-v", "-H", "unix://" + path, "--", "true")
                if PORTABLE and is_long:        # P15 is weaker
                    self.expect(sbind(*listen), 111, out="",
                                err=r"^[^\n]* \(path-too-long\)\n")
                    continue
                done = self.expect(sbind(*listen), 0, out="")
                self.assertEqual(
                    done.err.decode(), f"sbind: listening on unix://{path}\n" +
                    "  its path has more than 107 octets: many clients, curl "
                    "and socat among them, cannot reach it\n" * is_long)
        self.expect(sbind("listen", "-v", "-H", "unix://@" +
                          "n" * 107, "--", "true"), 0, err="^[^\n]*\n\\Z")

    def test_says_which_policies_refuse_it(self):
        for text, refusals in (
                ("tcp://127.0.0.1:80", []),
                ("fd://*", ["portable: not-portable"]),
                ("tcp://*:80", ["loopback: not-loopback",
                                "no-wildcard: wildcard", "strict: wildcard"]),
                ("fd://3", ["portable: not-portable",
                            "passed-only: fd-not-passed",
                            "strict: fd-not-passed"])):
            with self.subTest(text):
                lines = sbind("explain", text).out.decode().splitlines()
                wanted = [f"  policy --{r.replace(': ', ' refuses it: ')}"
                          for r in refusals] or ["  no policy refuses it"]
                self.assertEqual([line for line in lines if "polic" in line],
                                 wanted)
                for r in refusals:
                    rule, name = r.split(": ")
                    self.expect(sbind("check", "--" + rule, text), 1,
                                err=rf"\({name}\)")

    def test_says_where_a_path_has_to_lie(self):
        for text, *wanted in (
                ("unix:///run/app/x", "policy --within=DIR accepts it when DIR "
                 "is /run/app or above", "no policy refuses it"),
                ("unix:///x", "policy --within=DIR accepts it when DIR is / or "
                 "above", "no policy refuses it"),
                ("unix://a/b", "policy --absolute refuses it: relative-path",
                 "policy --strict refuses it: relative-path",
                 "policy --within=DIR refuses it, whatever DIR is: not-within"),
                ("unix:///a/../b",
                 "policy --within=DIR refuses it, whatever DIR is: not-within"),
                ("unix://@a",
                 "policy --no-abstract refuses it: abstract-not-allowed",
                 "policy --portable refuses it: not-portable",
                 "policy --strict refuses it: abstract-not-allowed",
                 "policy --within=DIR refuses it, whatever DIR is: "
                 "not-within")):
            with self.subTest(text):
                lines = sbind("explain", text).out.decode().splitlines()
                self.assertEqual(
                    [line for line in lines if "polic" in line],
                    ["  " + line for line in wanted])

    def test_does_none_of_it(self):
        path = self.path("not-made")
        lines = support.trace(
            "%network", support.SBIND, "explain", "unix://" + path,
            "tcp://127.0.0.1:0", "tcp://localhost:80", "unix://@x", "fd://*",
            directory=self.directory)
        self.assertEqual(lines, [])
        self.assertFalse(os.path.exists(path))

    def test_exits_as_the_others(self):
        self.expect(sbind("explain", "fd://03"), 1, out="", err="bad-fd")
        self.expect(sbind("explain", "fd://03", "fd://3"), 1)
        self.expect(sbind("explain"), 2, out="")
        self.expect(sbind("explain", "--nope"), 2, out="")


class Operands(support.Case):
    def test_each_operand_is_answered_by_itself(self):
        """Each operand gets the answer that it would get alone. The answers come in the order of
        the operands."""
        texts = ("fd://3", "fd://03", "unix:///a", "tcp://a:1", "x", "npipe://p")
        for words in (("parse",), ("parse", "--json"), ("check",),
                      ("check", "--numeric"), ("explain",)):
            alone = {text: sbind(*words, text) for text in texts}
            for chosen in (*itertools.permutations(texts, 2), texts):
                with self.subTest(words, chosen=chosen):
                    done = sbind(*words, *chosen)
                    parts = [alone[text] for text in chosen]
                    self.assertEqual(done.out, b"".join(p.out for p in parts))
                    self.assertEqual(done.err, b"".join(p.err for p in parts))
                    self.assertEqual(done.status, max(p.status for p in parts))
            self.assertEqual({p.status for p in alone.values()}, {0, 1})

    def test_more_than_one_of_connect_is_wrong(self):
        with_host = support.environment(HOST="fd://3")
        for words in (("fd://3", "fd://4"), ("-H", "fd://3", "fd://4"),
                      ("-H", "fd://3", "--", "fd://4")):
            self.expect(sbind("connect", *words, env=with_host), 2, out="",
                        err="one address")


class ExitStatus(support.Case):
    def test_0_is_done(self):
        self.expect(sbind("parse", "fd://3"), 0, err="")
        self.expect(sbind("adapter"), 0, out="", err="")

    def test_1_is_a_refused_address_or_environment(self):
        for words in (("parse", "x"), ("check", "x"), ("explain", "x"),
                      ("listen", "x"), ("connect", "x"),
                      ("listen", "-H", "x", "--", "true")):
            with self.subTest(words):
                self.expect(sbind(*words), 1, out="", err="unknown-scheme")
        bad = support.environment(LISTEN_PID="0x1", LISTEN_FDS="1")
        self.expect(sbind("listen", "fd://", env=bad), 1, out="",
                    err=r"LISTEN_PID: .*bad-listen-pid\)\n  0x1\n")
        self.expect(sbind("connect", "fd://*"), 1, out="", err=r"\(several\)")
        # a wrong environment does not matter if no address asks for a passed
        # socket
        self.expect(sbind("explain", "fd://3", env=bad), 0, err="")
        self.expect(sbind("listen", "-H", "tcp://127.0.0.1:0", "--", "true",
                          env=bad), 0, out="", err="")

    def test_2_is_usage(self):
        for words, reason in USAGE:
            with self.subTest(words):
                done = self.expect(sbind(*words), 2, out="", err=reason)
                if words[:1] and words[0] in SUBCOMMANDS:
                    self.assertRegex(done.err.decode(), "^sbind( |:)")
        for subcommand in SUBCOMMANDS:
            self.expect(sbind(subcommand, "--nope"), 2, out="", err=(
                f"^sbind {subcommand}: .*--nope.*\n"
                f"Try: sbind {subcommand} --help\n\\Z"))

    def test_each_value_of_an_option_is_read_to_its_edges(self):
        """Runs a command line with one value that may be wrong."""
        for before, option, after, good, bad in VALUES:
            for value in good + bad:
                with self.subTest(before[0], option=option, value=value[:40]):
                    done = sbind(*before, option, value, *after)
                    self.assertEqual(done.status == 2, value in bad, done)
                    if value in bad:
                        self.assertRegex(done.err.decode(),
                                         rf"^sbind {before[0]}: {option} takes")

    def test_1_is_an_environment_that_is_malformed(self):
        """Wherever it is asked."""
        for variables, status in (
                ("LISTEN_PID=x LISTEN_FDS=1", "bad-listen-pid"),
                ("LISTEN_PID=$$ LISTEN_FDS=01", "bad-listen-fds"),
                ("LISTEN_PID=$$ LISTEN_FDS=99999999", "too-many-fds"),
                ("LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES='\t'",
                 "bad-listen-fdnames"),
                ("LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=a:b",
                 "fdnames-count")):
            for words in (("listen", "fd://"), ("listen", "fd://web"),
                          ("listen", "-H", "fd://*", "--", "true"),
                          ("connect", "fd://"), ("connect", "fd://web"),
                          ("check", "--strict", "fd://3"),
                          ("check", "--passed-only", "fd://3")):
                with self.subTest(words, status=status):
                    self.expect(support.run(
                        "sh", "-c", variables + ' exec "$@"', "sh",
                        support.SBIND, *words), 1, out="",
                        err=rf"^sbind: LISTEN_\w+: .*\({status}\)\n")

    def test_2_is_an_option_that_the_library_refuses(self):
        for words, status in (
                (("--device", ""), "bad-option"),
                (("--device", "n" * 16), "bad-option"),
                (("--pipe-sddl", "D:P"), "option-not-applicable")):
            self.expect(sbind("listen", *words, "tcp://127.0.0.1:0"), 2, out="",
                        err=rf"\({status}\)")
        for words, status in (
                (("--device", ""), "bad-option"),
                (("--device", "n" * 16), "bad-option"),
                (("--pipe-anonymous",), "option-not-applicable")):
            self.expect(sbind("connect", *words, "tcp://127.0.0.1:1"), 2,
                        out="", err=rf"\({status}\)")

    def test_111_is_what_was_passed(self):
        support.requires("bash")     # which knows descriptors above 9
        with socket.socket() as s, socket.socket(type=socket.SOCK_DGRAM) as d:
            s.bind(("127.0.0.1", 0))
            s.listen()
            # not 3 and 4, because the shell uses those
            tcp, udp = (fcntl.fcntl(x.fileno(), fcntl.F_DUPFD_CLOEXEC, 5)
                        for x in (s, d))
            self.addCleanup(os.close, tcp)
            self.addCleanup(os.close, udp)
            for variables, words, status in (
                    ("", ("listen", "fd://"), "not-activated"),
                    ("LISTEN_PID=1 LISTEN_FDS=1", ("listen", "fd://"),
                     "not-activated"),
                    ("LISTEN_PID=$$ LISTEN_FDS=2", ("listen", "fd://"),
                     "not-one-fd"),
                    ("LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=a:b",
                     ("listen", "fd://c"), "no-such-fd-name"),
                    ("LISTEN_PID=$$ LISTEN_FDS=2", ("connect", "fd://"),
                     "fd-not-connected"),
                    ("", ("listen", f"fd://{udp}"), "fd-not-stream"),
                    ("", ("listen", "fd://65536"), "fd-too-high"),
                    ("", ("listen", "-H", f"fd://{tcp}", "-H", f"fd://{tcp}",
                          "--", "true"), "fd-taken")):
                with self.subTest(variables, words=words):
                    self.expect(support.run(
                        "bash", "-c", f"exec 3<&{tcp} 4<&{tcp}; {variables} "
                        'exec "$@"', "bash", support.SBIND, *words,
                        pass_fds=(tcp, udp)), 111, out="",
                        err=rf"\({status}\)")

    def test_111_is_a_family_that_the_kernel_lacks(self):
        for words in (("listen", "tcp://127.0.0.1:0"),
                      ("listen", "tcp://[::1]:0"), ("listen", "unix://@x"),
                      ("connect", "tcp://127.0.0.1:1"),
                      ("connect", "unix://@x")):
            with self.subTest(words):
                self.expect(support.run(*support.injecting(
                    "socket:error=EAFNOSUPPORT", support.SBIND, *words),
                    env=support.environment(asan="detect_leaks=0")), 111,
                    out="", err=r"\(unsupported\).*; socket: EAFNOSUPPORT\n")

    def test_111_is_more_addresses_than_there_is_room_for(self):
        within = self.with_hosts(
            many=[f"127.0.{n // 250}.{n % 250 + 1}" for n in range(257)],
            ten=[f"127.0.0.{n}" for n in range(1, 11)])
        cases = ((0, "many"), (247, "ten"), (250, "ten"))
        # musl uses the first 48 addresses of a name, and ignores the others
        for alone, name in cases[support.MUSL:]:
            self.expect(support.run(
                *within, support.SBIND, "listen",
                *("-H", "tcp://127.0.0.1:0") * alone, "-H", f"tcp://{name}:0",
                "--", "true"), 111, out="", err=r"\(too-many-listeners\)\n"
                rf"  tcp://{name}:0\n")
        self.expect(support.run(
            *within, support.SBIND, "listen",
            *("-H", "tcp://127.0.0.1:0") * 246, "-H", "tcp://ten:0", "--",
            "true"), 0, err="")
    def test_what_an_option_takes_is_said(self):
        for words, message in TAKES:
            with self.subTest(words):
                done = self.expect(sbind(*words), 2, out="")
                self.assertEqual(
                    done.err.decode(), f"sbind {words[0]}: {message}\n"
                    f"Try: sbind {words[0]} --help\n")

    def test_a_mistake_in_an_option_is_named(self):
        for words, message in (
                (("listen", "--nope=1", "x"), "there is no option --nope"),
                (("listen", "-Q"), "there is no option -Q"),
                (("listen", "-vQ"), "there is no option -Q"),
                (("listen", "-Qv"), "there is no option -Q"),
                (("listen", "--name", "a", "-Qv"), "there is no option -Q"),
                (("listen", "--verbose=1"), "--verbose takes no argument"),
                (("check", "--strict=1", "x"), "--strict takes no argument"),
                (("check", "--strict", "--sch"), "--sch needs an argument"),
                (("listen", "--host"), "--host needs an argument"),
                (("listen", "-H"), "-H needs an argument"),
                (("listen", "-vH"), "-vH needs an argument"),
                (("listen", "--re"), "--re may be several options: write all "
                 "of its name"),
                (("listen", "--re=x"), "--re may be several options: write "
                 "all of its name"),
                (("connect", "-h", "x"), "-h and --help stand alone"),
                (("connect", "--timeout", "5", "--help"),
                 "-h and --help stand alone")):
            with self.subTest(words):
                done = self.expect(sbind(*words), 2, out="")
                self.assertEqual(
                    done.err.decode(), f"sbind {words[0]}: {message}\n"
                    f"Try: sbind {words[0]} --help\n")
        for words, message in (
                (("nope",), "there is no subcommand nope"),
                (("--nope",), "there is no option --nope"),
                (("--version", "x"), "--version stands alone"),
                (("-h", "x"), "-h stands alone")):
            with self.subTest(words):
                done = self.expect(sbind(*words), 2, out="")
                self.assertEqual(done.err.decode(), f"sbind: {message}\n"
                                 "Try: sbind --help\n")

    def test_options_may_be_written_in_several_ways(self):
        """Options are read as GNU's getopt_long reads them. No process listens on any of the
        addresses. So there is an error, and its port shows which argument was taken for the
        address."""
        refused = "tcp://224.0.0.1:1"
        for words in (("-H", refused), ("-H" + refused,), ("--host", refused),
                      ("--host=" + refused,), ("--ho", refused),
                      ("--keepalive", "--keepalive-c=3", refused),
                      ("--keepalive-idle", "60", "--", refused),
                      ("--timeout=5", "--numer", "-H" + refused)):
            with self.subTest(words):
                self.expect(sbind("connect", *words), 111, out="",
                            err="unusable-address")
        for words in (("-vH" + refused, "--", "true"),
                      ("-vH", refused, "--", "true"),
                      ("-v", "-v", refused), ("-vv", refused)):
            with self.subTest(words):
                self.expect(sbind("listen", *words), 111, out="",
                            err="unusable-address")
        self.expect(sbind("parse", "-"), 1, out="", err="unknown-scheme")
        self.expect(sbind("parse", "--", "--json"), 1, out="",
                    err="unknown-scheme")
        self.expect(sbind("listen", "-H", "--", "--", "true"), 1, out="",
                    err="unknown-scheme")
        self.expect(sbind("listen", "-H", "--", "true"), 2, out="",
                    err="-- comes before the command")

    def test_111_is_the_system(self):
        taken = self.write("file", "x")
        for words, wanted in (
                (("listen", "unix://" + taken), "path-occupied"),
                (("listen", "unix://" + self.path("no/such")), "open: ENOENT"),
                (("connect", "unix://" + self.path("nobody")),
                 "connect: ENOENT"),
                (("connect", "tcp://127.0.0.1:0"), "unusable-address"),
                (("listen", "tcp://"), "no-default"),
                (("listen", "tcp://224.0.0.1:0"), "unusable-address"),
                (("listen", "tcp://[fe80::1]:0"), "unusable-address"),
                (("listen", "tcp://[fe80::1%no-such]:0"), "no-such-zone"),
                (("listen", "tcp://192.0.2.1:0"), "EADDRNOTAVAIL"),
                (("listen", "fd://"), "not-activated"),
                (("listen", "fd://900"), "fd-closed"),
                (("listen", "fd://0"), "fd-not-socket"),
                (("listen", "npipe://a"), "unsupported"),
                (("listen", "unix://@" + "a" * 108), "path-too-long"),
                (("listen", "tcp://no-such-host.invalid:0"), "not-resolved")):
            with self.subTest(words):
                self.expect(sbind(*words), 111, out="", err=wanted)

    def test_111_when_the_results_cannot_be_written(self):
        for words in (("parse", "fd://3"), ("parse", "--json", "x"),
                      ("check", "fd://3"), ("explain", "fd://3"), ("--help",),
                      ("--version",), *((s, "--help") for s in SUBCOMMANDS)):
            with self.subTest(words), open("/dev/full", "wb") as full:
                p = subprocess.run((support.SBIND, *words), stdout=full,
                                   stderr=subprocess.PIPE,
                                   env=support.environment(),
                                   timeout=support.WAIT)
                self.assertEqual(p.returncode, 111)
                self.assertIn(b"standard output: No space left", p.stderr)
        with open("/dev/full", "wb") as full:
            p = subprocess.run((support.SBIND, "adapter"), stdout=full,
                               stderr=subprocess.PIPE, input=b"parse -\n",
                               env=support.environment(), timeout=support.WAIT)
            self.assertEqual(p.returncode, 111)


    def test_111_when_a_standard_descriptor_is_missing(self):
        support.requires("strace")
        for subcommand in ("listen", "connect"):
            done = support.run(
                "strace", "-f", "--quiet=path-resolution,exit,attach", "-o",
                "/dev/null", "-P", "/dev/null", "-e",
                "inject=open,openat:error=ENOENT", "sh", "-c",
                'exec "$0" "$1" tcp://127.0.0.1:1 <&-', support.SBIND,
                subcommand, env=support.environment(asan="detect_leaks=0"))
            self.expect(done, 111, out="", err="")

    def test_111_when_standard_input_cannot_be_read(self):
        directory = os.open(self.directory, os.O_RDONLY)
        self.addCleanup(os.close, directory)
        p = subprocess.run((support.SBIND, "adapter"), stdin=directory,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           env=support.environment(), timeout=support.WAIT)
        self.assertEqual(p.returncode, 111)


class Words(support.Case):
    def test_help_is_a_result(self):
        for words in (("--help",), ("-h",), *((s, o) for s in SUBCOMMANDS
                                              for o in ("--help", "-h"))):
            with self.subTest(words):
                done = self.expect(sbind(*words), 0, err="")
                self.assertTrue(done.out.startswith(b"usage: sbind "))

    def test_help_names_every_subcommand(self):
        text = sbind("--help").out.decode()
        for subcommand in SUBCOMMANDS:
            self.assertIn(f"\n  sbind {subcommand} ", text)

    def test_help_fits_80_columns(self):
        for words in (("--help",), *((s, "--help") for s in SUBCOMMANDS)):
            for line in sbind(*words).out.decode().split("\n"):
                self.assertLessEqual(len(line), 80, line)

    def test_help_stands_in_groups_and_one_column(self):
        for subcommand, titles in (
                ("listen", ["a process for each client (Linux):",
                            "for COMMAND (Linux):",
                            "which addresses are refused, as by sbind check:",
                            "for fd://:", "for unix paths:",
                            "for unix sockets:", "for TCP:",
                            "for pipes of Windows:"]),
                ("connect", ["which addresses are refused, as by sbind check:",
                             "for TCP:", "for fd://:", "for unix sockets:",
                             "for pipes of Windows:"]),
                ("check", ["policies:"]), ("parse", []), ("explain", [])):
            lines = sbind(subcommand, "--help").out.decode().split("\n")[1:]
            self.assertEqual([line for line in lines if line and line[0] != " "],
                             titles)
            columns = {len(re.match(r"  (-\w, )?--\S+( [A-Z,.]+)? *", line)[0])
                       for line in lines if re.match("  (-., )?--", line)
                       and re.search(r"  +[^ -]", line[2:])}
            columns |= {len(line) - len(line.lstrip()) for line in lines
                        if line.startswith("        ") and "usage" not in line}
            self.assertLessEqual(len(columns), 1, (subcommand, columns))
            self.assertFalse([line for line in lines if line.endswith(" ")])

    def test_version(self):
        for word in ("--version", "-V"):
            done = self.expect(sbind(word), 0, err="")
            self.assertRegex(done.out, rb"\Asbind \d+\.\d+\.\d+\n\Z")

    def test_two_dashes_end_the_options(self):
        for subcommand in ("parse", "check", "explain"):
            with self.subTest(subcommand):
                self.expect(sbind(subcommand, "--", "fd://3"), 0, err="")
                self.expect(sbind(subcommand, "--", "--help"), 1, out="",
                            err="unknown-scheme")
                self.expect(sbind(subcommand, "--"), 2, out="")
        self.expect(sbind("connect", "--", "--help"), 1, out="",
                    err="unknown-scheme")
        done = self.expect(sbind("listen", "-H", "unix://@" +
                                 support.abstract_name(self), "--", "printf",
                                 "%s|", "--", "-H", "x"), 0, err="")
        self.assertEqual(done.out, b"--|-H|x|")

    def test_options_after_an_operand_are_operands(self):
        self.expect(sbind("parse", "fd://3", "--json"), 1,
                    err="unknown-scheme")

    def test_host_is_the_default_of_h(self):
        name = support.abstract_name(self)
        with_host = support.environment(HOST="unix://@" + name)
        done = self.expect(sbind("listen", "-v", "--", "true", env=with_host), 0)
        self.assertEqual(done.err.decode(),
                         f"sbind: listening on unix://@{name}\n")
        done = self.expect(sbind("listen", "-v", "-H", f"unix://@{name}-2", "--",
                                 "true", env=with_host), 0)
        self.assertEqual(done.err.decode(),
                         f"sbind: listening on unix://@{name}-2\n")
        self.expect(sbind("connect", env=with_host), 111,
                    err="connect: ECONNREFUSED")
        from_host = "\n  this is the value of the environment variable HOST\n"
        done = self.expect(sbind("listen", "--", "true", env=support.environment(
            HOST="hostname.example")), 1, out="")
        self.assertEqual(
            done.err.decode(), "sbind: this is not the beginning of an address "
            "(unknown-scheme)\n  hostname.example\n  ^\n  hint: an address "
            "begins with tcp://, unix://, fd://, npipe:// or \\\\" + from_host +
            "  which tcsh sets to the name of the machine; use -H\n")
        for words in (("listen", "--", "true"), ("connect",)):
            for host, name in (("", "unexpected-end"), ("fd://-", "bad-fd"),
                               ("tcp://h:99999", "port-range")):
                self.expect(sbind(*words, env=support.environment(HOST=host)),
                            1, err=rf"\({name}\)(.|\n)*{from_host}\Z")
        for env in (with_host, support.environment(HOST="x")):
            done = self.expect(sbind("connect", "x", env=env), 1)
            self.assertNotIn(from_host, done.err.decode())

    def test_results_and_diagnostics_do_not_mix(self):
        done = self.expect(sbind("parse", "fd://3", "x", "fd://4"), 1)
        self.assertNotIn(b"sbind:", done.out)
        self.assertNotIn(b"  scheme", done.err)
        done = self.expect(sbind("check", "--loopback", "tcp://*:1",
                                 "tcp://127.0.0.1:1"), 1)
        self.assertEqual(done.out, b"tcp://127.0.0.1:1\n")
        done = sbind("listen", "-v", "-H", "tcp://127.0.0.1:0", "--", "true")
        self.assertEqual(done.out, b"")
        self.assertIn(b"listening on", done.err)
        self.expect(sbind("listen", "-H", "tcp://127.0.0.1:0",
                          "--", "true"), 0, out="", err="")

    def test_the_same_in_every_locale(self):
        texts = [b"tcp://LOCALHOST:80", b"tcp://I\xc4\xb1.example:80",
                 b"tcp://TITLE:1", b"tcp://\xc4\xb0:1", b"fd://\xe9",
                 b"unix:///r\xc3\xa9sum\xc3\xa9", b"unix:///\xff\xfe\x80",
                 b"unix://@\xc4\xb1", b"npipe://\xc3\xa9", b"npipe://\xe9",
                 b"npipe://\xf0\x9f\x98\x80", b"\\\\SRVI\\PIPE\\x",
                 b"unix:///a\x1bb", b"tcp://127.0.0.1:65536", b"\xc3\xa9",
                 b"tcp://1,5:1", b"tcp://[FE80::I]:1"]
        installed = support.run("locale", "-a").out.decode().split()
        names = {"C", "POSIX", "C.UTF-8", "tr_TR.UTF-8", "de_DE.ISO-8859-1",
                 "no_SUCH", *installed[:6]}
        for words in (("parse",), ("parse", "--json"), ("check", "--numeric"),
                      ("explain",)):
            answers = set()
            for name in sorted(names):
                done = sbind(*words, *texts, env=support.environment(
                    LC_ALL=name, LANG=name, LANGUAGE="tr"))
                answers.add((done.status, done.out, done.err))
            self.assertEqual(len(answers), 1, words)
            self.assertEqual(answers.pop()[0], 1)


if __name__ == "__main__":
    support.main()
