# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the tables of the complete suite, and machines for spec.Model, from the
grammar.

    document = make(root)   the tables, as in complete.json
    grammars(root)          {file: its rules}
    model(root)             a spec.Model that asks the grammar itself
"""
import collections
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "grammar"))
import spec
from prover import abnf, automaton, prove
from prover.automaton import DEAD


TOP_RULES = {"sbind.abnf": ("address",),
             "activation.abnf": tuple(spec.TOP_RULES.values()),
             "notify.abnf": tuple(spec.NOTIFY)}


def grammars(root):
    return {name: abnf.load(root / "grammar" / name) for name in TOP_RULES}


def model(root):
    return spec.Model({rule: abnf.Nfa(grammar, rule)
                       for name, grammar in grammars(root).items()
                       for rule in TOP_RULES[name]})


def observable(dfa):
    """The smallest automaton that has the kinds of answers (SPEC.md 7.3). The three
    spellings of a pipe have one kind, because no answer tells them apart."""
    return automaton.minimise(automaton.Dfa(dfa.rows, [
        "npipe" if label and label.startswith("npipe-") else label
        for label in dfa.labels]))


def outcome(dfa, state, word):
    """What a word shows about a state: how many of its octets can be read from there,
    or the kind at the end of the word."""
    for at, octet in enumerate(word):
        state = dfa.rows[state][octet]
        if state == DEAD:
            return at
    return dfa.labels[state] or ""


def separator(dfa, one, two):
    """A shortest word for which two states show different outcomes."""
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
    """A set of words for every state. Any two states have a word in common that tells
    the two apart. The words come from a tree that splits the states: a state has the
    words on its way from the root to its leaf."""
    candidates = sorted(set(automaton.completions(dfa).values()) - {b""},
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
    found = grammars(root)
    address = found["sbind.abnf"]
    machines = [table("address", observable(prove.address_machine(address)),
                      abnf.Nfa(address, "address"))]
    for name in ("activation.abnf", "notify.abnf"):
        for rule in TOP_RULES[name]:
            machines.append(table(rule, prove.value_machine(found[name], rule),
                                  abnf.Nfa(found[name], rule)))
    return {"$schema": "./complete.schema.json", "version": 1,
            "machines": machines}
