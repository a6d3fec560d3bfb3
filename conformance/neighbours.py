# SPDX-License-Identifier: MIT OR Apache-2.0
"""The neighbour words. They come in four groups:

    edits      of addresses of every form: each octet replaced by every other, every
               octet inserted at each place, each octet left out, each beginning
    lengths    0 to 300 of every field that repeats something
    numbers    ports 0 to 65999, octets of an IPv4 address 0 to 299
    shapes     groups before and after "::", of every width, with IPv4 or
               without, and which groups are zero

boundary.py has the values next to each limit. The words of both files together are the
boundary pack. README.md publishes a digest of the right answers to this pack.
"""
import itertools

SEEDS = (
    b"tcp://", b"tcp://*:443", b"tcp://127.0.0.1:80",
    b"tcp://255.249.99.10:65535", b"tcp://[::1]:80",
    b"tcp://[1:2:3:4:5:6:7:8]:9", b"tcp://[Fe80::12%eth0]:0",
    b"tcp://[::ffff:1.2.3.4]:65529", b"tcp://[::%25]:1", b"tcp://[::%2e-]:1",
    b"tcp://LocalHost:80", b"tcp://0x1g.a-b_.:6553", b"tcp://1.0.09-x:1",
    b"unix:///run/a.sock", b"unix://b.sock", b"unix://@app",
    b"unix://\xc3\xa9 @/c",
    b"fd://", b"fd://*", b"fd://3", b"fd://2147483647", b"fd://1 web-2",
    b"npipe://app", b"npipe:////./pipe/.a/..b", b"npipe:////Srv.x/PIPE/a",
    b"npipe:////10.0.0.1/pipe/\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
    b"\\\\.\\pipe\\app", b"\\\\srv-1\\Pipe\\a\\b",
)
VALUE_SEEDS = (
    ("listen-pid", b"2147483647"), ("listen-fds", b"0"), ("listen-fds", b"12"),
    ("listen-fdnames", b""), ("listen-fdnames", b"web:a b::x"),
    ("listen-pidfdid", b"18446744073709551615"),
)


def edits(text):
    """All texts that one edit of this text can make."""
    for at in range(len(text) + 1):
        for octet in range(256):
            yield text[:at] + bytes([octet]) + text[at:]
    for at in range(len(text)):
        for octet in range(256):
            yield text[:at] + bytes([octet]) + text[at + 1:]
        yield text[:at] + text[at + 1:]
        yield text[:at]


# A field: the octets before it, the octets that it repeats, and the octets
# after it. Some of the texts end where the field ends.
FIELDS = (
    (b"", b"t", b"tcp://"),
    (b"tcp://", b"a", b":80"), (b"tcp://x.", b"a", b".y:80"),
    (b"tcp://", b"a.", b"b:80"), (b"tcp://", b"1", b":80"),
    (b"tcp://0x", b"f", b"g:80"), (b"tcp://a", b"-", b"b:80"),
    (b"tcp://", b"1.", b"1:80"), (b"tcp://1.", b"0", b".0.0:80"),
    (b"tcp://[", b"f", b"::]:80"), (b"tcp://[", b"1:", b"1]:80"),
    (b"tcp://[", b"1:", b":1]:80"), (b"tcp://[::", b":1", b"]:80"),
    (b"tcp://[::%", b"e", b"]:80"), (b"tcp://[::%", b"0", b"]:80"),
    (b"tcp://[::%25", b"0", b"]:80"), (b"tcp://[::1]:", b"1", b""),
    (b"tcp://*:", b"9", b""), (b"tcp://*:", b"0", b""),
    (b"unix://", b"p", b""), (b"unix:///", b"p", b"/q"),
    (b"unix://", b"/", b"q"), (b"unix://@", b"a", b""),
    (b"unix://@", b"\xff", b""),
    (b"fd://", b"n", b""), (b"fd://", b"1", b""), (b"fd://", b"1", b" n"),
    (b"fd://n", b" ", b"n"),
    (b"npipe://", b"a", b""), (b"npipe://", b".", b"a"),
    (b"npipe://", b"\xe2\x82\xac", b""), (b"npipe://", b"\xf0\x9f\x98\x80", b""),
    (b"npipe:////", b"s", b"/pipe/a"), (b"npipe:////", b"s.", b"s/pipe/a"),
    (b"npipe:////./pipe/", b"a", b""), (b"npipe:////./pipe/", b"a/", b"b"),
    (b"\\\\", b"s", b"\\pipe\\a"), (b"\\\\s\\pipe\\", b"a", b""),
    (b"\\\\s\\pipe\\", b"a\\", b"\xc3\xa9"),
)
VALUE_FIELDS = (
    ("listen-pid", b"", b"1", b""), ("listen-pid", b"", b"0", b"1"),
    ("listen-fds", b"", b"1", b""), ("listen-fds", b"", b"0", b""),
    ("listen-pidfdid", b"", b"1", b""), ("listen-fdnames", b"", b"a", b":b"),
    ("listen-fdnames", b"b:", b"a", b""), ("listen-fdnames", b"", b":", b""),
    ("listen-fdnames", b"", b"a:", b"b"),
)


def lengths(before, part, after):
    for count in range(301):
        yield before + part * count
        yield before + part * count + after


def numbers():
    for port in range(66000):
        yield b"tcp://*:%d" % port
    for octet, place in itertools.product(range(300), range(4)):
        address = b".".join([b"10"] * place + [b"%d" % octet] +
                            [b"10"] * (3 - place))
        yield b"tcp://" + address + b":80"
        yield b"tcp://[::" + address + b"]:80"
        yield b"npipe:////" + address + b"/pipe/a"


def shapes():
    """The shapes of IPv6 addresses."""
    for groups, elided, width, digit, tail in itertools.product(
            itertools.product(range(10), range(10)), (b"::", b":"),
            range(1, 6), (b"0", b"1", b"f"), (b"", b"1.2.3.4", b"1.2.3")):
        before, after = ([digit * width] * count for count in groups)
        yield (b"tcp://[" + b":".join(before) + elided +
               b":".join(after + [tail] * bool(tail)) + b"]:80")
    for zero in itertools.product((b"0", b"A"), repeat=8):
        yield b"tcp://[" + b":".join(zero) + b"]:80"
        yield b"tcp://[" + b":".join(zero[:6]) + b":0.0.10.10]:80"
    for mapped in (b"ffff", b"FFFF", b"fffe", b"0", b"ffff:0"):
        for before, after in itertools.product(
                (b"::", b"0:0:0:0:0:", b"0::0:", b"1::", b"::0:0:"),
                (b"1.2.3.4", b"102:304", b"0", b"0:0", b"0.0.0.0")):
            yield b"tcp://[" + before + mapped + b":" + after + b"]:80"


def addresses():
    """Every word, once."""
    return dict.fromkeys(itertools.chain(
        SEEDS, *map(edits, SEEDS), *itertools.starmap(lengths, FIELDS),
        numbers(), shapes()))


def values():
    """All pairs of a rule and a value of the activation variables, each once."""
    edited = ((rule, value) for rule, seed in VALUE_SEEDS
              for value in (seed, *edits(seed)))
    long = ((rule, value) for rule, *field in VALUE_FIELDS
            for value in lengths(*field))
    return dict.fromkeys(itertools.chain(edited, long))
