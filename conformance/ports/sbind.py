#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Service bindings: tcp://127.0.0.1:8080, unix:///x, fd://, npipe://x.

A port of sbind.abnf, activation.abnf and SPEC.md, with the numbers of its paragraphs.
The rules are data, and sets of states run them. The viable prefix (4.1) is what was
read when no state is left. As a program, this file is the adapter of SPEC 7.
"""

import json
import re
import sys
from collections import namedtuple
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv6Address

# How a rule is written. A frozenset stands for any one of its octets, bytes
# for %s"x", and a str for "x" in any case (SPEC 1.2). A tuple is a sequence,
# and a list has alternatives. Many is low*high of a rule that does not match
# the empty text.
Many = namedtuple("Many", "rule low high", defaults=(0, None))


def opt(*rule):
    return Many(rule, 0, 1)


def x(ranges):
    """x("20-39 3B-7E") is %x20-39 / %x3B-7E."""
    pairs = (bytes.fromhex(part.replace("-", "")) for part in ranges.split())
    return frozenset(o for first, last in pairs for o in range(first, last + 1))


def below(limit):
    """The numbers 1 to limit - 1 in decimal, by the same alternatives as in the
    ABNF."""
    digits = str(limit)
    rules = [(DIGIT - set(b"0"), Many(DIGIT, 0, len(digits) - 2))]
    for place, digit in enumerate(digits):
        first = ord("0") if place else ord("1")
        if smaller := DIGIT & set(range(first, ord(digit))):
            free = len(digits) - place - 1
            rules.append((digits[:place], smaller, free * (DIGIT,)))
    return rules


DIGIT, HEXDIG = x("30-39"), x("30-39 41-46 61-66")
ALPHA = x("41-5A 61-7A")
port = ["0", below(65536)]
dec_octet = ["0", below(256)]
ipv4 = (dec_octet, 3 * (".", dec_octet))
h16 = Many(HEXDIG, 1, 4)
ls32 = [(h16, ":", h16), ipv4]
ipv6 = [(6 * (h16, ":"), ls32), ("::", 5 * (h16, ":"), ls32),
        *((opt(Many((h16, ":"), 0, n), h16), "::", (4 - n) * (h16, ":"), ls32)
          for n in range(5)),
        (opt(Many((h16, ":"), 0, 5), h16), "::", h16),
        (opt(Many((h16, ":"), 0, 6), h16), "::")]
zone_octet = ALPHA | DIGIT | set(b"-._~")
zone_first, zone_second = zone_octet - set(b"2"), zone_octet - set(b"5")
zone = [(zone_first, Many(zone_octet, 0, 14)), ("25", Many(DIGIT, 0, 13)),
        ("2", opt(zone_second, Many(zone_octet, 0, 13)))]
ipv6_literal = ("[", ipv6, opt("%", zone), "]")

word, letter = ALPHA | DIGIT | set(b"_"), ALPHA | set(b"_")
not_x, not_hex = letter - set(b"Xx"), letter - HEXDIG
tail = opt(Many(word | set(b"-")), word)
dash = (Many("-", 1), word, tail)
mark = [(letter, tail), dash]
label = (word, tail)
last_label = [(letter, tail), (x("31-39"), Many(DIGIT), mark),
              ("0", Many(DIGIT, 1), mark), ("0", not_x, tail), ("0", dash),
              ("0x", Many(HEXDIG), not_hex, tail), ("0x", Many(HEXDIG), dash)]
name = (Many((label, ".")), last_label, opt("."))
path_octet = x("20-7E 80-FF")
path_first, path_last = path_octet - set(b"@"), path_octet - set(b"/")
path_only = path_octet - set(b"@/")
path = [path_only, (path_first, Many(path_octet), path_last)]
number = ["0", below(2**31)]
name_octet = x("20-39 3B-7E")
name_graph = name_octet - set(b" ")
name_mark = name_graph - DIGIT
name_first = name_mark - set(b"*+-")
passed_name = Many(name_octet, 0, 255)  # with the limit, SPEC 2.9
name_rest = opt(Many(name_octet), name_graph)
socket_name = [(name_first, name_rest), (Many(DIGIT, 1), name_mark, name_rest),
               (Many(DIGIT, 1), " ", Many(name_octet), name_graph)]

utf8_tail = x("80-BF")
utf8_2 = (x("C2-DF"), utf8_tail)
utf8_3 = [(b"\xE0", x("A0-BF"), utf8_tail), (x("E1-EC"), 2 * (utf8_tail,)),
          (b"\xED", x("80-9F"), utf8_tail), (x("EE-EF"), 2 * (utf8_tail,))]
utf8_4 = [(b"\xF0", x("90-BF"), 2 * (utf8_tail,)),
          (x("F1-F3"), 3 * (utf8_tail,)),
          (b"\xF4", x("80-8F"), 2 * (utf8_tail,))]
seg_char = [x("20-2D 30-5B 5D-7E"), utf8_2, utf8_3, utf8_4]
seg_any = [".", seg_char]
segment = [(seg_char, Many(seg_any)), (".", seg_char, Many(seg_any)),
           ("..", Many(seg_any, 1))]
server = [".", name, ipv4]
npipe = [(b"npipe://", segment),
         (b"npipe:////", server, "/pipe/", segment, Many(("/", segment))),
         ("\\\\", server, "\\pipe\\", segment, Many(("\\", segment)))]

# The kinds of value (SPEC 3). Each except npipe has one beginning, which comes
# first.
KINDS = {"tcp-default": (b"tcp://",),
         "tcp-ipv4": (b"tcp://", ipv4, ":", port),
         "tcp-ipv6": (b"tcp://", ipv6_literal, ":", port),
         "tcp-name": (b"tcp://", name, ":", port),
         "tcp-any": (b"tcp://*", ":", port),
         "unix-path": (b"unix://", path),
         "unix-abstract": (b"unix://@", Many(path_octet, 1)),
         "fd-single": (b"fd://",), "fd-all": (b"fd://*",),
         "fd-number": (b"fd://", number),
         "fd-name": (b"fd://", socket_name),
         "npipe": npipe}


# The states of an NFA, which is built from its end. A position waits for one
# of its octets, or is the end of a kind of text. A list stands for all its
# elements.
class Position:
    def __init__(self, octets, after=None, kind=None):
        self.octets, self.after, self.kind = octets, after, kind


def before(rule, after):
    """The state where a rule begins, if "after" is the state where it ends."""
    match rule:
        case frozenset():
            return Position(rule, after)
        case list():
            return [before(part, after) for part in rule]
        case Many(part, low, high):
            end, after = after, [after]
            if high is None:
                after.append(before(part, after))
            for _ in range((high or low) - low):
                after = [end, before(part, after)]
            rule = low * (part,)
        case str():
            rule = [frozenset((c.lower() + c.upper()).encode()) for c in rule]
        case bytes():
            rule = [frozenset([octet]) for octet in rule]
    for part in reversed(rule):
        after = before(part, after)
    return after


def positions(state):
    if isinstance(state, Position):
        return frozenset([state])
    return frozenset().union(*map(positions, state))


@cache  # one for each set of positions, so that they are finite
class State(dict):
    """A state of the DFA. It maps each octet met so far to the next state, or to
    None."""

    def __init__(self, members):
        self.members = members
        # there is at most one kind; if there were two, min always takes the
        # same
        self.kind = min((m.kind for m in members if m.kind), default=None)

    def __missing__(self, octet):
        after = [m.after for m in self.members if octet in m.octets]
        self[octet] = following = State(positions(after)) if after else None
        return following

    def run(self, octets):
        """The viable prefix (SPEC 4.1), and the kind if the whole text is an
        address."""
        state = self
        for length, octet in enumerate(octets):
            following = state[octet]
            if following is None:
                return octets[:length], None
            state = following
        return octets, state.kind


def machine(kinds):
    """The first state for texts of several kinds. Each kind has a rule."""
    return State(positions([before(rule, Position((), kind=kind))
                            for kind, rule in kinds.items()]))


ADDRESS = machine(KINDS)
ACTIVATION = {name: machine({name: rule}) for name, rule in {
    "LISTEN_PID": below(2**31), "LISTEN_PIDFDID": below(2**64),
    "LISTEN_FDS": below(2**31 - 3),
    "LISTEN_FDNAMES": (passed_name, Many((":", passed_name)))}.items()}
# The result of activation (SPEC 6): none, other-process or passed.
Outcome = namedtuple("Outcome", "outcome count names", defaults=(0, ()))

# The limits (SPEC 2), measured on the viable prefix. Each pattern ends with
# the first octet past the limit. A host that is not a name is too short for
# the first two.
HOST = rb"(?:tcp://|npipe:////|\\\\)"
LIMITS = [
    (HOST + rb"(?:[^:/\\]*?\.)??[^.:/\\]{64}", "host-too-long"),  # 2.2
    (HOST + rb"[^:/\\]{253}(?!\.(?:[:/\\]|\Z))[^:/\\]", "host-too-long"),  # 2.3
    (rb"fd://.{256}", "bad-fd-name")]  # 2.5

# The errors (SPEC 4.2). The first pattern that matches counts. The patterns are
# matched against three parts in a row: the viable prefix, a newline, and the next
# octet, which is missing (\Z) at the end of the text. No viable prefix has a
# newline. PIPE matches a pipe up to a place in a segment.
PIPE = rb"(?:npipe://(?!/)|npipe:////[^/]+/[^/]+/|\\\\[^\\]+\\[^\\]+\\).*"
ERRORS = [
    (rb"fd://[1-9]\d*\n\Z", "fd-range"),  # 4.2.2
    (rb"fd://(?:\*|\d*)\n", "bad-fd"),  # 4.2.2, 4.2.3
    (rb"fd://", "bad-fd-name"),
    (rb"unix://.*/\n\Z", "bad-path"),  # 4.2.4
    (PIPE + rb"\n[\x80-\xFF]", "bad-utf8"),  # 4.2.11
    (PIPE + rb"(?:[\xC2-\xF4]|[\xE0-\xF4].|[\xF0-\xF4]..)\n", "bad-utf8"),
    (PIPE + rb"(?<![/\\])\n\Z", "bad-pipe-name"),
    (rb".*\n\Z", "unexpected-end"),  # 4.2.1, 4.2.4, 4.2.6, 4.2.11, 4.2.12
    (rb"unix://@", "bad-abstract-name"),  # 4.2.5
    (rb"unix://", "bad-path"),
    (rb"tcp://\[[^]]*%[^]]*\n", "bad-zone"),  # 4.2.7
    (rb"tcp://\[[^]]*\n", "bad-ipv6"),
    (rb"tcp://(?:\[.*\]|[^\[:]*):[1-9]\d*\n\d", "port-range"),  # 4.2.8
    (rb"tcp://(?:\[|.*:)", "bad-port"),
    (rb"tcp://(?:.*\.)?(?i:\d+|0x[\da-f]*)\.?\n:", "numeric-host"),  # 4.2.9
    (rb"tcp://", "bad-host"),  # 4.2.10
    (rb"npipe://(?!/)|npipe:////.+/|\\\\.+\\", "bad-pipe-name"),  # 4.2.11, 13
    (rb"npipe://|\\\\", "bad-pipe-server"),
    (rb"", "unknown-scheme")]  # 4.2.1
ERROR = re.compile(b"|".join(b"(%b)" % pattern for pattern, _ in ERRORS))


class Refused(Exception):
    def __init__(self, error, offset=None, variable=None):
        self.error, self.offset, self.variable = error, offset, variable


def refusals(octets, prefix, kind):
    """Everything that is wrong with a text. The limit 2.1 comes first (SPEC 2.8)."""
    if len(octets) > 1024:
        yield Refused("text-too-long", 1024)
    for pattern, error in LIMITS if len(prefix) >= 64 else ():
        if found := re.match(pattern, prefix):
            yield Refused(error, found.end() - 1)
    if len(prefix) >= 64 and (found := re.match(rb"npipe:/{2,4}|\\\\", prefix)):
        units = [at for at, octet in enumerate(prefix) if at >= found.end()
                 for _ in range((not 0x80 <= octet < 0xC0) + (octet >= 0xF0))]
        room = 256 - (9 if found[0] == b"npipe://" else 2)  # SPEC 2.6
        if len(units) > room:
            yield Refused("pipe-name-too-long", units[room])
    if not kind:
        subject = prefix + b"\n" + octets[len(prefix):][:1]
        row = ERROR.match(subject).lastindex - 1
        yield Refused(ERRORS[row][1], len(prefix))


def parse(octets):
    """The Address that a text means. Raises Refused if it means none."""
    prefix, kind = ADDRESS.run(octets[:1024])  # SPEC 2.1 before all beyond
    if not kind or len(octets) >= 64:  # a shorter text exceeds no limit
        if found := list(refusals(octets, prefix, kind)):
            raise min(found, key=lambda refused: refused.offset)
    return Address.read(kind, octets)


@dataclass(frozen=True, slots=True)
class Address:
    """A kind and its parts. Two values are equal if they mean the same (SPEC 3.0)."""
    kind: str
    value: str | int | bytes = ""  # host, socket name; number; path, pipe
    zone: str = ""
    port: int | None = None
    server: str = ""

    @classmethod
    def read(cls, kind, text):
        if kind == "npipe":
            windows = text.removeprefix(b"npipe:").replace(b"/", b"\\")
            *server, value = windows.lstrip(b"\\").split(b"\\", 2)
            server = server[0].decode().lower() if server else "."
            return cls(kind, value, server=server)
        rest = text.removeprefix(KINDS[kind][0])
        if kind.startswith("unix-"):
            return cls(kind, rest)
        host, colon, port = rest.decode().rpartition(":")
        if not colon:
            return cls(kind, int(port) if kind == "fd-number" else port)
        host, _, zone = host.strip("[]").partition("%")
        if kind == "tcp-ipv6":  # mixed for ::ffff:0:0/96 only, SPEC 3.1.4
            address = IPv6Address(host)
            mapped = address.ipv4_mapped
            host = f"::ffff:{mapped}" if mapped else address.compressed
        return cls(kind, host.lower(), zone, int(port))

    def spelling(self):
        """The canonical spelling, if the value has one."""
        value = self.value
        if self.kind == "npipe":
            if self.server == "." and b"\\" not in value:
                return b"npipe://" + value
            value = value.replace(b"\\", b"/")
            return b"npipe:////%b/pipe/%b" % (self.server.encode(), value)
        if self.kind == "tcp-ipv6":
            value = f"[{value}%{self.zone}]" if self.zone else f"[{value}]"
        if self.port is not None:
            value = f"{value}:{self.port}"
        octets = value if isinstance(value, bytes) else str(value).encode()
        return KINDS[self.kind][0] + octets

    def canonical(self):
        """The canonical spelling. Raises Refused if no text means this value (SPEC
        4.3.1)."""
        with suppress(Refused):
            if parse(self.spelling()) == self:
                return self.spelling()
        raise Refused("invalid-address")

    def json(self):
        """The members of SPEC 7.3."""
        scheme, _, kind = self.kind.partition("-")
        start, value = f'"scheme":"{scheme}"', self.value
        if scheme == "unix":
            return f'{start},"type":"{kind}","octets":"{value.hex()}"'
        if scheme == "npipe":
            return f'{start},"server":"{self.server}","name":"{value.hex()}"'
        value = f',"value":{json.dumps(value)}' if value != "" else ""
        if scheme == "fd":
            return f'{start},"type":"{kind}"{value}'
        zone = f',"zone":"{self.zone}"' if self.zone else ""
        port = f',"port":{self.port}' if self.port is not None else ""
        return f'{start},"host":{{"type":"{kind}"{value}{zone}}}{port}'


def matched(variable, value):
    """The value of a variable. It must match the variable's rule (SPEC 6.8)."""
    prefix, kind = ACTIVATION[variable].run(value)
    if not kind:
        error = "bad-" + variable.lower().replace("_", "-")
        raise Refused(error, len(prefix), variable)
    return value


