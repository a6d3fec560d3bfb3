# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes, minimises, compares and explores deterministic automata over octets.

An automaton has an output for every text. If no accepted text begins with this text, the output is
DEAD, with the length of the viable prefix. Otherwise the output is that of the last state: a label
(the kind of an accepted text), or None if more octets are needed. States from which no label can be
reached are removed, so "cannot continue" and "dead" mean the same."""
import collections

DEAD = -1

# The order in which octets are tried, so that examples are easy to read.
READABLE = sorted(range(256), key=lambda octet: (
    not chr(octet).isalnum() or octet > 126, not 32 <= octet <= 126, octet))


class Dfa:
    """An automaton. On octet o, state s goes to rows[s][o], which may be DEAD. labels[s] is the
    output if the text ends in state s. The start is state 0."""

    def __init__(self, rows, labels):
        self.rows = rows
        self.labels = labels

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

    def access(self):
        """A shortest text to every state."""
        return walk(len(self.rows), lambda state: self.rows[state])

    def runs(self, state):
        """The transitions of a state, as triples: first octet, last octet, target."""
        found = []
        for octet, target in enumerate(self.rows[state]):
            if target == DEAD:
                continue
            if found and found[-1][1:] == [octet - 1, target]:
                found[-1][1] = octet
            else:
                found.append([octet, octet, target])
        return found


def completions(dfa):
    """For every state, a shortest text that leads from it to a label."""
    words = {state: b"" for state, label in enumerate(dfa.labels) if label}
    back = collections.defaultdict(list)
    for state, row in enumerate(dfa.rows):
        for octet in READABLE:
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


def walk(count, row_of):
    """For every state that can be reached, a shortest text from state 0 to it."""
    texts, todo = {0: b""}, collections.deque([0])
    while todo and len(texts) < count:
        state = todo.popleft()
        row = row_of(state)
        for octet in READABLE:
            target = row[octet]
            if target != DEAD and target not in texts:
                texts[target] = texts[state] + bytes([octet])
                todo.append(target)
    return texts


# ---- From the automata of abnf.py -------------------------------------------

class Positions:
    """The positions of an Nfa: the states that read an octet, and the end. A set of positions is a
    number with a bit for each. after[p] is the set of positions that are reached when p has read
    its octet."""

    def __init__(self, nfa):
        self.nfa = nfa
        self.states = [state for state, octets in enumerate(nfa.octets)
                       if octets] + [nfa.final]
        self.number = {state: p for p, state in enumerate(self.states)}
        self.end = len(self.states) - 1
        self.octets = [nfa.octets[state] for state in self.states[:-1]]
        closures = {}
        self.after = [self.mask(closures, nfa.target[state])
                      for state in self.states[:-1]]
        self.first = self.mask(closures, nfa.start)

    def mask(self, closures, state):
        if state not in closures:
            closures[state] = sum(
                1 << self.number[each]
                for each in self.nfa.closure({state}) if each in self.number)
        return closures[state]


def bits(mask):
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def classes(sets):
    """Divides the octets into as few classes as possible. Each of the sets contains either all
    octets of a class, or none of them."""
    keys = [0] * 256
    for n, octets in enumerate(set(sets)):
        for octet in octets:
            keys[octet] |= 1 << n
    numbers = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


class TwoKinds(Exception):
    def __init__(self, text, kinds):
        super().__init__("one text, two kinds: " + " and ".join(kinds))
        self.text = text


def determinize(nfas):
    """One automaton made from several. The labels are the keys of nfas. If two of these automata
    accept the same text, its kind is not clear, and that is an error."""
    machines = {label: Positions(nfa) for label, nfa in nfas.items()}
    of_octet = classes([octets for each in machines.values()
                        for octets in each.octets])
    width = max(of_octet) + 1
    sample = [of_octet.index(each) for each in range(width)]
    reads = {label: [sum(1 << p for p, octets in enumerate(each.octets)
                         if octet in octets) for octet in sample]
             for label, each in machines.items()}

    def step(masks, each):
        after = []
        for mask, (label, machine) in zip(masks, machines.items()):
            reached = 0
            for p in bits(mask & reads[label][each]):
                reached |= machine.after[p]
            after.append(reached)
        return tuple(after)

    start = tuple(each.first for each in machines.values())
    numbers, todo, rows, labels = {start: 0}, [start], [], []
    texts = [b""]
    for masks, text in zip(todo, texts):
        ends = [label for mask, (label, machine)
                in zip(masks, machines.items()) if mask >> machine.end & 1]
        if len(ends) > 1:
            raise TwoKinds(text, ends)
        labels.append(ends[0] if ends else None)
        row = []
        for each in range(width):
            after = step(masks, each)
            if not any(after):
                row.append(DEAD)
                continue
            if after not in numbers:
                numbers[after] = len(numbers)
                todo.append(after)
                texts.append(text + bytes([sample[each]]))
            row.append(numbers[after])
        rows.append(row)
    return Dfa([[row[of_octet[octet]] for octet in range(256)]
                for row in rows], labels)


def minimise(dfa):
    """The smallest automaton with the same outputs, by Moore's method."""
    of_octet = classes_of_columns(dfa.rows)
    sample = [of_octet.index(each) for each in range(max(of_octet) + 1)]
    names = {}
    block = [names.setdefault(label, len(names)) for label in dfa.labels]
    while True:
        signatures = {}
        refined = []
        for state, row in enumerate(dfa.rows):
            signature = (block[state], *(
                block[row[octet]] if row[octet] != DEAD else DEAD
                for octet in sample))
            refined.append(signatures.setdefault(signature, len(signatures)))
        if len(signatures) == len(set(block)):
            break
        block = refined
    # number the states breadth first, so that equal automata look equal
    member = {}
    for state, each in enumerate(block):
        member.setdefault(each, state)
    order, todo = {block[0]: 0}, [block[0]]
    for each in todo:
        for target in dfa.rows[member[each]]:
            if target != DEAD and block[target] not in order:
                order[block[target]] = len(order)
                todo.append(block[target])
    return Dfa([[DEAD if target == DEAD else order[block[target]]
                 for target in dfa.rows[member[each]]] for each in todo],
               [dfa.labels[member[each]] for each in todo])


