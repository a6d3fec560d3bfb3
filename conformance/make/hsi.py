# SPDX-License-Identifier: MIT OR Apache-2.0
"""Checks the complete suite: its tables must have what the proof in README.md needs.
The method of the proof is that of harmonised state identifiers (HSI). HSI compares
states of the machine, and this proof compares answers.

Each state has identifiers, which are words. The proof needs two things. Any two states
have an identifier in common that tells the two apart. And the words together ask for
every output. Two states are different if answers (SPEC.md 7.3) can tell them apart.
Anything else that the tables say about a state does not count.

    problems(model, machine)             a line for each thing that the proof lacks
    survivors(machine, words, states)    faults of the machine that no word notices
"""
import collections
import itertools

import spec
import tables
from complete import DEAD


# ---- What the proof needs -----------------------------------------------------

def problems(model, machine):
    yield from wrong_ends(model, machine)
    yield from untold(model, machine)
    yield from unasked(machine, machine.words())


def shown(model, rule, text):
    """What the answer to a text shows about a recogniser: the kind, or the offset."""
    if rule in spec.NOTIFY:
        answer = model.notify(rule, text)
        return answer["offset"] if "error" in answer else rule
    if rule != "address":
        values, numbers = spec.request_for(model, rule, text)
        answer = model.activation_answer(values, *numbers)
        return rule if answer["ok"] else answer["offset"]
    answer = model.parse(text)
    if not answer["ok"]:
        return answer["offset"]
    address = answer["address"]
    form = address.get("host", address).get("type")
    return "-".join(filter(None, (address["scheme"], form)))


def outcome(model, rule, access, word):
    """What a word shows about the state to which "access" leads. An offset is counted
    from the end of "access"."""
    found = shown(model, rule, access + word)
    return found if isinstance(found, str) else found - len(access)


def wrong_ends(model, machine):
    """Yields the states whose kind in the tables is not the kind that an answer
    shows."""
    for access, end in zip(machine.access, machine.labels):
        found = outcome(model, machine.rule, access, b"")
        if found != (end or 0):
            yield "%s: the answer to %r shows %s, not %s" % (
                machine.rule, access, found or None, end)


def untold(model, machine):
    """The pairs of states that no common identifier tells apart."""
    seen = [(access, {word: outcome(model, machine.rule, access, word)
                      for word in words})
            for access, words in zip(machine.access, machine.identifiers)]
    for (one, shows), (two, others) in itertools.combinations(seen, 2):
        if all(others.get(word, found) == found
               for word, found in shows.items()):
            yield "%s: no common identifier tells %r from %r" % (
                machine.rule, one, two)


def unasked(machine, words):
    """Yields each state at which no word ends, and each octet that leads to DEAD but
    comes in no word after that state."""
    asked = set()
    for word in words:
        state, viable = machine.run(word)
        asked.add((state, word[viable:viable + 1]))
    for state, row in enumerate(machine.rows):
        for octet in [b""] + [bytes([each]) for each, target in enumerate(row)
                              if target == DEAD]:
            if (state, octet) not in asked:
                yield "%s: no word comes to %s after %r" % (
                    machine.rule, octet or "the end", machine.access[state])


# ---- Faults -------------------------------------------------------------------

def survivors(machine, words, states):
    """The number of faults, and a line for each fault that no word notices. A fault is
    (state, octet, target): a transition from one of these states to a wrong state."""
    through = passing(machine, words, states)
    count, missed = 0, []
    for state, octet in itertools.product(states, range(256)):
        right = machine.rows[state][octet]
        for target in range(len(machine.labels)) if right != DEAD else ():
            if target == right:
                continue
            fault = state, octet, target
            count += 1
            if all(outcome_with(machine, fault, word) == expected
                   for word, expected in through[state, octet]):
                missed.append("%s: no word notices %r after %r for %r" % (
                    machine.rule, machine.access[target],
                    machine.access[state], bytes([octet])))
    return count, missed


def passing(machine, words, states):
    """For every transition of these states: the words that use it, and what each word
    shows."""
    through = collections.defaultdict(list)
    for word in words:
        state, taken = 0, set()
        for octet in word:
            taken.add((state, octet))
            state = machine.rows[state][octet]
            if state == DEAD:
                break
        expected = tables.outcome(machine, 0, word)
        for each in taken:
            if each[0] in states:
                through[each].append((word, expected))
    return through


def outcome_with(dfa, fault, word):
    """What a word shows about the automaton with a fault."""
    at, astray, target = fault
    state = 0
    for length, octet in enumerate(word):
        state = (target if octet == astray and state == at
                 else dfa.rows[state][octet])
        if state == DEAD:
            return length
    return dfa.labels[state] or ""
