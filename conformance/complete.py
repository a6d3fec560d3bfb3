# SPDX-License-Identifier: MIT OR Apache-2.0
"""The complete suite: the tables of complete.json, and the words made from them.

Let R be the smallest automaton that gives the right kind or offset for every text. The
suite judges recognisers that read octet by octet, and have no more states than R. A
recogniser that answers every word right is equal to R. README.md says how the words
follow from the tables, and why.

    machine = Machine(document["machines"][0])
    machine.words(), machine.walk(text) the words; what the tables say of a text
"""
DEAD = -1


class Machine:
    """One machine of the tables. From state s, octet o leads to rows[s][o], which may
    be DEAD. State 0 is the start."""

    def __init__(self, document):
        self.rule = document["rule"]
        self.dead = bytes.fromhex(document["dead"])
        self.within, self.access, self.labels = [], [], []
        self.identifiers, self.rows = [], []
        for state in document["states"]:
            self.within.append(state["within"])
            self.access.append(bytes.fromhex(state["access"]))
            self.labels.append(state["end"])
            self.identifiers.append([bytes.fromhex(word) for word
                                     in state["identifiers"]])
            row = [DEAD] * 256
            for first, last, target in state["runs"]:
                row[first:last + 1] = [target] * (last + 1 - first)
            self.rows.append(row)

    def run(self, text):
        """The state after the viable prefix of the text, and the length of that
        prefix."""
        state = 0
        for at, octet in enumerate(text):
            after = self.rows[state][octet]
            if after == DEAD:
                return state, at
            state = after
        return state, len(text)

    def walk(self, text):
        """The rule, the viable prefix, and the kind or None, for any text."""
        state, viable = self.run(text)
        return (self.within[state], viable,
                self.labels[state] if viable == len(text) else None)

    def viable(self, text):
        """The length of the viable prefix."""
        return self.run(text)[1]

    def accepts(self, text):
        return self.walk(text)[2] is not None

    def words(self):
        """The words of the suite. Some words come more than once."""
        for access, suffixes in zip(self.access, self.identifiers):
            yield access
            for suffix in suffixes:
                yield access + suffix
        for access, row in zip(self.access, self.rows):
            for octet, target in enumerate(row):
                longer = access + bytes([octet])
                for suffix in ([b""] if target == DEAD else
                               self.identifiers[target]):
                    yield longer + suffix
        for octet in range(256):
            yield self.dead + bytes([octet])