def classes_of_columns(rows):
    numbers = {}
    return [numbers.setdefault(column, len(numbers))
            for column in zip(*rows)]


# ---- Comparison -------------------------------------------------------------

def differences(one, two):
    """The shortest texts on which two automata differ, one for each kind of difference: {"accept":
    text, "kind": text, "offset": text}. The result is empty if the outputs of both are the same for
    every text."""
    found, wanted = {}, {"accept", "kind", "offset"}
    start = (0, 0)
    texts, todo = {start: b""}, collections.deque([start])
    while todo and wanted - set(found):
        pair = todo.popleft()
        text = texts[pair]
        first, second = (DEAD if state == DEAD else each.labels[state]
                         for each, state in zip((one, two), pair))
        members = [label not in (None, DEAD) for label in (first, second)]
        if members[0] != members[1]:
            found.setdefault("accept", text)
        elif all(members) and first != second:
            found.setdefault("kind", text)
        if DEAD in pair:
            found.setdefault("offset", text)
        rows = [None if state == DEAD else each.rows[state]
                for each, state in zip((one, two), pair)]
        for octet in READABLE:
            after = tuple(row[octet] if row else DEAD for row in rows)
            if after != (DEAD, DEAD) and after not in texts:
                texts[after] = text + bytes([octet])
                todo.append(after)
    return found


# ---- Ambiguity --------------------------------------------------------------

