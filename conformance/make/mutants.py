# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the mutant vectors. They guard against every single edit of the grammar that
changes an answer. For each of these edits there is a shortest text to which the edited
grammar and the published grammar give different answers.

An edit is a slip that can happen when a person copies a rule: an alternative or an
element is lost, doubled or made optional; a bound of a repetition moves by one; an end
of a range moves by one octet; a letter changes its case.
"""
import collections
import hashlib
import multiprocessing

from prover import abnf, automaton, prove
from prover.automaton import DEAD


# ---- Edits ------------------------------------------------------------------

def edits_of_set(octets):
    for first, last in abnf.ranges(octets):
        changed = [octets - {first}, octets - {last}]
        changed += [octets | {each} for each in (first - 1, last + 1)
                    if 0 <= each <= 255]
        if len(octets) == 1 and chr(first).isalpha():
            changed.append(octets | {first ^ 0x20})
        for each in changed:
            if each and each != octets:
                yield ("set", each)


def edits_of_repetition(least, most, inner):
    bounds = {(least - 1, most), (least + 1, most)}
    if most is None:
        bounds.add((least, least + 1))
    else:
        bounds |= {(least, most - 1), (least, most + 1), (least, None)}
    for low, high in sorted(bounds, key=str):
        if low >= 0 and (high is None or low <= high) and high != 0:
            yield ("rep", low, high, inner)


def edits(tree):
    """(what is changed, the changed tree)"""
    kind = tree[0]
    if kind == "set":
        for each in edits_of_set(tree[1]):
            yield "%s -> %s" % (abnf.text_of(tree), abnf.text_of(each)), each
    elif kind == "rep":
        for each in edits_of_repetition(*tree[1:]):
            yield "%s -> %s" % (abnf.text_of(tree), abnf.text_of(each)), each
        for words, inner in edits(tree[3]):
            yield words, (*tree[:3], inner)
    elif kind in ("alt", "cat"):
        parts = tree[1]
        for at, part in enumerate(parts):
            def with_part(*instead):
                return (kind, [*parts[:at], *instead, *parts[at + 1:]])
            if len(parts) > 1:
                yield "without " + abnf.text_of(part), with_part()
            if kind == "cat":
                yield abnf.text_of(part) + " twice", with_part(part, part)
                if part[0] != "rep" or part[1] > 0:
                    optional = ("rep", 0, 1, part)
                    yield abnf.text_of(optional), with_part(optional)
            for words, inner in edits(part):
                yield words, with_part(inner)


def all_edits(grammar):
    """All edits, in the order of the grammar: the rule, a description, the edited
    grammar."""
    for rule, tree in grammar.items():
        seen = collections.Counter()
        for words, changed in edits(tree):
            seen[words] += 1
            if seen[words] > 1: # the same part occurs more than once
                words += " (%d)" % seen[words]
            yield rule, "%s: %s" % (rule, words), {**grammar, rule: changed}


# ---- Telling an edited grammar from the published one -----------------------

def reaches(grammar, rule, seen):
    """Adds a rule to "seen", and every rule that it uses."""
    def visit(tree):
        if tree[0] == "ref":
            if tree[1] in grammar and tree[1] not in seen:
                reaches(grammar, tree[1], seen)
        elif tree[0] == "rep":
            visit(tree[3])
        elif tree[0] in ("alt", "cat"):
            for each in tree[1]:
                visit(each)
    seen.add(rule)
    visit(grammar[rule])
    return seen


class Language:
    """The published grammar, divided by kinds of text. For each kind, "kinds" has the
    rule of the kind, and the alternatives of other rules that make this kind."""

    def __init__(self, grammar, kinds):
        self.grammar, self.kinds = grammar, kinds
        self.machine = automaton.minimise(automaton.determinize(
            {kind: self.nfa(grammar, kind) for kind in kinds}))
        self.uses = {kind: reaches(self.narrowed(grammar, kind),
                                   kinds[kind][0], set()) for kind in kinds}
        self.others = {}

    def narrowed(self, grammar, kind):
        kept = self.kinds[kind][1]
        return {**grammar,
                **{rule: ("ref", each) for rule, each in kept.items()}}

    def nfa(self, grammar, kind):
        return abnf.Nfa(self.narrowed(grammar, kind), self.kinds[kind][0])

    def rest(self, affected):
        """The automaton of the kinds that an edit does not touch."""
        if affected not in self.others:
            nfas = {kind: self.nfa(self.grammar, kind)
                    for kind in self.kinds if kind not in affected}
            self.others[affected] = (automaton.minimise(
                automaton.determinize(nfas)) if nfas else None)
        return self.others[affected]

    def edited(self, rule, grammar):
        """The language after an edit of a rule, as automata that can be run and
        searched."""
        affected = frozenset(kind for kind, uses in self.uses.items()
                             if rule in uses)
        makes_kinds = any(rule in kept for _, kept in self.kinds.values())
        if affected and not makes_kinds:
            return Edited(self.machine, self.rest(affected), {
                kind: self.nfa(grammar, kind) for kind in sorted(affected)})
        # this rule decides between kinds, so only what the edited grammar
        # accepts is compared
        labels = [label and "member" for label in self.machine.labels]
        return Edited(automaton.Dfa(self.machine.rows, labels), None,
                      {"member": abnf.Nfa(grammar, "address")})


class Edited:
    """Runs the edited grammar and the published one side by side. A key says where both
    grammars are after the same octets. It has three values. The first is a state of the
    published machine. The second and the third are for the edited grammar: a state of
    the automaton "rest", for the kinds that the edit does not touch, and a set of
    positions for each other kind."""

    def __init__(self, machine, rest, nfas):
        self.machine, self.rest = machine, rest
        self.kinds = list(nfas)
        self.positions = [automaton.Positions(nfa) for nfa in nfas.values()]
        self.reads = [[0] * 256 for _ in self.positions]
        for reads, each in zip(self.reads, self.positions):
            for p, octets in enumerate(each.octets):
                for octet in octets:
                    reads[octet] |= 1 << p
        self.start = (0, 0 if rest else DEAD,
                      tuple(each.first for each in self.positions))

    def step(self, key, octet):
        state, other, masks = key
        after = []
        for mask, reads, each in zip(masks, self.reads, self.positions):
            reached = 0
            for p in automaton.bits(mask & reads[octet]):
                reached |= each.after[p]
            after.append(reached)
        return (self.machine.rows[state][octet] if state != DEAD else DEAD,
                self.rest.rows[other][octet] if other != DEAD else DEAD,
                tuple(after))

    def differs(self, key):
        """Whether the two grammars answer differently to a text that ends at this
        key."""
        state, other, masks = key
        wanted = self.machine.labels[state] if state != DEAD else None
        found = [kind for kind, each, mask
                 in zip(self.kinds, self.positions, masks)
                 if mask >> each.end & 1]
        if other != DEAD and self.rest.labels[other]:
            found.append(self.rest.labels[other])
        return found != ([wanted] if wanted else [])

    def told_apart_by(self, text):
        key = self.start
        for octet in text:
            key = self.step(key, octet)
        return self.differs(key)

    def search(self):
        """A shortest text that tells the two grammars apart, or None if there is
        none."""
        texts, todo = {self.start: b""}, collections.deque([self.start])
        sample = self.sample()
        while todo:
            key = todo.popleft()
            if self.differs(key):
                return texts[key]
            for octet in sample:
                after = self.step(key, octet)
                if after not in texts and (after[:2] != (DEAD, DEAD) or
                                           any(after[2])):
                    texts[after] = texts[key] + bytes([octet])
                    todo.append(after)
        return None

    def sample(self):
        """One octet of every class. Each of the two grammars treats all octets of a
        class alike."""
        edited = automaton.classes([octets for each in self.positions
                                    for octets in each.octets])
        published = automaton.classes_of_columns(self.machine.rows)
        seen = {}
        for octet in automaton.READABLE:
            seen.setdefault((edited[octet], published[octet]), octet)
        return list(seen.values())


# ---- The suite --------------------------------------------------------------

languages = {} # of the process: rule "address" or that of a value -> Language


def prepare(root):
    address = abnf.load(root / "grammar/sbind.abnf")
    languages["address"] = Language(address, prove.KINDS)
    values = abnf.load(root / "grammar/activation.abnf")
    for rule in prove.VALUES:
        languages[rule] = Language(values, {rule: (rule, {})})


def solve_all(task):
    """Some edits of one rule, each with a text that shows the edit, or None. A text
    that shows several edits is searched for only once."""
    top, listed = task
    texts, solved = [], []
    for rule, words, grammar in listed:
        edited = languages[top].edited(rule, grammar)
        text = next((each for each in reversed(texts)
                     if edited.told_apart_by(each)), None)
        if text is None:
            text = edited.search()
            if text is not None:
                texts.append(text)
        solved.append((words, text))
    return solved


def tasks(every=1):
    """The edits for each top rule, which is "address" or the rule of a variable. Each
    edit is (rule, description, edited grammar)."""
    count = 0
    for top, language in languages.items():
        reached = reaches(language.grammar, top, set())
        listed = collections.defaultdict(list)
        for rule, words, grammar in all_edits(language.grammar):
            count += rule in reached
            if rule in reached and count % every == 0:
                listed[rule].append((rule, words, grammar))
        for each in listed.values():
            yield top, each


def find(root, every=1):
    """The vectors, and the edits that change nothing. A vector is (top rule, text,
    edits it guards against). An edit is (top rule, edit). Both lists are in the order
    of the grammar."""
    prepare(root)
    found, equivalent = {}, []
    todo = list(tasks(every))
    with multiprocessing.Pool() as pool: # forks: languages come along
        for (top, _), solved in zip(todo, pool.imap(solve_all, todo)):
            for words, text in solved:
                if text is None:
                    equivalent.append((top, words))
                else:
                    found.setdefault((top, text), []).append(words)
    return ([(top, text, guards) for (top, text), guards in found.items()],
            equivalent)


def name_of(rule, text):
    """An id that does not change when vectors are added."""
    return "mutant-%s-%s" % (rule, hashlib.sha256(text).hexdigest()[:8])
