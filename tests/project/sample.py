#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""sample.py SOURCE SEED [COUNT] - draws paragraphs to read with fresh eyes: COUNT from
comments and COUNT from documents and manual (20 each unless given).

The same SEED draws the same paragraphs from the same sources. Read each once, and note
the ones that you had to read twice. CONTRIBUTING.md says in "Words" how many these may
be."""
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
            blocks = words.manual(text) if text.startswith(".") else words.prose(text)
            documents += [(name, n, p.strip()) for n, p in blocks if is_prose(p)]
    return code, documents


def main(source, seed, count="20"):
    drawn = random.Random(seed)
    for title, found in zip(("comments", "documents"), paragraphs(pathlib.Path(source))):
        print(f"{count} of {len(found)} paragraphs of {title}\n")
        for name, line, text in sorted(drawn.sample(found, int(count))):
            print(f"{name}:{line}: {text}\n")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