def activation(pid, fds, names, pidfdid, self_pid, self_pidfdid, limit,
               need_pid=True):
    """The Outcome for the four values, in the order of SPEC 6.2. None stands for a
    variable that is not set."""
    if pid is None and need_pid:
        return Outcome("none")
    if pid is not None and int(matched("LISTEN_PID", pid)) != self_pid:
        return Outcome("other-process")
    if pidfdid is not None and self_pidfdid:
        if int(matched("LISTEN_PIDFDID", pidfdid)) != self_pidfdid:
            return Outcome("other-process")
    if fds is None:
        return Outcome("none")
    count = int(matched("LISTEN_FDS", fds))
    if count > limit:
        raise Refused("too-many-fds", len(fds), "LISTEN_FDS")
    if names is None:
        return Outcome("passed", count)
    passed = matched("LISTEN_FDNAMES", names).split(b":")
    if len(passed) != count:
        raise Refused("fdnames-count", len(names), "LISTEN_FDNAMES")
    return Outcome("passed", count, tuple(passed))


HEX = rb"-|(?:[0-9A-Fa-f]{2})+"
PARSE = re.compile(rb"parse (%b)\n?" % HEX)
ACTIVATE = re.compile(rb"activation%b%b\n?" % (
    4 * (rb" (unset|%b)" % HEX), 3 * rb" (\d{1,20})"))


