#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""How do bash, zsh and fish complete the beginning of a command line of sbind? Are these
completions the ones that follow from the table of options?"""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time

import support

FOLDER = support.source("packaging", "completions")
BASH = """
source %s/sbind.bash
COMP_LINE=$1 COMP_POINT=${#1}
_sbind
[[ ${#COMPREPLY[@]} = 0 ]] || printf '%%s\\n' "${COMPREPLY[@]}"
""" % FOLDER
# The key ^G shows the line after the completion.
ZSH = """
PROMPT= RPROMPT= PROMPT_EOL_MARK=
fpath=(%s $fpath)
autoload -Uz compinit
compinit -u -D
shown() { print -r -- "<$BUFFER>" }
zle -N shown
bindkey '^G' shown
print ready
""" % FOLDER
# Each row has four parts: a line; its completions by bash, which replaces the text after : or =;
# its completions by fish, which replaces the whole word; and the line that zsh makes of this line.
LINES = (
    ("sbind li", "listen", "listen", "sbind listen "),
    ("sbind listen --ba", "--backlog", "--backlog", "sbind listen --backlog="),
    ("sbind listen --verb", "--verbose", "--verbose", "sbind listen --verbose "),
    ("sbind listen -H u", "unix:// unix://@", "unix:// unix://@",
     "sbind listen -H unix://"),
    ("sbind listen -H tcp://loc", "//localhost:", "tcp://localhost:",
     "sbind listen -H tcp://localhost:"),
    ("sbind listen -H unix://%(dir)s/dee", "//%(dir)s/deep/",
     "unix://%(dir)s/deep/", "sbind listen -H unix://%(dir)s/deep/"),
    ("sbind listen --host=unix://%(dir)s/dee", "//%(dir)s/deep/",
     "--host=unix://%(dir)s/deep/", "sbind listen --host=unix://%(dir)s/deep/"),
    ("sbind connect tcp://[fe80::1%%l", "1%%lo]:", "tcp://[fe80::1%%lo]:",
     "sbind connect tcp://\\[fe80::1%%lo]:"),
    ("sbind listen --owner daem", "daemon", "daemon", "sbind listen --owner daemon "),
    ("sbind check --scheme np", "npipe", "npipe", "sbind check --scheme npipe "),
    ("sbind check --within %(dir)s/de", "%(dir)s/deep", "%(dir)s/deep/",
     "sbind check --within %(dir)s/deep/"),
    ("sbind listen -H fd:// -- setpri", "setpriv", "setpriv",
     "sbind listen -H fd:// -- setpriv "),
    ("sbind help exp", "explain", "explain", "sbind help explain "),
    ("sbind adapter x", "", "", "sbind adapter x"),
)


class Zsh:
    """An interactive zsh on a terminal of its own."""

    def __init__(self, directory):
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.environ.update(TERM="dumb", HOME=directory)
            os.chdir(directory)
            os.execvp("zsh", ["zsh", "-f", "-i", "+o", "prompt_sp"])
        self.pid = pid
        self.write("source ./setup\n")
        self.read("\r?\nready\r")

    def write(self, text):
        os.write(self.terminal, text.encode())

    def read(self, pattern):
        said, end = "", time.monotonic() + support.WAIT
        while not re.search(pattern, said):
            if not select.select([self.terminal], [], [], 1)[0]:
                assert time.monotonic() < end, "%r, not %r" % (said, pattern)
                continue
            said += os.read(self.terminal, 4096).decode(errors="replace")
        return re.findall(pattern, said)[-1]

    def completed(self, line):
        """To zsh, a bracket begins a pattern, unless it is quoted."""
        self.write(line.replace("[", "\\[") + "\t\x07")
        found = self.read("<(.*)>")
        self.write("\x15")
        return found

    def close(self):
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


class Completion(support.Case):
    def setUp(self):
        super().setUp()
        support.requires("bash", "zsh", "fish")
        os.makedirs(self.path("deep"))
        self.directory = os.path.realpath(self.path())

    def lines(self):
        for texts in LINES:
            yield [text % {"dir": self.directory} for text in texts]

    def output(self, *argv):
        done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, timeout=60,
                              cwd=self.directory, check=False)
        return " ".join(sorted(set(word.partition("\t")[0]
                                   for word in done.stdout.splitlines())))

    def test_bash(self):
        for line, bash, _, _ in self.lines():
            with self.subTest(line):
                self.assertEqual(self.output("bash", "--norc", "-c", BASH, "bash", line),
                                 bash)

    def test_fish(self):
        for line, _, fish, _ in self.lines():
            with self.subTest(line):
                script = "source %s/sbind.fish; complete -C $argv[1]" % FOLDER
                self.assertEqual(self.output("env", "HOME=" + self.directory, "fish",
                                             "--no-config", "-c", script, line), fish)

    def test_zsh(self):
        self.write("setup", ZSH)
        zsh = Zsh(self.directory)
        self.addCleanup(zsh.close)
        for line, _, _, completed in self.lines():
            with self.subTest(line):
                self.assertEqual(zsh.completed(line), completed)

    def test_are_made_from_the_table(self):
        made = self.path("made")
        subprocess.run([sys.executable, "-B", FOLDER / "generate.py", support.SBIND,
                        made], check=True)
        for name in ("sbind.bash", "_sbind", "sbind.fish"):
            with self.subTest(name):
                self.assertEqual((FOLDER / name).read_text(),
                                 support.source(made, name).read_text(),
                                 "make it anew: ./dev completions")
        shutil.rmtree(made)


if __name__ == "__main__":
    support.main()
