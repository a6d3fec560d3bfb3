# SPDX-License-Identifier: MIT OR Apache-2.0
"""What all checkers share: a copy of the sources, making a mistake in it, and exceptions for
the result."""
import contextlib
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
RE2C = ["re2c", *(ROOT / "src/re2c.options").read_text().split()]


class Trouble(Exception):
    """Raised if something is wrong with the runner or a list, and not with a
    mistake."""


class Caught(Exception):
    """Raised if a check failed. The exception has the name of the check, as mistakes give it, and
    the output of the check."""

    def __init__(self, check, said=""):
        super().__init__(check)
        self.check, self.said = check, said


def call(*command, cwd=None, seconds=1200):
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, timeout=seconds,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="backslashreplace")


def need(check, pattern, *command, **how):
    """Runs a command that has to succeed. If the command fails, the check has caught the
    mistake."""
    done = call(*command, **how)
    if done.returncode:
        raise Caught(check, first(pattern, done.stdout))


def first(pattern, text):
    """The group of the pattern's first match. If nothing matches, the last line of the text."""
    found = re.search(pattern, text, re.M)
    return found.group(1) if found else text.strip().rpartition("\n")[2]


def copy_to(folder):
    """Copies the files that git has or would add, as they are now. Files of the copy that are
    equal already stay untouched, so that their objects need not be made again."""
    names = call("git", "ls-files", "-z", "--cached", "--others",
                 "--exclude-standard", cwd=ROOT).stdout
    for name in filter(None, names.split("\0")):
        source, target = ROOT / name, folder / name
        again = target.is_file()
        if source.is_file() and not (again and
                                     source.read_bytes() == target.read_bytes()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
            if again:
                target.touch() # newer than what was built


def edits(mistake):
    """The edits of a mistake, as (old, new). There are none if a check is tried without
    a mistake."""
    old, new = mistake.get("old", []), mistake.get("new", [])
    return [(old, new)] if isinstance(old, str) else list(zip(old, new))


@contextlib.contextmanager
def edited(folder, mistake):
    """Makes a mistake in a copy. If the mistake is in the rules of a lexer, generates this lexer
    again."""
    source = folder / mistake["file"]
    compiled = source.with_suffix(".c") if source.suffix == ".re" else source
    before = {path: path.read_text() for path in (source, compiled)}
    try:
        text = before[source]
        for old, new in edits(mistake):
            text = text.replace(old, new)
        source.write_text(text)
        if source != compiled:
            need("language/re2c", r"\A.*?: (.*)", *RE2C, source, "-o", compiled)
        yield
    finally:
        for path, text in before.items():
            path.write_text(text)
