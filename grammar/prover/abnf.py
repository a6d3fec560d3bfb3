# SPDX-License-Identifier: MIT OR Apache-2.0
"""Reads regular grammars in ABNF (RFC 5234, RFC 7405), and makes automata over octets
of them.

    grammar = abnf.load("grammar/sbind.abnf")     rule name -> syntax tree
    nfa = abnf.Nfa(grammar, "address")            an automaton of that rule
    nfa.accepts(octets), nfa.viable(octets)

A rule must not refer to itself, directly or through other rules. So the grammar is regular, and
every reference is replaced by the rule that it names. Each state knows the rules from which it was
made. So the automaton can tell which rules a text uses.
"""
import functools
import os
import re

CORE = {
    "alpha": ("set", frozenset([*range(0x41, 0x5B), *range(0x61, 0x7B)])),
    "digit": ("set", frozenset(range(0x30, 0x3A))),
    # RFC 5234 B.1 defines "A" to "F" as strings, so their case does not matter
    "hexdig": ("set", frozenset(b"0123456789abcdefABCDEF")),
}

TOKEN = re.compile(r"""
    (?P<blank>   \s+ )
  | (?P<string>  (?:%[si])? " [^"]* " )
  | (?P<number>  %[xdb] [0-9A-Fa-f]+
                 (?: -[0-9A-Fa-f]+ | (?:\.[0-9A-Fa-f]+)+ )? )
  | (?P<repeat>  \d* \* \d* | \d+ )
  | (?P<name>    [A-Za-z][A-Za-z0-9-]* )
  | (?P<mark>    =/ | [=/()\[\]] )
""", re.VERBOSE)


class Error(Exception):
    pass


# ---- Text to syntax trees ---------------------------------------------------
#
# A tree is ("set", octets) | ("cat", trees) | ("alt", trees) | ("ref", name)
#         | ("rep", least, most or None, tree)

def tokens(text):
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise Error("not ABNF: " + text[at:at + 40])
        if match.lastgroup != "blank":
            yield match.lastgroup, match.group()
        at = match.end()
    yield "end", ""


def string(token):
    sensitive = token.startswith("%s")
    octets = token[token.index('"') + 1:-1].encode("ascii")
    both = [(octet,) if sensitive else
            tuple({ord(chr(octet).lower()), ord(chr(octet).upper())})
            for octet in octets]
    return ("cat", [("set", frozenset(each)) for each in both])


def number(token):
    base = {"x": 16, "d": 10, "b": 2}[token[1].lower()]
    if "-" in token:
        low, high = (int(part, base) for part in token[2:].split("-"))
        if not low <= high <= 255:
            raise Error("no range of octets: " + token)
        return ("set", frozenset(range(low, high + 1)))
    octets = [int(part, base) for part in token[2:].split(".")]
    if max(octets) > 255:
        raise Error("no octet: " + token)
    return ("cat", [("set", frozenset([octet])) for octet in octets])


class Parser:
    def __init__(self, text):
        self.tokens = list(tokens(text))
        self.at = 0

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def peek(self):
        return self.tokens[self.at]

    def expect(self, mark):
        if self.next()[1] != mark:
            raise Error("expected " + mark)

    def alternation(self):
        trees = [self.concatenation()]
        while self.peek() == ("mark", "/"):
            self.next()
            trees.append(self.concatenation())
        return trees[0] if len(trees) == 1 else ("alt", trees)

    def concatenation(self):
        trees = []
        while self.peek()[0] != "end" and self.peek()[1] not in ("/", ")", "]"):
            trees.append(self.repetition())
        if not trees:
            raise Error("an empty concatenation")
        return trees[0] if len(trees) == 1 else ("cat", trees)

    def repetition(self):
        if self.peek()[0] != "repeat":
            return self.element()
        least, star, most = self.next()[1].partition("*")
        if not star:
            most = least
        if most and int(most) < int(least or 0):
            raise Error("a repetition of %s to %s" % (least, most))
        return ("rep", int(least or 0), int(most) if most else None,
                self.element())

    def element(self):
        group, token = self.next()
        if group == "string":
            return string(token)
        if group == "number":
            return number(token)
        if group == "name":
            return ("ref", token.lower())
        if token == "(":
            tree = self.alternation()
            self.expect(")")
            return tree
        if token == "[":
            tree = self.alternation()
            self.expect("]")
            return ("rep", 0, 1, tree)
        raise Error("unexpected " + repr(token))


def without_comment(line):
    return re.match(r'(?:[^";]|"[^"]*")*', line).group().rstrip()


