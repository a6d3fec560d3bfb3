#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Can a text from outside reach a terminal or a log unchanged? Such texts may have
escape sequences, C1 controls in UTF-8, characters that reverse the direction of
writing, or ends of lines. The test tries every place where the command prints such
texts.

Promises: P42
"""
import os
import random
import re
import socket

import support
from support import SBIND, sbind

PRINTABLE = re.compile(rb"\A[\x20-\x7e\n]*\Z")
FORGED = b"sbind: forged"
HOSTILE = (
    b"\x1b[31m", b"\x9b31m", b"\xc2\x9b31m", "\u202e".encode(),
    "\u2066".encode(), "\u200b".encode(), "\ufeff".encode(),
    "\u00e9".encode(), b"\xff", b"\xc2", b"\x7f", b"\r", b"\x08", b"\x07",
    b"\t", b"\n" + FORGED, b"a\n" + FORGED, b"%s%n", b"\xe2\x80\xae%x",
)
SUBCOMMANDS = (b"parse", b"check", b"explain", b"listen", b"connect",
               b"adapter")
ADDRESSES = (b"%s", b"unix:///tmp/%s", b"unix:///tmp/%s/", b"unix://@%s",
             b"unix://%s", b"fd://%s", b"npipe://%s", b"npipe:////%s/pipe/x",
             b"\\\\.\\pipe\\%s", b"tcp://%s", b"tcp://%s:80", b"tcp://[::1%%%s]:1",
             b"tcp://127.0.0.1:%s", b"unix:%s", b"udp:%s")


def filled(pattern, text):
    return pattern.replace(b"%s", text).replace(b"%%", b"%")


class Terminal(support.Case):
    def shows_safely(self, *words, **more):
        done = support.run(SBIND, *words, cwd=self.directory, **more)
        for name, text in (("out", done.out), ("err", done.err)):
            self.assertRegex(text, PRINTABLE, (name, words))
            self.assertNotRegex(text, rb"(?m)^" + FORGED, (name, words))
        return done

    def each(self, *patterns, **more):
        for text in HOSTILE:
            words = [filled(p, text) for p in patterns]
            self.shows_safely(*words, **more)

    def test_addresses(self):
        for subcommand in (b"parse", b"check", b"explain"):
            self.each(subcommand, b"--", *ADDRESSES)
        self.each(b"check", b"--strict", b"--portable", b"--within=/tmp/%s",
                  b"--", *ADDRESSES)
        for address in ADDRESSES:
            self.each(b"connect", b"--timeout", b"50", b"--", address)

    def test_addresses_that_are_listened_on(self):
        os.mkdir(os.path.join(self.directory.encode(), b"d"))
        directory = os.path.join(self.directory.encode(), b"d")
        for address in (b"unix://" + directory + b"/%s", b"unix://@%s",
                        b"npipe://%s", b"fd://%s", b"unix:///no/such/%s"):
            self.each(b"listen", b"-v", b"-H", address, b"--", b"true")

    def test_json_is_hexadecimal(self):
        self.each(b"parse", b"--json", b"--", *ADDRESSES)

    def test_options_and_subcommands(self):
        self.each(b"%s")
        self.each(b"-%s")
        self.each(b"--%s")
        for subcommand in SUBCOMMANDS:
            for word in (b"--%s", b"-%s", b"-v%s", b"--help=%s", b"--he%s",
                         b"--verbose=%s", b"--%s=x", b"--name=%s", b"--n%s"):
                self.each(subcommand, word)
            self.each(subcommand, b"--%s", b"x")

    def test_values_of_options(self):
        for option in (b"mode", b"owner", b"group", b"user", b"primary-group",
                       b"supplementary-groups", b"backlog", b"device",
                       b"receive-buffer", b"name", b"pipe-sddl"):
            self.each(b"listen", b"--" + option, b"%s", b"-H",
                      b"tcp://127.0.0.1:0", b"--", b"true")
        for option in (b"timeout", b"attempt-delay", b"device", b"pipe-owner",
                       b"unix-owner"):
            self.each(b"connect", b"--" + option, b"%s", b"tcp://127.0.0.1:1")
        for option in (b"--scheme=%s", b"--within=%s", b"--within=/%s"):
            self.each(b"check", option, b"--", b"unix:///a")

    def test_operands(self):
        self.each(b"adapter", b"%s")
        self.each(b"listen", b"x", b"%s")
        self.each(b"connect", b"x", b"%s")
        self.each(b"--version", b"%s")

    def test_commands_that_cannot_be_run(self):
        self.each(b"listen", b"-H", b"unix://@" + support.abstract_name(
            self).encode(), b"--", b"/no/such/%s")
        self.each(b"listen", b"-H", b"unix://@" + support.abstract_name(
            self).encode(), b"--", b"%s")

    def test_the_environment(self):
        for name in ("HOST", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
            for text in HOSTILE:
                env = support.environment()
                env["LISTEN_PID"] = "1"
                env[name] = os.fsdecode(text)
                self.shows_safely("listen", "--", "true", env=env)
                self.shows_safely("connect", env=env)
                self.shows_safely("listen", "-H", "fd://*", "--", "true",
                                  env=env)
                self.shows_safely("check", "--passed-only", "fd://3", env=env)

    def test_paths_of_sockets_that_were_passed(self):
        for text in HOSTILE:
            path = os.path.join(self.directory.encode(), text[:20])
            with socket.socket(socket.AF_UNIX) as s:
                s.bind(path)
                s.listen()
                done = self.shows_safely("listen", "-v", "-H",
                                         f"fd://{s.fileno()}", "--", "true",
                                         pass_fds=(s.fileno(),))
                self.assertEqual(done.status, 0)

    def test_names_of_files_in_the_way(self):
        for text in HOSTILE:
            path = os.path.join(self.directory.encode(), text)
            os.mkdir(path)
            self.shows_safely(b"listen", b"unix://" + path)
            self.shows_safely(b"connect", b"unix://" + path)
            self.shows_safely(b"explain", b"unix://" + path)

    def test_requests_of_the_adapter(self):
        for text in HOSTILE:
            self.shows_safely("adapter", input=text + b"\nparse " +
                              text.hex().encode() + b"\nparse " + text)

    def test_what_is_printable_stays_as_it_is(self):
        text = "unix:///tmp/ !\"#$%&'()*+,-.:;<=>?@[]^_`{|}~\\x"
        self.expect(sbind("check", "--", text), 0, out=text + "\n")
        self.expect(sbind("check", "--", b"unix:///\xc3\xa9\x9b"), 0,
                    out="unix:///\\xc3\\xa9\\x9b\n")

    def test_octets_by_chance(self):
        """Random command lines."""
        chance = random.Random(14)
        octets = bytes(b for b in range(1, 256))
        shapes = [*ADDRESSES, b"--%s", b"-%s", b"--%s=%s", b"%s"]
        opened = [s for s in shapes if not s.startswith(b"tcp://%s")]
        for _ in range(400):
            words = [chance.choice((*SUBCOMMANDS, b"%s"))]
            opens = words[0] in (b"listen", b"connect")
            for _ in range(chance.randrange(4)):
                words.append(chance.choice(opened if opens else shapes))
            words = [filled(w, bytes(chance.choices(
                octets, k=chance.randrange(1, 9)))) for w in words]
            if words[0] == b"listen":       # not for a client that never comes
                words[1:] = [b"-H", *words[1:2], b"--", b"true"]
            with self.subTest(words):
                self.shows_safely(*words)

    def test_a_line_is_cut_but_not_a_spelling(self):
        done = self.shows_safely(b"x" * 100000)
        self.assertLess(len(done.err), 5000)
        longest = b"unix://@" + b"\xff" * 1016
        done = self.shows_safely(b"check", b"--", longest)
        self.assertEqual(done.out, b"unix://@" + rb"\xff" * 1016 + b"\n")

    def test_a_line_that_is_cut_ends_in_dots(self):
        address = "unix://@" + support.abstract_name(self)
        for length in (4094, 4095, 4096, 4097):
            end = ": " + support.says("File name too long")
            command = "/" + "x" * (length - len("sbind: /" + end))
            line = f"sbind: {command}{end}"
            shown = line if length < 4096 else line[:4095] + "..."
            done = sbind("listen", "-H", address, "--", command)
            self.expect(done, 126, out="")
            self.assertEqual(done.err.decode(), shown + "\n", length)

    def test_what_is_wrong_with_the_command_line_is_not_cut_sooner(self):
        for length in (1024, 4000, 5000):
            line = "sbind: there is no subcommand " + "x" * length
            shown = line if length < 4096 else line[:4095] + "..."
            self.assertEqual(sbind("x" * length).err.decode().split("\n")[0],
                             shown)


if __name__ == "__main__":
    support.main()
