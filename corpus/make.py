#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the corpora of the fuzz targets, all unless some are named.

    make.py OUT [TARGET...]         OUT/TARGET/NAME, a file an input
    make.py --hex OUT [TARGET...]   OUT/TARGET.hex, a line an input, unless they
                                    are newer than all that they are made from
    make.py --zip OUT [TARGET...]   OUT/fuzz_TARGET_seed_corpus.zip, for OSS-Fuzz
    make.py --derived ...           without found and regress, below

The same inputs every time, from

    vectors     conformance/vectors/*.json
    edges       accepted words that take every edge of the grammar's automaton
    near misses a word to each of its states, and one octet more that is wrong
    found       corpus/found/TARGET.hex, an input a line: what fuzzing has added
    regress     corpus/regress/TARGET/*, a named file for every past mistake
"""
import collections
import hashlib
import json
import pathlib
import struct
import sys
import zipfile

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "grammar"))
from prover import abnf, automaton, prove
from prover.automaton import DEAD, READABLE

TARGETS = tuple(sorted(path.stem for path in ROOT.glob("fuzz/targets/*.c")))
SAMPLES = (b"tcp://", b"tcp://127.0.0.1:80", b"tcp://[fe80::1%eth0]:80",
           b"tcp://localhost:80", b"tcp://*:80", b"unix:///run/a", b"unix://@a",
           b"fd://", b"fd://*", b"fd://3", b"fd://web", b"npipe:////srv/pipe/a/b")
WORD_MAX = 40 # octets of a word before it makes for its end


# ---- From the automaton -------------------------------------------------------

def edges(dfa):
    """For each state and each state that can follow, a readable octet that leads there:
    {state: {target: octet}}."""
    found = collections.defaultdict(dict)
    for state, row in enumerate(dfa.rows):
        for octet in READABLE:
            if row[octet] != DEAD:
                found[state].setdefault(row[octet], octet)
    return found


def way(graph, state, wanted):
    """The edges of a shortest way to one of the wanted states. None if there is
    none."""
    ways, todo = {state: []}, collections.deque([state])
    while todo:
        at = todo.popleft()
        if at in wanted:
            return ways[at]
        for target in graph[at]:
            if target not in ways:
                ways[target] = ways[at] + [(at, target)]
                todo.append(target)
    return None


def edge_words(dfa):
    """Accepted words that together take every edge. They are searched for greedily."""
    graph, ends = edges(dfa), automaton.completions(dfa)
    left = {state: list(targets) for state, targets in graph.items()}
    while any(left.values()):
        state, word = 0, bytearray()
        while len(word) < WORD_MAX:
            steps = way(graph, state, {s for s in left if left[s]})
            if steps is None:
                break
            at = steps[-1][1] if steps else state
            for source, target in steps + [(at, left[at][0])]:
                if target in left[source]:
                    left[source].remove(target)
                word.append(graph[source][target])
                state = target
        yield bytes(word) + ends[state]


def near_misses(dfa):
    """For every state, a word that leads there, alone and with an octet that cannot
    follow."""
    for state, word in dfa.access().items():
        yield word
        wrong = [o for o in READABLE if dfa.rows[state][o] == DEAD]
        for octet in wrong[:1] + wrong[-1:]:
            yield word + bytes([octet])


# ---- From the vectors ---------------------------------------------------------

def vectors():
    for path in sorted(ROOT.glob("conformance/vectors/*.json")):
        document = json.loads(path.read_text())
        for vector in document.get("vectors", ()):
            yield document["suite"].split("-")[0], vector


def octets(vector, name):
    """The octets of a member of a vector. It may be given in hexadecimal."""
    if name + "_hex" in vector:
        return bytes.fromhex(vector[name + "_hex"])
    value = vector.get(name)
    return None if value is None else value.encode("ascii")


def text_of(vector):
    if "hex" in vector:
        return bytes.fromhex(vector["hex"])
    return vector["input"].encode("ascii")


# ---- Inputs, target by target -------------------------------------------------

def activation_inputs():
    """The fields of an input of fuzz/targets/activation.c."""
    for suite, v in vectors():
        if suite == "activation":
            values = [octets(v, name) for name in
                      ("pid", "fds", "fdnames", "pidfdid")]
            values = [b"\xff" if value is None else value for value in values]
            yield b"\0".join(values + [
                str(v[name]).encode() for name in
                ("self_pid", "self_pidfdid", "limit")] + [b""])


def ast_inputs(texts):
    """Values with one member at its least, its greatest or a usual number, and
    policies."""
    for n, text in enumerate(texts):
        yield text + b"\0\xff\xff" + struct.pack("BB", n % 128, n // 128 % 16)
    for text in (*SAMPLES, b"tcp://[::1]:1", b"fd://2", b"fd://4"):
        for rule in range(8): # what was passed: nothing, to another, one to us
            for passed in (0, 9, 11, 255):
                yield text + b"\0\xff\xff" + bytes([1 << rule, 0, passed])
    for text in SAMPLES:
        for at in [*range(32), *range(32, 1320, 17)]:
            for octet in (0, 1, 4, 255): # 4: of a length, just beyond
                yield text + b"\0" + struct.pack(">HB", at, octet)


def cli_inputs(texts):
    commands = (b"parse", b"parse\0--json", b"check", b"check\0--loopback",
                b"check\0--portable\0--scheme=tcp,unix", b"explain", b"connect",
                b"check\0--absolute\0--no-abstract\0--numeric\0--local-pipe",
                b"connect\0--timeout\x005\0--nodelay\0-H")
    yield from (b"", b"-h", b"-V", b"parse", b"nonsense", b"adapter\0x",
                b"listen\0-h", b"parse\0--help", b"check\0--scheme=x")
    for n, text in enumerate(texts):
        yield commands[n % len(commands)] + b"\0" + text
        yield b"adapter\xffparse " + (text.hex().encode() or b"-") + b"\n"
    for fields in map(bytes.split, (
            b"parse", b"activation 31 31 77 - 1 0 9", b"parse 0g x",
            b"activation unset 31 unset unset 1 18446744073709551615 1")):
        yield b"adapter\xff" + b" ".join(fields) + b"\n\n" + b" ".join(fields)


def resolve_inputs():
    """Inputs of fuzz/targets/resolve.c: a call, and descriptors."""
    for n, (text, names) in enumerate(
            (text, names) for text in (b"", b"*", b"web", b"3", b"4", b"6", b"a")
            for names in (b"", b"web", b"web:a", b"a:web:web", b"a::web:b")):
        for call in range(36):
            things = [1 + (n + call) % 2, 1 + call % 7, 1, n % 8]
            if call % 4 == 0:
                things = [3, 3, 1, 1] if call % 3 == 2 else [1, 2, 1, 2]
            yield bytes([call, n % 3, n % 5, *things]) + text + b"\0" + names


def notify_inputs():
    """Inputs of fuzz/targets/notify.c: the number of descriptors, and a text."""
    states = [text_of(v) for suite, v in vectors()
              if suite == "notify" and v["of"] == "notify-state"]
    values = [text_of(v) for suite, v in vectors()
              if suite == "notify" and v["of"] == "notify-socket"]
    states += [b"FDSTORE=1", b"FDSTORE=1\nFDNAME=a", b"READY=1\nFDSTORE=1\n",
               b"BARRIER=1", b"FDSTORE=10", b"STATUS=FDSTORE=1", b"FDSTORE=",
               b"X=1\nFDSTORE=1\nY=2", b"BARRIER=1\nFDSTORE=1"]
    for text in values + states:
        yield b"\0" + text
    for text in states:
        for count in (1, 253, 254, 255):
            yield bytes([count]) + text
    for length in (4095, 4096, 4097, 107, 108):
        for head in (b"/", b"@", b"A="):
            yield b"\0" + head.ljust(length, b"a")
    grammar = abnf.load(ROOT / "grammar/notify.abnf")
    for rule in prove.NOTIFY: # every transition, and every octet without one
        for word in prove.value_machine(grammar, rule).access().values():
            for octet in range(256):
                yield b"\0" + word + bytes([octet])


def bind_inputs():
    """Inputs of fuzz/targets/bind.c. First each call and option while all is as usual.
    Then each case with one octet that is not 0, at every place and of every kind. Then
    signals (99) or other processes (66, 79), again and again or after something else.
    Then a kill before each call."""
    cases = [(text, call, 0, 0, 0) for text in SAMPLES for call in range(3)]
    cases += [(b"unix://a", call, options, 0, end) for call in (0, 3, 6)
              for options in (1, 2, 129, 131) for end in (0, 1)]
    cases += [(text, call, 0, 0, 0) for call in (0, 2) for text in
              (b"tcp://0.0.0.0:80", b"unix:///d/" + b"l" * 120, b"unix://" + b"l" * 251,
               b"unix://" + b"l" * 256, b"tcp://[::1%eth0]:80")]
    for text, call, *options in cases:
        head = text + b"\0" + bytes([call, 0, 0, *options])
        yield head
        for at in range(40):
            for octet in (2, 66, 98, 104, 161, 192, 193, 209):
                yield head + bytes(at) + bytes([octet])
    for text, call, *options in cases:
        head = text + b"\0" + bytes([call, 0, 0, *options])
        for at in range(20 if text.startswith(b"unix") else 0):
            for more in (bytes([99, 0] * 8), bytes([66] * 20)):
                yield head + bytes(at) + more
            for gap in range(4):
                yield head + bytes(at) + b"\x0c" + bytes(gap) + b"\x4f"
    for text, call, who in ((b"unix://@a", 0, 0x80), (b"unix://@a", 2, 0xc0),
                            (b"unix://@a", 2, 0xe0), (b"tcp://127.0.0.1:80", 2, 0x80),
                            (b"tcp://127.0.0.1:0", 0, 0x80)): # who is there
        head = text + b"\0" + bytes([call, who, 0] + [0, 0] * text.startswith(b"tcp"))
        yield head
        for at in range(30):
            for octet in (1, 2, 3, 4, 5, 129, 98, 99, 104, 192, 209):
                yield head + bytes(at) + bytes([octet])
    yield from step_inputs()
    for more in range(1, 4): # a name with up to four addresses, one of which fails
        head = b"tcp://localhost:80\0" + bytes([1 + 9 * more, 0, 0, 0, 0, 0, more])
        for at in range(40):
            yield head + bytes(at) + b"\x62"
    for text in SAMPLES:
        for n in range(256):
            yield text + b"\0" + bytes([n, n, n, n, 255 - n])
    yield from path_inputs()


def step_inputs():
    """Inputs of fuzz/targets/bind.c that connect in steps, to the end or with a cancel
    after some steps. They have each pace and several deadlines, and answers of the resolver
    or of the program. A connection may not be there yet (1), may fail (2), or may lead to
    itself (3). The server may be busy once (98) or for ever (162)."""
    for text in (b"tcp://localhost:80", b"tcp://127.0.0.1:80", b"unix://@a", b"unix:///run/a",
                 b"fd://", b"fd://3"):
        options = bytes(3 if text.startswith(b"tcp") else 4 if b"///" in text else 0)
        for call, pace, time in ((5, 0, 1), (5, 0, 12), (5, 3, 48), (5, 6, 1), (8, 0, 1), (17, 3, 1)):
            for given in (0, 64) if b"local" in text else (0,):
                head = text + b"\0" + bytes([call, pace + given, time]) + options
                yield head
                for at in range(2, 18):
                    for octets in ([1] * 12, [2], [3], [98], [162]):
                        yield head + bytes(at) + bytes(octets)
                for answers in (3, 200) if b"local" in text else ():
                    for octet in (1, 2, 98):
                        yield head + bytes([0, answers]) + bytes([0, 1, octet] * 20)


def path_inputs():
    """Inputs of fuzz/targets/bind.c about files in a directory: options, umask, kind of
    directory, file system, the file at the path, the lock with its note, and files beside
    it. Where a start leaves most, it is killed at every call."""
    for options in (0, 1, 2, 129):
        for system in (0, 1, 3, 5):
            for public in (0, 1, 2, 3, 4, 7, 9, 10):
                for left in (b"\0\0\0", b"\4\1\1\1", b"\4\2\2\2"):
                    yield (b"unix:///d/s\0" + bytes([0, 0, 0, options, 0, 0, 0, 0, 0,
                                                    system, public]) + left)
    for system in (0, 128): # another starter has the lock, and finishes or not
        yield b"unix:///d/s\0" + bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, system, 0, 12])
    for options, owner, public, system in (
            (0, 0, 0, 0), (0, 0, 1, 0), (2, 0, 2, 0), (2, 0, 2, 1), (3, 0xc0, 0, 0),
            (3, 0xc0, 1, 0), (5, 0xc0, 2, 0)):
        for end in (0, 0x80):
            for call in range(1, 60):
                yield b"unix:///d/s\0" + bytes([0, 0, 0, options, owner, end, call,
                                               8, 0, system, public])


def kept(target):
    path = ROOT / "corpus/found" / (target + ".hex")
    if path.exists():
        yield from map(bytes.fromhex, path.read_text().split())
    for past in sorted(ROOT.glob("corpus/regress/%s/*" % target)):
        yield past.read_bytes()


def derived(target, dfa):
    texts = [text_of(v) for suite, v in vectors()
             if suite not in ("activation", "notify")]
    texts += edge_words(dfa)
    members = [text for text in texts if len(text) < 300]
    if target in ("parse", "differential"):
        yield from texts
        yield from near_misses(dfa)
    elif target == "roundtrip":
        yield from texts
    elif target == "ast":
        yield from ast_inputs(members)
    elif target == "cli":
        yield from cli_inputs(members)
    else:
        yield from {"activation": activation_inputs, "bind": bind_inputs, "notify": notify_inputs,
                    "resolve": resolve_inputs}[target]()


def is_fresh(files):
    sources = [path for part in ("corpus", "grammar", "conformance")
               for path in ROOT.glob(part + "/**/*") if path.is_file()]
    return (all(path.exists() for path in files) and
            min(path.stat().st_mtime for path in files) >
            max(path.stat().st_mtime for path in sources))