def parse(text):
    """Every rule of a grammar, in the order of the text."""
    grammar, rules = {}, []
    for line in map(without_comment, text.splitlines()):
        if not line:
            continue
        if line[0].isspace():
            if not rules:
                raise Error("a continuation of nothing")
            rules[-1] += " " + line
        else:
            rules.append(line)
    for rule in rules:
        match = re.match(r"([A-Za-z][A-Za-z0-9-]*)\s*(=/?)(.*)", rule, re.S)
        if not match:
            raise Error("not a rule: " + rule)
        name, sign = match.group(1).lower(), match.group(2)
        try:
            parser = Parser(match.group(3))
            tree = parser.alternation()
            if parser.peek()[0] != "end":
                raise Error("unexpected %r" % parser.peek()[1])
        except Error as error:
            raise Error("in rule %s: %s" % (name, error)) from None
        if sign == "=/" and name not in grammar:
            raise Error("not defined yet: " + name)
        if sign == "=/":
            tree = ("alt", [grammar[name], tree])
        elif name in grammar or name in CORE:
            raise Error("defined twice: " + name)
        grammar[name] = tree
    check_references(grammar)
    return grammar


def references(tree):
    if tree[0] == "ref":
        yield tree[1]
    elif tree[0] == "rep":
        yield from references(tree[3])
    elif tree[0] in ("alt", "cat"):
        for each in tree[1]:
            yield from references(each)


def check_references(grammar):
    """Checks that every rule refers only to rules that exist, and not to itself. This
    includes rules that no other rule uses."""
    done = set()

    def visit(name, within):
        if name in within:
            raise Error("not regular: %s refers to itself" % name)
        if name in done or name in CORE:
            return
        if name not in grammar:
            raise Error("not defined: " + name)
        for each in references(grammar[name]):
            visit(each, within + (name,))
        done.add(name)

    for name in grammar:
        visit(name, ())


def load(path):
    try:
        with open(path, encoding="ascii") as file:
            return parse(file.read())
    except UnicodeDecodeError:
        raise Error("%s is not ASCII" % path) from None


# ---- Syntax trees to text ----------------------------------------------------

def text_of(tree):
    """A tree as ABNF."""
    kind = tree[0]
    if kind == "set":
        return set_text(tree[1])
    if kind == "ref":
        return tree[1].upper() if tree[1] in CORE else tree[1]
    if kind == "alt":
        return "( %s )" % " / ".join(map(text_of, tree[1]))
    if kind == "cat":
        return string_text(tree[1]) or " ".join(map(text_of, tree[1]))
    least, most, inner = tree[1:]
    element = text_of(inner)
    if inner[0] == "cat" and not string_text(inner[1]):
        element = "( %s )" % element
    if (least, most) == (0, 1):
        return "[ %s ]" % element
    if least == most:
        return "%d%s" % (least, element)
    return "%s*%s%s" % (least or "", "" if most is None else most, element)


def string_text(trees):
    """The ABNF string from which these trees came. None if they came from anything else."""
    sets = [tree[1] for tree in trees if tree[0] == "set"]
    if len(sets) < len(trees) or not all(0x20 < max(each) < 0x7F
                                         for each in sets):
        return None
    text = "".join(chr(max(each)) for each in sets)
    if all(each == {ord(c.lower()), ord(c.upper())}
           for each, c in zip(sets, text)):
        return '"%s"' % text
    return '%%s"%s"' % text if all(len(each) == 1 for each in sets) else None


def set_text(octets):
    parts = ["%%x%02X" % first + ("-%02X" % last if last > first else "")
             for first, last in ranges(octets)]
    return parts[0] if len(parts) == 1 else "( %s )" % " / ".join(parts)


def ranges(octets):
    found = []
    for octet in sorted(octets):
        if found and found[-1][1] == octet - 1:
            found[-1][1] = octet
        else:
            found.append([octet, octet])
    return found


# ---- Syntax trees to automata -----------------------------------------------