def answer(line):
    """The members of the answer to a request (SPEC 7)."""
    if found := PARSE.fullmatch(line):
        address = parse(bytes.fromhex(found[1].decode().strip("-")))
        return (f'"ok":true,"canonical":"{address.spelling().hex()}",'
                f'"address":{{{address.json()}}}')
    found = ACTIVATE.fullmatch(line)
    fields = found.groups() if found else ()
    numbers = [int(field) for field in fields[4:]]
    if not fields or any(n >> b for n, b in zip(numbers, (31, 64, 32))):
        return '"ok":false,"error":"bad-request"'
    values = [None if field == b"unset" else
              bytes.fromhex(field.decode().strip("-")) for field in fields[:4]]
    outcome, count, names = activation(*values, *numbers)
    if outcome != "passed":
        return f'"ok":true,"outcome":"{outcome}"'
    names = ",".join(f'"{name.hex()}"' for name in names)
    return f'"ok":true,"outcome":"passed","count":{count},"names":[{names}]'


def main():
    for line in sys.stdin.buffer:
        try:
            members = answer(line)
        except Refused as why:
            variable = f'"variable":"{why.variable}",' if why.variable else ""
            members = (f'"ok":false,"error":"{why.error}",'
                       f'{variable}"offset":{why.offset}')
        sys.stdout.buffer.write(b"{%b}\n" % members.encode())
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
