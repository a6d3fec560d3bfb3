#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Colours: a few words on a terminal, and nowhere else.

Promises: P42
"""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import support
from support import SBIND

RED, GREEN, END = b"\x1b[1;31m", b"\x1b[32m", b"\x1b[0m"
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
PRINTABLE = re.compile(rb"\A[\x20-\x7e\n]*\Z")
HOSTILE = b"unix:///\x1b[31m\xc2\x9b31m\n\x07\xff"

# Command lines, and the words that have a colour in their output.
PAINTED = (
    (("parse", "tcp://127.0.0.1:65536"), [RED + b"sbind", RED + b"^"]),
    (("parse", "^"), [RED + b"sbind", RED + b"^"]),
    (("parse", b"unix:///a^\x01"), [RED + b"sbind", RED + b"^"]),
    (("parse", "fd://3"), []),
    (("check", "fd://3"), [GREEN + b"fd://3"]),
    (("check", "--numeric", "tcp://sbind:1"), [RED + b"sbind"]),
    (("nope",), [RED + b"sbind"]),
    (("listen", "--nope"), [RED + b"sbind listen"]),
    (("connect", "unix://@sbind-test-nobody"), [RED + b"sbind"]),
    (("explain", "unix:///run/refused/accepts/s"), [GREEN + b"accepts"]),
    (("explain", "fd://70000"), [RED + b"refused", RED + b"refuses",
                                 RED + b"refuses", RED + b"refuses"]),
    (("explain", "--json", "fd://70000"), []),
    (("--help",), []),
    (("listen", "--help"), []),
)


def on_terminal(*words, stdout=True, stderr=True, **variables):
    """The output on a terminal of 80 columns, and the output to a pipe."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    attributes = termios.tcgetattr(slave)
    attributes[1] &= ~termios.OPOST      # newlines as they are
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
    env = {k: v for k, v in support.environment().items()
           if k not in ("NO_COLOR", "TERM")}
    env.update(variables)
    p = subprocess.Popen((SBIND, *words), env=env, stdin=subprocess.DEVNULL,
                         stdout=slave if stdout else subprocess.PIPE,
                         stderr=slave if stderr else subprocess.PIPE)
    os.close(slave)
    shown = b""
    try:
        while True:
            shown += os.read(master, 65536)
    except OSError:                      # EIO: nobody has the terminal any more
        pass
    os.close(master)
    other = b"".join(x or b"" for x in p.communicate(timeout=support.WAIT))
    return shown, other


class Colours(support.Case):
    def test_a_few_words_have_one_on_a_terminal(self):
        for words, painted in PAINTED:
            shown, _ = on_terminal(*words, TERM="xterm")
            plain = support.run(SBIND, *words)
            with self.subTest(words):
                self.assertEqual(COLOUR.sub(b"", shown), plain.out + plain.err)
                self.assertEqual(re.findall(rb"\x1b\[[1-9][0-9;]*m[^\x1b]*",
                                            shown), painted)
                self.assertEqual(shown.count(END), len(painted))

    def test_the_caret_stands_alone_in_red(self):
        shown, _ = on_terminal("parse", "tcp://127.0.0.1:65536", TERM="xterm")
        self.assertIn(b"\n" + b" " * 22 + RED + b"^" + END + b"\n", shown)
        shown, _ = on_terminal("parse", "^", TERM="xterm")
        self.assertIn(b"\n  ^\n  " + RED + b"^" + END + b"\n", shown)
        shown, _ = on_terminal("parse", "^x", TERM="xterm")
        self.assertIn(b"\n  ^x\n  " + RED + b"^" + END + b"\n", shown)

    def test_none_where_they_are_not_wanted(self):
        for words, _ in PAINTED:
            plain = support.run(SBIND, *words)
            for variables in ({"TERM": "dumb"}, {}, {"TERM": ""},
                              {"TERM": "xterm", "NO_COLOR": "1"},
                              {"TERM": "xterm", "NO_COLOR": "0"}):
                shown, _ = on_terminal(*words, **variables)
                with self.subTest(words, variables=variables):
                    self.assertEqual(shown, plain.out + plain.err)
        shown, _ = on_terminal("nope", TERM="xterm", NO_COLOR="")
        self.assertIn(RED, shown)

    def test_none_in_pipes_and_files(self):
        """Each of the two by itself."""
        for words in (("check", "--numeric", "fd://3", "tcp://a:1"),
                      ("explain", "fd://70000", "x")):
            plain = support.run(SBIND, *words)
            for out in (True, False):
                shown, other = on_terminal(*words, stdout=out, stderr=not out,
                                           TERM="xterm")
                self.assertIn(RED if words[0] == "explain" or not out else GREEN,
                              shown)
                self.assertEqual(other, plain.err if out else plain.out)
            path = self.path("file")
            with open(path, "wb") as f:
                subprocess.run((SBIND, *words), stdout=f, stderr=f, check=False,
                               env=support.environment(TERM="xterm",
                                                       NO_COLOR=""),
                               timeout=support.WAIT)
            with open(path, "rb") as f:
                self.assertRegex(f.read(), PRINTABLE)

    def test_what_others_have_written_has_no_say(self):
        for words in (("parse", HOSTILE), ("check", HOSTILE),
                      ("explain", HOSTILE), (HOSTILE,), ("listen", HOSTILE),
                      ("check", "--within=" + "/\x1b[7m", "unix:///a"),
                      ("explain", b"unix:///\x1b[7m/\xff/x" + b"n" * 256)):
            shown, _ = on_terminal(*words, TERM="xterm")
            with self.subTest(words):
                for colour in (RED, GREEN, END):
                    shown = shown.replace(colour, b"")
                self.assertRegex(shown, PRINTABLE)

    def test_lines_have_80_columns(self):
        for words in (("explain", "tcp://*:80", "unix:///run/x", "fd://", "x"),
                      ("parse", "unix:///" + "a" * 700 + "\x01"),
                      ("listen", "--help")):
            shown, _ = on_terminal(*words, TERM="xterm")
            for line in COLOUR.sub(b"", shown).split(b"\n"):
                self.assertLessEqual(len(line), 80, line)

    def test_the_longest_lines(self):
        for words in (("x" * 5000,), ("check", b"unix://@" + b"\xff" * 1016)):
            shown, _ = on_terminal(*words, TERM="xterm")
            plain = support.run(SBIND, *words)
            self.assertEqual(COLOUR.sub(b"", shown), plain.out + plain.err)
            self.assertIn(END, shown)


if __name__ == "__main__":
    support.main()