class Nfa:
    """An automaton. From state s, each octet in octets[s] leads to target[s], if there
    is one. Each state in free[s] is reached without an octet. rules[s] is the set of
    rules that s came from. stacks[s] has the same rules, from the largest to the
    smallest."""

    def __init__(self, grammar, rule):
        self.grammar = grammar
        self.octets, self.target, self.free = [], [], []
        self.rules, self.stacks = [], []
        self.start = self.state((rule,))
        self.final = self.build(("ref", rule), self.start, ())
        self.stacks[self.final] = (rule,)
        self.prune()
        self.steps, self.used = {}, {}
        self.initial = self.closure({self.start})

    def state(self, stack):
        self.octets.append(None)
        self.target.append(None)
        self.free.append([])
        self.rules.append(frozenset(stack))
        self.stacks.append(stack)
        return len(self.free) - 1

    def join(self, source, stack):
        state = self.state(stack)
        self.free[source].append(state)
        return state

    def build(self, tree, start, stack):
        """Adds states that match the tree, after state start. Returns the last
        state."""
        kind = tree[0]
        if kind == "set":
            start = self.join(start, stack)
            self.octets[start] = tree[1]
            self.target[start] = self.state(stack)
            return self.target[start]
        if kind == "cat":
            for each in tree[1]:
                start = self.build(each, start, stack)
            return start
        if kind == "alt":
            ends = [self.build(each, start, stack) for each in tree[1]]
            end = self.state(stack)
            for each in ends:
                self.free[each].append(end)
            return end
        if kind == "ref":
            return self.reference(tree[1], start, stack)
        least, most, inner = tree[1:]
        for _ in range(least):
            start = self.build(inner, start, stack)
        if most is None:
            loop = self.join(start, stack)
            self.free[self.build(inner, loop, stack)].append(loop)
            return self.join(loop, stack)
        end = self.state(stack)
        for _ in range(most - least):
            self.free[start].append(end)
            start = self.build(inner, self.join(start, stack), stack)
        self.free[start].append(end)
        return end

    def reference(self, name, start, stack):
        if name in stack:
            raise Error("not regular: %s refers to itself" % name)
        if name in CORE:
            return self.build(CORE[name], start, stack)
        if name not in self.grammar:
            raise Error("not defined: " + name)
        inner = stack + (name,)
        end = self.build(self.grammar[name], self.join(start, inner), inner)
        end = self.join(end, inner)
        return self.join(end, stack)

    def prune(self):
        """Removes every way to a state from which no text can be accepted."""
        self.back = [[] for _ in self.free]
        into = [[] for _ in self.free]
        for state, targets in enumerate(self.free):
            for each in targets:
                self.back[each].append(state)
                into[each].append(state)
            if self.octets[state]:
                into[self.target[state]].append(state)
        live, todo = {self.final}, [self.final]
        while todo:
            for each in into[todo.pop()]:
                if each not in live:
                    live.add(each)
                    todo.append(each)
        for state in range(len(self.free)):
            self.free[state] = [t for t in self.free[state] if t in live]
            if self.octets[state] and self.target[state] not in live:
                self.octets[state] = None

    @staticmethod
    def reach(states, edges):
        seen, todo = set(states), list(states)
        while todo:
            for each in edges[todo.pop()]:
                if each not in seen:
                    seen.add(each)
                    todo.append(each)
        return frozenset(seen)

    def closure(self, states):
        return self.reach(states, self.free)

    def step(self, states, octet):
        """The set of states after one more octet. The set is empty if no text can continue with
        this octet."""
        key = (states, octet)
        if key not in self.steps:
            self.steps[key] = self.closure(
                {self.target[state] for state in states
                 if self.octets[state] and octet in self.octets[state]})
        return self.steps[key]

    def run(self, text):
        """Yields the set of states before each octet. Ends when a set is empty."""
        sets = [self.initial]
        for octet in text:
            states = self.step(sets[-1], octet)
            if not states:
                break
            sets.append(states)
        return sets

    def viable(self, text):
        """The length of the viable prefix."""
        return len(self.run(text)) - 1

    def accepts(self, text):
        sets = self.run(text)
        return len(sets) == len(text) + 1 and self.final in sets[-1]

    @functools.cache
    def rules_begun(self, text):
        """The rules that at least one derivation of the viable prefix has entered."""
        found = set()
        for states in self.run(text):
            if states not in self.used:
                self.used[states] = frozenset().union(
                    *(self.rules[state] for state in states))
            found |= self.used[states]
        return found

    def enclosing(self, text):
        """The smallest rule in which every derivation of the viable prefix ends."""
        stacks = [self.stacks[state] for state in self.run(text)[-1]
                  if self.octets[state]] or [self.stacks[self.final]]
        return os.path.commonprefix(stacks)[-1]

    @functools.cache
    def rules_of(self, text):
        """The rules that the derivation of an accepted text uses."""
        sets = self.run(text)
        found, last = set(), {self.final}
        for at in range(len(text), -1, -1):
            if at < len(text):
                last = {state for state in sets[at]
                        if self.octets[state] and text[at] in self.octets[state]
                        and self.target[state] in last}
            last = self.reach(last, self.back) & sets[at]
            found.update(*(self.rules[state] for state in last))
        return found
