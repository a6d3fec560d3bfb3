#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""words.py SOURCE [[--fold] FILE...] - are documents and manual easy to read? If files
are given, lists their long sentences. With --fold, folds their prose at column 100, and
changes no word.

A document may have 8 % of its sentences over 25 words. Lines of prose end before column
101, and a few patterns that have to be read twice must not occur. A sentence ends at a
full stop, a question mark, a colon at the end of a block, or the end of its block: a
paragraph, an item of a list, a cell of a table. Code is left out, and "`a b c`" counts
as one word. Every link to a file must lead to one."""
import pathlib
import re
import sys
import textwrap

COLUMNS, WORDS, PERCENT = 100, 25, 8
DOCUMENTS = ("*.md", "docs/**/*.md", "grammar/*.md",
             "docs/*.[137]", "docs/man/*.[137]", "conformance/**/*.md", "fuzz/*.md", "fuzz/*/*.md", "src/*.md", "corpus/*.md",
             "tests/*.md", "tests/*/*.md")
# Rows of SECURITY.md. The last cell lists tests with remarks, and has no sentences.
PROMISE = re.compile(r"^\| P\d+ \| [^|]+ \| ")
# A table of what not to write: its first cells are examples.
EXAMPLES = "| instead of |"
PATTERNS = [
    (re.compile(p), better) for p, better in (
        (r"(?:^|[.!?:] )Who(?:ever)? \w+(?! ?[^.!]*\?)", "name the reader or the program"),
        (r"\bhas not (?:a|an|the|this|any)\b", "lacks, does not have"),
        (r"(?<!there )\b(?:is|are) none\b", "does not exist, is not a"),
        (r"\bnobody\b(?!`)(?!, which)", "no process, no user"),
        (r"\bsomebody\b", "name the user or the program"),
        (r"\bwhat then\b|\bwhat is not\b", "name the thing"),
        (r"\bof his\b|\bwhatever he\b|\bas he likes\b", "name the process"),
    )]


def prose(text):
    """The paragraphs, items and cells of a document, without code, as [(line number,
    block)]."""
    blocks, current, fenced, examples = [], None, False, False
    for number, line in enumerate(text.splitlines(), 1):
        examples = line.startswith("|") and (examples or line.startswith(EXAMPLES))
        if line.lstrip().startswith("```"):
            fenced, current = not fenced, None
            continue
        if fenced or line.startswith("<!--") or line.startswith("    ") and current is None:
            continue
        if line.startswith("|"):
            current = None
            if not re.fullmatch(r"[|\s:-]+", line):
                cells = re.split(r"(?<!\\)\|", line)[1:-1]
                blocks += [(number, [cell]) for cell in
                           (cells[:-1] if PROMISE.match(line) else cells[int(examples):])]
        elif not line.strip() or line.startswith("#"):
            current = None
        elif current is None or re.match(r"\s*(?:[-*]|\d+\.) ", line):
            current = [line]
            blocks.append((number, current))
        else:
            current.append(line)
    return [(n, " ".join(part.strip() for part in block)) for n, block in blocks]


INLINE = set(".Fn .Fa .Dv .Li .Xr .Pa .Ev .Ar .Fl .Cm .Nm .Ql .Dq .Pq .Pf".split())


def code_word(words):
    """A macro with these words counts as one word, together with its punctuation."""
    return "code" + "".join(w for w in words[1:] if w in (",", ".", ":", ";"))


def manual(text, inline=code_word):
    """The blocks of a page of the manual, where each sentence begins on a new line."""
    blocks, current, literal = [], None, False
    for number, line in enumerate(text.splitlines(), 1):
        macro = line.split(" ")[0]
        if macro in (".Bd", ".Ed"):
            literal = macro == ".Bd"
        if literal or line.startswith(".\\\"") or line.startswith(".so "):
            current = None
        elif not line.startswith(".") or macro in INLINE:
            words = line.removeprefix("\\&")
            if macro in INLINE:
                words = inline(line.split(" "))
            if current is None:
                current = [words]
                blocks.append((number, current))
            else:
                current.append(words)
        else:
            current = None
    return [(n, " ".join(block)) for n, block in blocks]


def plain(block):
    """A block without markup. Code, links and emphasis count as words."""
    block = re.sub(r"`+[^`]+`+|\*none\*", "code", block) # an outcome of SPEC.md
    block = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", block)
    return re.sub(r"^\s*(?:[-*]|\d+\.) |\*\*|(?<!\w)\*|\*(?!\w)|<[^>]+>", "", block)


def sentences(text):
    """[(line number, sentence)]"""
    found = []
    for number, block in manual(text) if text.startswith(".") else prose(text):
        for s in re.split(r"(?<=[.!?])[)\"']?\s+(?=[A-Z0-9(\"'*]|code\b)", plain(block)):
            if len(s.split()) > 2:
                found.append((number, s))
    return found


def is_long(sentence):
    return len(sentence.split()) > WORDS


def wide(text):
    """The numbers of lines of prose that are too long."""
    fenced, found = False, []
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif len(line) > COLUMNS and not fenced and not line.startswith(("|", "<!--")) \
                and " " in line.lstrip(" -")[:COLUMNS]:
            found.append(number)
    return found


def dead_links(text, folder):
    bare = re.sub(r"```.*?```", "", text, flags=re.S)
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", bare):
        if not (folder / target).exists():
            yield target


def faults(text, folder):
    """Everything that is wrong, as lines."""
    every = sentences(text)
    long = [s for _, s in every if is_long(s)]
    if len(long) > max(1, PERCENT * len(every) / 100):
        yield f"{len(long)} of {len(every)} sentences have more than {WORDS} words"
    for number in [] if text.startswith(".") else wide(text):
        yield f"line {number}: more than {COLUMNS} columns"
    for number, s in every:
        for pattern, better in PATTERNS:
            match = pattern.search(s)
            if match:
                yield f"line {number}: \"{match[0].strip()}\": {better}"
    for target in [] if text.startswith(".") else dead_links(text, folder):
        yield f"there is no {target}"


ITEM = re.compile(r"\s*(?:[-*]|\d+\.) ")


def fold_block(block):
    """Folds the lines of a paragraph or of an item. Code spans stay whole."""
    item = ITEM.match(block[0])
    first = item[0] if item else re.match(r"\s*", block[0])[0]
    text = " ".join([block[0][len(first):].strip()] + [line.strip() for line in block[1:]])
    text = re.sub(r"`[^`]+`", lambda m: m[0].replace(" ", "\0"), text)
    lines = textwrap.wrap(text, COLUMNS, initial_indent=first,
                          subsequent_indent=" " * len(first),
                          break_long_words=False, break_on_hyphens=False)
    for line in lines[1:]:
        assert not re.match(r"\s*(?:[-*+#>|]|\d+\.)(?: |$)", line), line
    return [line.replace("\0", " ") for line in lines]


def fold(text):
    out, block, fenced = [], [], False

    def end_block():
        out.extend(fold_block(block) if block else [])
        block.clear()
    for line in text.split("\n"):
        fence = line.lstrip().startswith("```")
        fenced ^= fence
        if (fence or fenced or not line.strip() or line.startswith(("|", "#", "<!--"))
                or line.startswith("    ") and not block):
            end_block()
            out.append(line)
            continue
        if ITEM.match(line):
            end_block()
        block.append(line)
    end_block()
    folded = "\n".join(out)
    assert folded.split() == text.split()
    return folded


def self_test(folder):
    good = "A short sentence. Another one, with `code that is long`.\n\n| a | b |\n|---|---|\n"
    long = "Word " + "word " * 26 + "end. "
    bad = {"long": "\n".join((long * 3).split()), "wide": "x y " * 26,
           "dead": "See [it](gone.md).", "pattern": "Who only wants to read does this.",
           "in a manual": ".Sh NAME\n" + (long + "\n.Nm x\n") * 3,
           "in a cell": "| " + long * 3 + "|\n",
           "in an item": 3 * ("- " + long.replace(" ", "\n  "))}
    assert not list(faults(good, folder)), list(faults(good, folder))
    folded = fold(bad["in an item"] + "\n" + "word " * 50)
    assert fold(folded) == folded and not wide(folded), folded
    for name, text in bad.items():
        if not list(faults(text, folder)):
            sys.exit(f"goes unnoticed: {name}")


def main():
    source = pathlib.Path(sys.argv[1])
    self_test(source)
    if "--fold" in sys.argv:
        for path in map(pathlib.Path, sys.argv[3:]):
            path.write_text(fold(path.read_text(encoding="utf-8")), encoding="utf-8")
        return
    for name in sys.argv[2:]:
        for number, s in sentences(pathlib.Path(name).read_text(encoding="utf-8")):
            if is_long(s):
                print(f"{name}:{number}: {len(s.split())} words: {s}")
    if sys.argv[2:]:
        return
    failed, count = False, 0
    for path in sorted({p for pattern in DOCUMENTS for p in source.glob(pattern)}):
        text = path.read_text(encoding="utf-8")
        found = list(faults(text, path.parent))
        count += not text.startswith(".so ")
        failed |= bool(found)
        for fault in found:
            print(f"{path.relative_to(source)}: {fault}")
    print(f"{count} documents")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
