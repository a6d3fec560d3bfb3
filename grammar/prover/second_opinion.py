# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the automaton of a rule with libfa (Debian's libaugeas0). This file writes the ABNF as a
regular expression, and libfa makes the automaton of this expression."""
import ctypes

from . import abnf, automaton
from .automaton import DEAD

SPECIAL = frozenset(b"\\[]^-(){}.*+?|")


def expression(grammar, tree):
    """A tree of ABNF as a regular expression of libfa, in octets."""
    kind = tree[0]
    if kind == "set":
        return octet_class(tree[1])
    if kind == "ref":
        return expression(grammar, grammar.get(tree[1]) or abnf.CORE[tree[1]])
    if kind == "cat":
        return b"".join(expression(grammar, each) for each in tree[1])
    if kind == "alt":
        return b"(%s)" % b"|".join(expression(grammar, each)
                                   for each in tree[1])
    least, most, inner = tree[1:]
    bounds = b"{%d,%s}" % (least, b"" if most is None else b"%d" % most)
    return b"(%s)%s" % (expression(grammar, inner), bounds)


def octet_class(octets):
    parts = [b"\\%c" % octet for octet in octets & SPECIAL]
    plain = b"".join(b"%c-%c" % (first, last) if last > first else
                     b"%c" % first
                     for first, last in abnf.ranges(octets - SPECIAL))
    if plain:
        parts.append(b"[%s]" % plain)
    return b"(%s)" % b"|".join(parts)


def library():
    fa = ctypes.CDLL("libfa.so.1")
    pointer, octet = ctypes.c_void_p, ctypes.c_ubyte
    fa.fa_compile.argtypes = [ctypes.c_char_p, ctypes.c_size_t,
                              ctypes.POINTER(pointer)]
    fa.fa_minimize.argtypes = [pointer]
    fa.fa_state_initial.restype = pointer
    fa.fa_state_initial.argtypes = [pointer]
    fa.fa_state_is_accepting.argtypes = [pointer]
    fa.fa_state_num_trans.restype = ctypes.c_size_t
    fa.fa_state_num_trans.argtypes = [pointer]
    fa.fa_state_trans.argtypes = [pointer, ctypes.c_size_t,
                                  ctypes.POINTER(pointer),
                                  ctypes.POINTER(octet), ctypes.POINTER(octet)]
    return fa


def transitions(fa, state):
    for i in range(fa.fa_state_num_trans(state)):
        to = ctypes.c_void_p()
        first, last = ctypes.c_ubyte(), ctypes.c_ubyte()
        if fa.fa_state_trans(state, i, ctypes.byref(to), ctypes.byref(first),
                             ctypes.byref(last)) != 0:
            raise OSError("libfa does not tell a transition")
        yield to.value, first.value, last.value


def machine(grammar, rule):
    """The smallest automaton of a rule, made by libfa. All accepted texts have the same label."""
    fa, made = library(), ctypes.c_void_p()
    text = expression(grammar, ("ref", rule))
    status = fa.fa_compile(text, len(text), ctypes.byref(made))
    if status != 0 or fa.fa_minimize(made) != 0:
        raise OSError("libfa does not take the expression: %d" % status)
    todo = [fa.fa_state_initial(made)]
    numbers, rows, labels = {todo[0]: 0}, [], []
    for state in todo:
        row = [DEAD] * 256
        for target, first, last in transitions(fa, state):
            if target not in numbers:
                numbers[target] = len(numbers)
                todo.append(target)
            row[first:last + 1] = [numbers[target]] * (last + 1 - first)
        rows.append(row)
        labels.append("member" if fa.fa_state_is_accepting(state) else None)
    return automaton.Dfa(rows, labels)
