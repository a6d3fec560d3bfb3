# SPDX-License-Identifier: MIT OR Apache-2.0
"""The complete suite: its tables, made from the grammar, and its words.

A recogniser that reads octet by octet, and has no more states than the grammar's
smallest automaton with kinds and offsets, is equal to it when it answers every
word rightly. README.md says how the words follow from the tables and why.

    document = make(root)               the tables, as in complete.json
    machine = Machine(document["machines"][0])
    machine.words(), machine.walk(text) the words; what the tables say of one
"""
import collections
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "grammar"))
from prover import abnf, automaton, prove
from prover.automaton import DEAD


# ---- Tables -----------------------------------------------------------------

def observable(dfa):
    """The smallest automaton with the kinds that an answer shows (SPEC.md 7.3):
    the three spellings of a pipe are one. No word tells states apart by what a
    port cannot say."""
    return automaton.minimise(automaton.Dfa(dfa.rows, [
        "npipe" if label and label.startswith("npipe-") else label
        for label in dfa.labels]))


def outcome(dfa, state, word):
    """What a word shows of a state: how far it goes, or what it ends in."""
    for at, octet in enumerate(word):
        state = dfa.rows[state][octet]
        if state == DEAD:
            return at
    return dfa.labels[state] or ""


def completions(dfa):
    """For every state a shortest word that leads to a label."""
    words = {state: b"" for state, label in enumerate(dfa.labels) if label}
    back = collections.defaultdict(list)
    for state, row in enumerate(dfa.rows):
        for octet in automaton.READABLE:
            if row[octet] != DEAD:
                back[row[octet]].append((state, octet))
    todo = collections.deque(sorted(words))
    while todo:
        state = todo.popleft()
        for source, octet in back[state]:
            if source not in words:
                words[source] = bytes([octet]) + words[state]
                todo.append(source)
    return words


def separator(dfa, one, two):
    """A shortest word of which two states show different outcomes."""
    todo, seen = collections.deque([(one, two, b"")]), {(one, two)}
    while todo:
        one, two, word = todo.popleft()
        if dfa.labels[one] != dfa.labels[two]:
            return word
        for octet in automaton.READABLE:
            pair = dfa.rows[one][octet], dfa.rows[two][octet]
            if (pair[0] == DEAD) != (pair[1] == DEAD):
                return word + bytes([octet])
            if pair not in seen and DEAD not in pair:
                seen.add(pair)
                todo.append((*pair, word + bytes([octet])))
    raise AssertionError("two states of a smallest automaton differ")


def identifiers(dfa):
    """For every state a set of words, so that any two states have a word in
    common that tells them apart: a splitting tree, from which a state takes the
    words on its way from the root to its leaf."""
    candidates = sorted(set(completions(dfa).values()) - {b""},
                        key=lambda word: (len(word), word))
    shows = {}

    def split(block, word):
        parts = collections.defaultdict(list)
        for state in block:
            if (state, word) not in shows:
                shows[state, word] = outcome(dfa, state, word)
            parts[shows[state, word]].append(state)
        return list(parts.values())

    found = [[] for _ in dfa.rows]
    todo = [list(range(len(dfa.rows)))]
    while todo:
        block = todo.pop()
        if len(block) == 1:
            continue
        best = min(candidates, key=lambda word: sum(
            len(part) ** 2 for part in split(block, word)),
                   default=b"")
        if len(split(block, best)) == 1:
            best = separator(dfa, block[0], block[1])
            candidates.append(best)
        for state in block:
            found[state].append(best)
        todo += split(block, best)
    return [words or [b""] for words in found]


def table(rule, dfa, nfa):
    access = dfa.access()
    names = identifiers(dfa)
    return {
        "rule": rule,
        "dead": min((access[state] + bytes([octet]) for state, row
                     in enumerate(dfa.rows) for octet in automaton.READABLE
                     if row[octet] == DEAD), key=len).hex(),
        "states": [{
            "within": nfa.enclosing(access[state]),
            "access": access[state].hex(),
            "end": dfa.labels[state],
            "runs": dfa.runs(state),
            "identifiers": [word.hex() for word in names[state]],
        } for state in range(len(dfa.rows))],
    }


def make(root):
    address = abnf.load(root / "grammar/sbind.abnf")
    values = abnf.load(root / "grammar/activation.abnf")
    machines = [table("address", observable(prove.address_machine(address)),
                      abnf.Nfa(address, "address"))]
    for rule in prove.VALUES:
        machines.append(table(rule, prove.value_machine(values, rule),
                              abnf.Nfa(values, rule)))
    return {"$schema": "./complete.schema.json", "version": 1,
            "machines": machines}


# ---- Words ------------------------------------------------------------------

class Machine:
    """One machine of the tables, ready to be walked."""

    def __init__(self, document):
        self.rule = document["rule"]
        self.dead = bytes.fromhex(document["dead"])
        self.within, self.access, self.labels = [], [], []
        self.identifiers, rows = [], []
        for state in document["states"]:
            self.within.append(state["within"])
            self.access.append(bytes.fromhex(state["access"]))
            self.labels.append(state["end"])
            self.identifiers.append([bytes.fromhex(word) for word
                                     in state["identifiers"]])
            row = [DEAD] * 256
            for first, last, target in state["runs"]:
                row[first:last + 1] = [target] * (last + 1 - first)
            rows.append(row)
        self.dfa = automaton.Dfa(rows, self.labels)

    def walk(self, text):
        """(rule, viable prefix, kind or None) of any text."""
        state, viable = self.dfa.run(text)
        return (self.within[state], viable,
                self.labels[state] if viable == len(text) else None)

    def words(self):
        """The words of the suite. The same word can come more than once."""
        for access, suffixes in zip(self.access, self.identifiers):
            yield access
            for suffix in suffixes:
                yield access + suffix
        for access, row in zip(self.access, self.dfa.rows):
            for octet, target in enumerate(row):
                longer = access + bytes([octet])
                for suffix in ([b""] if target == DEAD else
                               self.identifiers[target]):
                    yield longer + suffix
        for octet in range(256):
            yield self.dead + bytes([octet])