def ambiguity(nfa):
    """A text that the grammar derives in two ways, and the rules in which the two derivations
    differ. None if every text has at most one derivation.

    A derivation is a path of the Nfa. If a text has two paths, these paths part somewhere and meet
    again. There are two forms of this, and the function looks for both. Either two ways lead from
    one position to the next, and read no octet. Or the same text reaches two positions, and the
    same position follows both."""
    machine = Positions(nfa)
    loop = free_loop(nfa)
    if loop is not None:
        return text_through(machine, loop), nfa.rules[loop], nfa.rules[loop]
    ways = free_ways(nfa)
    for source in [nfa.start] + [nfa.target[state]
                                 for state in machine.states[:-1]]:
        for target, count in ways(source).items():
            if count > 1 and target in machine.number:
                return (text_through(machine, source), nfa.rules[source],
                        nfa.rules[target])
    return meeting(machine)


def free_loop(nfa):
    """A state from which a path leads back to the same state and reads no octet."""
    done, path = set(), set()
    for root in range(len(nfa.free)):
        stack = [(root, iter(nfa.free[root]))] if root not in done else []
        path = {root}
        while stack:
            state, targets = stack[-1]
            for each in targets:
                if each in path:
                    return each
                if each not in done:
                    path.add(each)
                    stack.append((each, iter(nfa.free[each])))
                    break
            else:
                done.add(state)
                path.discard(state)
                stack.pop()
    return None


def free_ways(nfa):
    """Returns a function that counts in how many ways a state is reached from another
    without an octet."""
    known = {}

    def ways(state):
        todo = [state]
        while todo:
            top = todo[-1]
            missing = [each for each in nfa.free[top] if each not in known]
            if missing:
                todo += missing
                continue
            todo.pop()
            if top in known:
                continue
            counts = collections.Counter({top: 1})
            for each in nfa.free[top]:
                counts.update(known[each])
            known[top] = counts
        return known[state]
    return ways


def meeting(machine):
    """Two positions that the same text reaches, and that the same position can follow."""
    texts, todo = {}, collections.deque()

    def reach(one, two, text):
        pair = (min(one, two), max(one, two))
        if pair not in texts:
            texts[pair] = text
            todo.append(pair)

    for one in bits(machine.first):
        for two in bits(machine.first):
            reach(one, two, b"")
    while todo:
        one, two = todo.popleft()
        if machine.end in (one, two):
            continue
        both = machine.octets[one] & machine.octets[two]
        if not both:
            continue
        text = texts[one, two] + bytes([min(both, key=READABLE.index)])
        shared = machine.after[one] & machine.after[two]
        if one != two and shared:
            p = next(bits(shared))
            return (text + text_from(machine, p),
                    machine.nfa.rules[machine.states[one]],
                    machine.nfa.rules[machine.states[two]])
        for after_one in bits(machine.after[one]):
            for after_two in bits(machine.after[two]):
                if one != two or after_one <= after_two:
                    reach(after_one, after_two, text)
    return None


def shortest(machine, starts, wanted):
    """A shortest text that leads from one of "starts" to one of "wanted". Returns the text, and the
    position to which it leads."""
    texts, todo = {p: b"" for p in starts}, collections.deque(starts)
    while todo:
        p = todo.popleft()
        if p in wanted:
            return texts[p], p
        if p == machine.end:
            continue
        octet = bytes([min(machine.octets[p], key=READABLE.index)])
        for after in bits(machine.after[p]):
            if after not in texts:
                texts[after] = texts[p] + octet
                todo.append(after)
    raise AssertionError("every position is reached and leads to the end")


def text_from(machine, p):
    return shortest(machine, [p], {machine.end})[0]


def text_through(machine, state):
    """A text whose derivation passes this state of the Nfa."""
    wanted = {machine.number[each] for each in machine.nfa.closure({state})
              if each in machine.number}
    text, p = shortest(machine, list(bits(machine.first)), wanted)
    return text + text_from(machine, p)