def write_hex(out, inputs):
    for target, each in inputs.items():
        (out / (target + ".hex")).write_text(
            "".join(text.hex() + "\n" for text in each))


def name_of(text):
    return hashlib.sha256(text).hexdigest()[:16]


def write_zips(out, inputs):
    for target, each in inputs.items():
        path = out / ("fuzz_%s_seed_corpus.zip" % target)
        with zipfile.ZipFile(path, "w") as archive:
            for text in each:
                # of no date, so that the same inputs are the same file
                archive.writestr(zipfile.ZipInfo(name_of(text)), text)


def write_files(out, inputs):
    for target, each in inputs.items():
        (out / target).mkdir(exist_ok=True)
        for text in each:
            (out / target / name_of(text)).write_bytes(text)


def main(options, out, targets):
    if "--hex" in options and is_fresh([out / (target + ".hex") for target in targets]):
        return
    dfa = prove.address_machine(abnf.load(ROOT / "grammar/sbind.abnf"))
    inputs = {}
    for target in targets:
        each = dict.fromkeys(derived(target, dfa))
        if "--derived" not in options:
            each.update(dict.fromkeys(kept(target)))
        inputs[target] = list(each)
    out.mkdir(parents=True, exist_ok=True)
    write = {"--hex": write_hex, "--zip": write_zips}
    next((write[option] for option in options if option in write),
         write_files)(out, inputs)
    for target, each in inputs.items():
        print("%s: %d inputs" % (target, len(each)))


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    if not words or set(words[1:]) - set(TARGETS):
        sys.exit(__doc__)
    main(sys.argv[1:], pathlib.Path(words[0]), words[1:] or TARGETS)
