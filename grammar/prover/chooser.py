# SPDX-License-Identifier: MIT OR Apache-2.0
"""Checks how the lexer of addresses chooses an automaton: by the scheme with which the text
begins. It also checks where the automaton of a path may begin.

src/parse/scheme.h compares the text with one scheme after the other. This program reads the
schemes from that code, and first checks that the code has the expected form. Then it runs the
code on every text that begins like a scheme, with at most one octet changed."""
import re

from . import automaton
from .automaton import DEAD
from .lexer import Refuted

BEGINS = """\
    return len >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
"""
CHOICE = r"""    if \(sbind__begins\(text, len, "([^"]+)"\)\)
        return (SBIND__OF_\w+);
"""
REACH = 12  # octets that are tried behind a scheme's first; more than it has
PATHS = ("SBIND__OF_UNIX", "SBIND__OF_ABSTRACT")


def body(header, name):
    found = re.search(r"\b%s\([^)]*\)\n\{\n(.*?)^\}" % name, header, re.M | re.S)
    return found.group(1) if found else ""


def schemes_of(root):
    """The schemes in the order of comparison, as {octets of a scheme: number of its
    automaton}. Also the numbers of the automata, by name."""
    header = (root / "src/parse/scheme.h").read_text()
    names = re.findall(r"^    (SBIND__(?:NO_SCHEME|OF_\w+))", header, re.M)
    number = {name: value for value, name in enumerate(dict.fromkeys(names))}
    chooser = body(header, "sbind__scheme_of")
    if body(header, "sbind__begins") != BEGINS or not re.fullmatch(
            "(?:%s)+    return SBIND__NO_SCHEME;\n" % CHOICE, chooser):
        raise Refuted("e", None, "the scheme is not chosen by comparisons only")
    found = {literal.replace("\\\\", "\\").encode(): number[name]
             for literal, name in re.findall(CHOICE, chooser)}
    return found, number


def longest(schemes, text):
    """The number of the longest scheme with which the text begins."""
    return max([(len(each), value) for each, value in schemes.items()
                if text.startswith(each)], default=(0, 0))[1]


def check_choice(probe, schemes):
    """Runs the code on every text that begins like a scheme, with at most one octet changed,
    and with or without more octets after it. Returns how many texts that were."""
    count = 0
    for scheme in schemes:
        for at in range(len(scheme) + 1):
            for rest in {b"", scheme[at + 1:], scheme[at + 1:] + b"x" * REACH}:
                count += check_octet(probe, schemes, scheme[:at], rest)
    return count


def check_octet(probe, schemes, text, rest):
    """Runs the code on the text, followed by each octet and by "rest". Returns how many texts that
    were."""
    count = 0
    for octet in range(256):
        whole = text + bytes([octet]) + rest
        seen = probe.row(0, whole)[0]
        if seen.fault or seen.verdict != longest(schemes, whole):
            raise Refuted("e", whole, "is not of the scheme that is chosen")
        count += 1
    return count


def joined(schemes, blocks):
    """Joins the automata of the schemes into one. A text begins in blocks[0], a tree: each branch
    is a scheme, octet by octet. At the end of a branch follows the automaton of this scheme."""
    rows, labels, start, met = [], [], {}, set()

    def add(text, row, label, inner):
        """Adds the state that is reached by this text. inner() gives the next state where the
        longer text is not a scheme."""
        if len(text) > REACH:
            raise Refuted("e", text, "is no beginning of a scheme")
        state = len(rows)
        rows.append([DEAD] * 256)
        labels.append(label)
        for octet, target in enumerate(row):
            longer = text + bytes([octet])
            if longer in schemes:
                rows[state][octet] = behind(longer)
            elif target != DEAD:
                rows[state][octet] = inner(longer, target)
        return state

    def tree(text, state):
        return add(text, blocks[0].rows[state], blocks[0].labels[state], tree)

    def behind(scheme):
        met.add(scheme)
        number = schemes[scheme]
        block = blocks[number]
        return add(scheme, block.rows[0], block.labels[0],
                   lambda _, target: (number, target))

    tree(b"", 0)
    for number, block in blocks.items():
        start[number] = len(rows)
        rows += [[DEAD if target == DEAD else (number, target)
                  for target in row] for row in block.rows]
        labels += block.labels
    if met != set(schemes):
        raise Refuted("a", min(set(schemes) - met), "no text becomes this scheme")
    return automaton.Dfa([[start[target[0]] + target[1]
                           if isinstance(target, tuple) else target
                           for target in row] for row in rows], labels)


def check_restart(name, block):
    """Checks that a lexer may begin at any octet of a viable text. It may if each octet leads from
    every state to the same state as from the start."""
    for row in block.rows:
        for octet, target in enumerate(block.rows[0]):
            if row[octet] != target:
                raise Refuted("e", bytes([octet]), "%s remembers what came before "
                              "this octet" % name)
