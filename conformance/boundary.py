# SPDX-License-Identifier: MIT OR Apache-2.0
"""The boundary words. For each limit of SPEC.md 2 there are words below the limit, at
it and above it, in every place where the limit applies. Some words reach two limits.

The automaton of the grammar does not know the limits, so the suites made from the
automaton do not test them. This program makes texts of every length around each limit.
It varies the octets that are counted, and the octets before and after them. It also
makes texts for every value that a counter can have, each followed by octets of every
kind.

A program usually counts with one variable. It sets the variable to 0 at a delimiter,
and compares the variable with the limit. The words give such a variable all its values.
"""
import itertools

# What can follow a host name in a tcp address: the rest of the address, the
# end of the text, an octet that cannot be there, a dot that ends the name,
# another label.
AFTER_HOST = (b":80", b":", b"", b"/", b":x", b".:80", b".", b"..", b"-:80",
              b".x:80", b"\0", b"\xff")
AFTER_SERVER = (b"/pipe/x", b"/pipe/", b"/", b"", b":", b"./pipe/x", b"..",
                b"-/pipe/x", b".x/pipe/x")


def label(length, kind):
    """A label of this length. The kinds are letters, digits, hexadecimal digits after
    0x, and hyphens inside or at the end."""
    return {"letters": b"a" * length,
            "upper": b"A" * length,
            "digits": b"1" * length,
            "hex": b"0x" + b"f" * (length - 2),
            "hyphens": b"a" + b"-" * (length - 2) + b"a",
            "hyphen": b"a" * (length - 1) + b"-"}[kind]


KINDS = ("letters", "upper", "digits", "hex", "hyphens", "hyphen")


