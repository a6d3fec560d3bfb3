#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""sample.py SOURCE SEED [COUNT] - draws paragraphs to read with fresh eyes: COUNT from
comments and COUNT from documents and manual (20 each unless given).

The same SEED draws the same paragraphs from the same sources. Each paragraph of a document is shown
with the heading above it. Square brackets say in which row and column a cell stands, or which item
of a list this is. Read each paragraph once, and note those that you had to read twice.
CONTRIBUTING.md says in "Words" how many of these there may be."""
import pathlib
import random
import re
import subprocess
import sys

import words

WORDS_MIN = 8 # shorter comments are labels of the code beside them
SKIPPED = ("corpus/", "src/parse/lexer.c", "src/activation/lexer.c", "src/notify/lexer.c")
C_LIKE = (".c", ".h", ".re", ".mjs", ".mts", ".css", ".pml")
SCRIPTS = (".py", ".sh", ".cmake", ".service", ".socket")
# The patterns skip over strings, so that nothing in a string is taken for a
# comment.
C_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*(.*?)\*/|((?:^[ \t]*//[^\n]*\n)+)', re.S | re.M)
SCRIPT_COMMENT = re.compile(r'^[ \t]*[^\s"#][^"\n]*"""(?:.*?)"""|^[ \t]*"""(.*?)"""'
                            r'|((?:^[ \t]*#(?!!)[^\n]*\n)+)', re.S | re.M)


def comments(text, pattern):
    """[(line number, paragraph)]"""
    for match in pattern.finditer(text):
        body = match[1] or match[2] or ""
        body = re.sub(r"^[ \t]*(?:\*|//|#)?[ \t]?", "", body, flags=re.M)
        for paragraph in re.split(r"\n[ \t]*\n", body):
            yield text.count("\n", 0, match.start()) + 1, " ".join(paragraph.split())


def is_prose(paragraph):
    return len(paragraph.split()) >= WORDS_MIN and \
        not re.match(r"SPDX|-{4}|shellcheck|NOLINT|@", paragraph)


def shown(words):
    """A macro of the manual with these words, as a page shows it."""
    text = " ".join(words[1:]).replace("\\&", "").replace("\\e", "\\")
    text = re.sub(r"\bFl (?=\S)", "-", text)
    text = re.sub(r" Ns ((?:Ar|Li) )?|(?<=\() |\b(?:Ar|Li|Cm|Ev|Dv|Pa) (?=\S)|\"", "", text)
    text = re.sub(r"\bQq$", '""', text)
    if words[0] == ".Nm" and not re.match(r"\w", text):
        text = f"sbind {text}".rstrip()
    if words[0] == ".Pq":
        text = re.sub(r"^(.*?)((?: [,.:;])?)$", r"(\1)\2", text)
    if words[0] == ".Xr":
        text = re.sub(r"^(\S+) (\d)", r"\1(\2)", text)
    return ("-" if words[0] == ".Fl" else "") + re.sub(r" (?=[,.:;)](?: |$))", "", text)


def in_its_table(lines, number, cell):
    """A cell with the row and the column that it stands in, or any other block as it is."""
    def cells(n):
        return [c.strip() for c in re.split(r"(?<!\\)\|", lines[n])[1:-1]]
    if not lines[number - 1].startswith("|"):
        return cell
    head = number - 1
    while lines[head - 1].startswith("|"):
        head -= 1
    row = cells(number - 1)
    column = cells(head)[row.index(cell)]
    place = f"{row[0] or row[1]} | {column}" if cell != row[0] else column
    return f"[{place}] {cell}"


def manual(text):
    """The blocks of a page of the manual, as [(line number, block, block as a page shows
    it)]. An item of a list has its label."""
    lines = text.splitlines()
    for (number, plain), (_, block) in zip(words.manual(text), words.manual(text, shown)):
        label = lines[number - 2].split(" ")
        yield number, plain, f"[{shown(label)}] {block}" if label[0] == ".It" else block


def heading(lines, number):
    """The last heading above this line, or nothing."""
    above = [re.sub(r"^(#+|\.S[hs]) ", "", line) for line in lines[:number - 1]
             if re.match(r"(#+|\.S[hs]) ", line)]
    return f" ({above[-1]})" if above else ""


def document(text):
    """The same for any document."""
    if text.startswith("."):
        return manual(text)
    return [(n, p.strip(), in_its_table(text.splitlines(), n, p.strip()))
            for n, p in words.prose(text)]


def paragraphs(source):
    """The paragraphs of comments, and those of documents. Each is (file, line,
    text)."""
    names = subprocess.run(["git", "-C", source, "ls-files"], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.split()
    code, documents = [], []
    for name in names:
        path = source / name
        if name.startswith(SKIPPED) or path.is_symlink():
            continue
        pattern = C_COMMENT if name.endswith(C_LIKE) else SCRIPT_COMMENT \
            if name.endswith(SCRIPTS) or path.name in ("CMakeLists.txt", "dev") else None
        if pattern:
            code += [(name, n, p) for n, p in
                     comments(path.read_text(encoding="utf-8"), pattern) if is_prose(p)]
        elif name.endswith(".md") or re.search(r"\.[137]$", name):
            text = path.read_text(encoding="utf-8")
            documents += [(name + heading(text.splitlines(), n), n, p)
                          for n, plain, p in document(text) if is_prose(plain)]
    return code, documents


def main(source, seed, count="20"):
    drawn = random.Random(seed)
    for title, found in zip(("comments", "documents"), paragraphs(pathlib.Path(source))):
        print(f"{count} of {len(found)} paragraphs of {title}\n")
        for name, line, text in sorted(drawn.sample(found, int(count))):
            name, _, above = name.partition(" ")
            print(f"{name}:{line}: {above}\n    {text}\n")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