def labels_of(total, size):
    """A name of "total" octets: labels of this size, joined by dots."""
    whole = b".".join([b"b" * size] * (total // (size + 1) + 1))[:total]
    return whole[:-1] + b"b" if whole.endswith(b".") else whole


def hosts():
    """Names around the limits 2.2 (63 octets in a label) and 2.3 (253 octets in a
    name)."""
    for length, kind in itertools.product(range(61, 67), KINDS):
        part = label(length, kind)
        yield part
        yield b"x." + part
        yield b"x.y." + part + b".z"
        yield part + b".1"
    for total, size in itertools.product(range(249, 258), (1, 2, 9, 31, 62, 63)):
        whole = labels_of(total, size)
        yield whole
        yield whole[:-1] + b"1"
        yield whole[:-2] + b".1"
    # one name reaches both limits: the 64th octet of its last label comes
    # before, at or after the 254th octet of the name
    for before, length in itertools.product(range(186, 194), range(62, 68)):
        yield labels_of(before, 63) + b"." + b"c" * length


def tcp():
    for host, after in itertools.product(hosts(), AFTER_HOST):
        yield b"tcp://" + host + after
    for length, after in itertools.product(range(12, 19), (
            b"]:80", b"]", b"", b"%", b"/", b" ]:80")):
        for zone in (b"e" * length, b"1" * length, b"2" * length,
                     b"25" + b"0" * (length - 2), b"25" + b"x" * (length - 2),
                     b"24" + b"~" * (length - 2)):
            yield b"tcp://[fe80::1%" + zone + after
    for digits in range(1, 12):
        for port in (b"1" * digits, b"9" * digits, b"0" * digits,
                     b"6553" + b"6" * digits, b"65535" + b"0" * digits):
            yield b"tcp://*:" + port
            yield b"tcp://*:" + port + b" "


def unix():
    """The limit 2.1 (1024 octets in a text), in texts that reach no other limit
    before."""
    for form, length in itertools.product((b"unix://", b"unix://@", b"unix:///"),
                                          range(1019, 1030)):
        body = b"p" * (length - len(form))
        yield form + body
        yield form + body[:-1] + b"/"
        for place in range(1020, min(1028, length)):
            for octet in (b"\0", b"\x7f", b"\x1f", b"\xff", b"@"):
                at = place - len(form)
                yield form + body[:at] + octet + body[at + 1:]


def fd():
    """The limit 2.5 (255 octets in a socket-name). Some of these texts become a name
    only if another octet follows."""
    for length in range(251, 260):
        for name in (b"n" * length, b"1" * length, b"0" * length,
                     b"9" * (length - 1) + b"x", b"n" * (length - 1) + b" ",
                     b"n " * (length // 2) + b"n" * (length % 2),
                     b"1" * (length - 1) + b" ", b"x" + b"7" * (length - 1)):
            for after in (b"", b":", b" ", b"  ", b"\0", b"\x80", b":" + name):
                yield b"fd://" + name + after
    for base in (2 ** 31 - 1, 2 ** 32, 2 ** 63, 2 ** 64, 10 ** 9, 10 ** 10,
                 10 ** 18, 10 ** 20):
        for number in range(base - 3, base + 4):
            for text in (b"%d", b"0%d", b"%dx", b"%d ", b"%d:", b"+%d"):
                yield b"fd://" + text % number


CHARACTERS = (b"c", "\u00e9".encode(), "\u20ac".encode(), "\U0001f600".encode())
BROKEN = (b"", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\x80", b"/", b"\\",
          b"\0", b"c", b"\xe2\x82\xac", b"\xf0\x9f\x98\x80")


def pipe_names(units):
    """Names with this number of UTF-16 units, made of characters of every width."""
    for character in CHARACTERS:
        width = 2 if len(character) == 4 else 1
        whole = character * (units // width)
        yield whole + b"c" * (units % width)
        yield b"c" * (units % width) + whole
        yield b"c" + character * ((units - 1) // width)
    yield b"c" * (units - 2) + b"/c"
    yield b"c" * (units - 2) + b"\\c"
    yield b"." * units


def npipe():
    """The limit 2.6 (256 UTF-16 units). In the name of a server, the limits 2.2 and 2.3
    are reached first."""
    forms = ((b"npipe://", 9), (b"npipe:////./pipe/", 9), (b"\\\\.\\pipe\\", 9),
             (b"npipe:////server/pipe/", 14), (b"\\\\server\\PIPE\\", 14))
    for form, used in forms:
        for units in range(252 - used, 260 - used):
            for name, after in itertools.product(pipe_names(units), BROKEN):
                yield form + name + after
    for host, after in itertools.product(hosts(), AFTER_SERVER):
        yield b"npipe:////" + host + after
        yield b"\\\\" + host + after.replace(b"/", b"\\")
    for length in range(236, 258): # the server takes all the room
        for host in (labels_of(length, 63), labels_of(length, 5)):
            for name in (b"n", b"nn", CHARACTERS[3], b"n" + CHARACTERS[2]):
                yield b"npipe:////" + host + b"/pipe/" + name
                yield b"\\\\" + host + b"\\pipe\\" + name


def counters():
    """Texts in which a counter has each of its values, each followed by octets of every
    kind. For the two counters of 2.2 and 2.3, there is a text for each pair of
    values."""
    for total in range(1, 257):
        for last in range(0, min(total, 65) + 1):
            before = total - last
            if before == 1: # a name does not begin with a dot
                continue
            host = b"c" * last
            if before:
                host = labels_of(before - 1, 63) + b"." + host
            for after in (b":80", b".:80", b"c:80", b".c:80"):
                yield b"tcp://" + host + after
    for length in range(0, 258):
        for after in (b"", b"n", b" ", b":", b" n", b"7"):
            yield b"fd://" + b"n" * length + after
            yield b"fd://" + b"7" * length + after
    for length in range(0, 250):
        for after in (b"", *CHARACTERS, b"/", b"\\", b"/c", b"\\c", b"\x80"):
            for form in (b"npipe://", b"npipe:////./pipe/", b"\\\\.\\pipe\\"):
                yield form + b"c" * length + after


def addresses():
    """Every word, once."""
    seen = set()
    for text in itertools.chain(tcp(), unix(), fd(), npipe(), counters()):
        if text not in seen:
            seen.add(text)
            yield text


def values():
    """Pairs of a rule and a value: the limit 2.9 (255 octets in a passed name), and the
    limits of the numbers."""
    for length in range(252, 259):
        name = b"s" * length
        for value in (name, b"x:" + name, name + b":x", b"x:" + name + b":y",
                      b":" + name, name + b":", name + b"\0", name + b"\x7f",
                      name[:-1] + b"\x80", name + b":" + name):
            yield "listen-fdnames", value
    for length in range(0, 257):
        for after in (b"", b"s", b":", b":s", b"\0"):
            yield "listen-fdnames", b"s" * length + after
            yield "listen-fdnames", b":" + b"s" * length + after
    for rule, most in (("listen-pid", 2 ** 31 - 1), ("listen-fds", 2 ** 31 - 4),
                       ("listen-pidfdid", 2 ** 64 - 1)):
        bases = {most, *(10 ** n for n in range(22)), 2 ** 31, 2 ** 32, 2 ** 63,
                 2 ** 64}
        for base in sorted(bases):
            for number in range(max(base - 3, 0), base + 4):
                for text in (b"%d", b"0%d", b"%d ", b" %d", b"+%d", b"-%d",
                             b"%d\n", b"%dx"):
                    yield rule, text % number
