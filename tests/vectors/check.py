#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Checks the test vectors against the grammar and SPEC.md, without sbind.

    check.py [--self-test] [ROOT]

Three things are derived here for every vector and must agree with it: whether
the text is a member and where it ends to be viable, by an automaton made from
grammar/*.abnf; the limits, the names of errors and the values, by functions
that follow SPEC.md paragraph by paragraph; and IP addresses, by Python's own
ipaddress. --self-test breaks vectors and requires that each is reported.
"""
import copy
import ipaddress
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True
import abnf

SUITES = ("tcp", "unix", "fd", "npipe", "scheme", "limits", "activation")
TOP_RULES = {"pid": "listen-pid", "pidfdid": "listen-pidfdid",
             "fds": "listen-fds", "fdnames": "listen-fdnames"}
FEWEST = 600
PRINTABLE = re.compile(rb"[\x20-\x7E]*\Z")


# ---- SPEC.md 2: limits ------------------------------------------------------

def name_limits(name, base):
    """2.2 and 2.3 for a name, finished or not, that stands at offset base."""
    at = base
    for label in name.split(b"."):
        if len(label) > 63:
            yield at + 63, "host-too-long", "2.2"
        at += len(label) + 1
    if len(name) - name.endswith(b".") > 253:
        yield base + 253, "host-too-long", "2.3"


def pipe_limit(units, octets, base):
    """2.6 for octets at offset base, units of the spelling going before."""
    for at, octet in enumerate(octets):
        if not 0x80 <= octet <= 0xBF:               # the first of a character
            units += 2 if octet >= 0xF0 else 1
            if units > 256:
                yield base + at, "pipe-name-too-long", "2.6"
                return


def limits(p):
    """Where the viable prefix p exceeds 2.2, 2.3, 2.5 and 2.6."""
    if p.startswith(b"tcp://") and p[6:7] not in (b"[", b"*"):
        yield from name_limits(p[6:].split(b":")[0], 6)
    elif p.startswith(b"fd://") and len(p) - 5 > 255:
        yield 5 + 255, "bad-fd-name", "2.5"
    elif p.startswith(b"npipe:////"):
        yield from name_limits(p[10:].split(b"/")[0], 10)
        yield from pipe_limit(2, p[10:], 10)
    elif p.startswith(b"npipe://"):
        yield from pipe_limit(len(r"\\.\pipe" "\\"), p[8:], 8)
    elif p.startswith(b"\\\\"):
        yield from name_limits(p[2:].split(b"\\")[0], 2)
        yield from pipe_limit(0, p, 0)


# ---- SPEC.md 4.2: the names of errors ---------------------------------------

def grammar_error(p, c):
    """The name and its paragraph; c is the octet after p, b"" at the end."""
    scheme = re.match(rb"tcp://|unix://|fd://|npipe://|\\\\", p)
    if not scheme:
        return ("unexpected-end" if not c else "unknown-scheme"), "4.2.1"
    rest = p[scheme.end():]
    handler = {b"tcp://": tcp_error, b"unix://": unix_error,
               b"fd://": fd_error}.get(scheme.group(), pipe_error)
    return handler(p, rest, c)


def fd_error(_, rest, c):
    digits = re.fullmatch(rb"[0-9]+", rest)
    if not c:
        if re.fullmatch(rb"[1-9][0-9]*", rest) and int(rest) > 2147483647:
            return "fd-range", "4.2.2"
        return ("bad-fd" if digits else "bad-fd-name"), "4.2.2"
    if rest in (b"", b"*") or digits:
        return "bad-fd", "4.2.3"
    return "bad-fd-name", "4.2.3"


def unix_error(_, rest, c):
    if not c:
        begun = rest not in (b"", b"@")
        return ("bad-path" if begun else "unexpected-end"), "4.2.4"
    if rest.startswith(b"@"):
        return "bad-abstract-name", "4.2.5"
    return "bad-path", "4.2.5"


def tcp_error(_, rest, c):
    if not c:
        return "unexpected-end", "4.2.6"
    if rest.startswith(b"[") and b"]" not in rest:
        return ("bad-zone" if b"%" in rest else "bad-ipv6"), "4.2.7"
    port = re.fullmatch(rb"(?:\[[^]]*\]|[^[:]+):([0-9]*)", rest)
    if port:
        begun = port.group(1)
        over = begun and not begun.startswith(b"0") and c.isdigit()
        return ("port-range" if over else "bad-port"), "4.2.8"
    if rest.endswith(b"]"):
        return "bad-port", "4.2.8"
    last = re.sub(rb"\.\Z", b"", rest).split(b".")[-1]
    if c == b":" and re.fullmatch(rb"[0-9]+|0[Xx][0-9A-Fa-f]*", last):
        return "numeric-host", "4.2.9"
    return "bad-host", "4.2.10"


def inside_character(p):
    """Whether p, well-formed so far, ends within a character."""
    return any(len(p) >= back and p[-back] >= lead
               for back, lead in ((1, 0xC0), (2, 0xE0), (3, 0xF0)))


def pipe_error(p, rest, c):
    if p.startswith(b"npipe://"):
        local = not rest.startswith(b"/")
        named = re.match(rb"//[^/]+/(?i:pipe)/", rest)
        served = re.match(rb"//[^/]+/", rest)
    else:
        local = False
        named = re.match(rb"[^\\]+\\(?i:pipe)\\", rest)
        served = re.match(rb"[^\\]+\\", rest)
    if local or named:
        if inside_character(p) or c >= b"\x80":
            return "bad-utf8", "4.2.11"
        if not c and p.endswith((b"npipe://", b"/", b"\\")):
            return "unexpected-end", "4.2.11"
        return "bad-pipe-name", "4.2.11"
    if not c:
        return "unexpected-end", "4.2.12"
    return ("bad-pipe-name" if served else "bad-pipe-server"), "4.2.13"


# ---- SPEC.md 3: values ------------------------------------------------------

def text_of(ip):
    """RFC 5952, ::ffff:0:0/96 in mixed notation whatever Python prefers."""
    if ip.version == 6 and ip.ipv4_mapped:
        return "::ffff:" + str(ip.ipv4_mapped)
    return ip.compressed


def lower(octets):
    return octets.decode("ascii").lower()


def value(text):
    """The canonical spelling and the address object of a member."""
    scheme, _, rest = text.partition(b"://")
    if scheme == b"tcp":
        return tcp_value(rest)
    if scheme == b"unix":
        abstract = rest.startswith(b"@")
        return text, {"scheme": "unix", "type": "abstract" if abstract else
                      "path", "octets": rest[abstract:].hex()}
    if scheme == b"fd":
        if rest in (b"", b"*"):
            return text, {"scheme": "fd", "type": "all" if rest else "single"}
        if rest.isdigit():
            number = int(rest)
            return b"fd://%d" % number, {"scheme": "fd", "type": "number",
                                         "value": number}
        return text, {"scheme": "fd", "type": "name",
                      "value": rest.decode("ascii")}
    if text.startswith(b"\\\\"):
        server, _, *segments = text[2:].split(b"\\")
    elif rest.startswith(b"//"):
        server, _, *segments = rest[2:].split(b"/")
    else:
        server, segments = b".", [rest]
    server = lower(server)
    canonical = b"npipe://" + segments[0]
    if server != "." or len(segments) > 1:
        canonical = b"/".join([b"npipe:///", server.encode(), b"pipe"] +
                              segments)
    return canonical, {"scheme": "npipe", "server": server,
                       "name": b"\\".join(segments).hex()}


def tcp_value(rest):
    if not rest:
        return b"tcp://", {"scheme": "tcp", "host": {"type": "default"}}
    host, _, port = rest.rpartition(b":")
    if host == b"*":
        part, text = {"type": "any"}, "*"
    elif host.startswith(b"["):
        literal, percent, zone = host[1:-1].decode("ascii").partition("%")
        ip = text_of(ipaddress.IPv6Address(literal))
        part = {"type": "ipv6", "value": ip}
        text = "[" + ip + percent + zone + "]"
        if percent:
            part["zone"] = zone
    elif re.fullmatch(rb"[0-9.]+", host):
        text = text_of(ipaddress.IPv4Address(host.decode("ascii")))
        part = {"type": "ipv4", "value": text}
    else:
        text = lower(host)
        part = {"type": "name", "value": text}
    canonical = "tcp://%s:%d" % (text, int(port))
    return canonical.encode(), {"scheme": "tcp", "host": part,
                                "port": int(port)}


def host_is_ip(text):
    """Whether a host that claims to be an IP address is one, for Python."""
    match = re.match(rb"tcp://(?:\[([0-9A-Fa-f:.]*)\]|([0-9.]+)):[0-9]+\Z",
                     text)
    if not match:
        return None
    try:
        if match.group(2):
            ipaddress.IPv4Address(match.group(2).decode("ascii"))
        else:
            ipaddress.IPv6Address(match.group(1).decode("ascii"))
        return True
    except ValueError:
        return False


# ---- SPEC.md 6: activation --------------------------------------------------

def passed_name_limit(p):
    """Where the viable prefix p of LISTEN_FDNAMES exceeds 2.9."""
    at = 0
    for name in p.split(b":"):
        if len(name) > 255:
            yield at + 255
        at += len(name) + 1


def activation(machines, v, values):
    """What the vector v must say after its input."""
    def wrong(name, error):
        text, machine = values[name], machines[TOP_RULES[name]]
        at = machine.viable(text)
        over = list(passed_name_limit(text[:at])) if name == "fdnames" else []
        if machine.accepts(text) and not over:
            return None
        return {"error": error, "variable": "LISTEN_" + name.upper(),
                "offset": min(over + [at])}

    def beyond(name, error):
        return {"error": error, "variable": "LISTEN_" + name.upper(),
                "offset": len(values[name])}

    if values["pid"] is None:                                           # 6.3
        if not v.get("accept_missing_pid"):
            return {"outcome": "none"}
    else:
        if wrong("pid", "bad-listen-pid"):
            return wrong("pid", "bad-listen-pid")
        if int(values["pid"]) != int(v["self_pid"]):
            return {"outcome": "other-process"}
    if values["pidfdid"] is not None and int(v["self_pidfdid"]):        # 6.4
        if wrong("pidfdid", "bad-listen-pidfdid"):
            return wrong("pidfdid", "bad-listen-pidfdid")
        if int(values["pidfdid"]) != int(v["self_pidfdid"]):
            return {"outcome": "other-process"}
    if values["fds"] is None:                                           # 6.5
        return {"outcome": "none"}
    if wrong("fds", "bad-listen-fds"):
        return wrong("fds", "bad-listen-fds")
    count = int(values["fds"])
    if count > v["limit"]:
        return beyond("fds", "too-many-fds")
    names = []
    if values["fdnames"] is not None:                                   # 6.6
        if wrong("fdnames", "bad-listen-fdnames"):
            return wrong("fdnames", "bad-listen-fdnames")
        names = values["fdnames"].decode("ascii").split(":")
        if len(names) != count:
            return beyond("fdnames", "fdnames-count")
    return {"outcome": "passed", "count": count, "names": names}        # 6.7


# ---- Vectors ----------------------------------------------------------------

class Malformed(Exception):
    pass


def need(condition, message):
    if not condition:
        raise Malformed(message)


def octets_of(v, name, nullable=False):
    """The octets of member name or name_hex, exactly one of which is there."""
    plain, coded = name in v, name + "_hex" in v
    if name == "input":
        coded = "hex" in v
    need(plain != coded, "one of %s and its hexadecimal form" % name)
    if coded:
        text = v["hex" if name == "input" else name + "_hex"]
        need(isinstance(text, str) and re.fullmatch("(?:[0-9a-f]{2})+", text),
             name + " is not lower-case hexadecimal")
        octets = bytes.fromhex(text)
        need(not PRINTABLE.match(octets), name + " needs no hexadecimal")
        return octets
    if nullable and v[name] is None:
        return None
    need(isinstance(v[name], str), name + " is not a string")
    octets = v[name].encode("utf-8")
    need(PRINTABLE.match(octets), name + " needs hexadecimal")
    return octets


def members(v, required, optional=()):
    for name in required:
        need(name in v, "no member " + name)
    for name in v:
        need(name in required or name in optional, "unknown member " + name)


class Checker:
    def __init__(self, root):
        grammar = root / "grammar"
        self.address = abnf.load(grammar / "sbind.abnf")
        self.environment = abnf.load(grammar / "activation.abnf")
        spec = (grammar / "SPEC.md").read_text(encoding="utf-8")
        self.paragraphs = set(re.findall(r"^\*\*([0-9.]+)\*\*", spec, re.M))
        self.machine = abnf.Nfa(self.address, "address")
        self.machines = {rule: abnf.Nfa(self.environment, rule)
                         for rule in TOP_RULES.values()}

    def check(self, suites):
        """Everything that is wrong with the suites, one line each."""
        problems, self.accepted, self.rejected = [], set(), set()
        ids, texts, count = set(), {}, 0
        for suite, document in suites.items():
            try:
                self.head(suite, document)
            except Malformed as error:
                problems.append("%s.json: %s" % (suite, error))
                continue
            for v in document["vectors"]:
                count += 1
                name = v.get("id") if isinstance(v, dict) else None
                if not isinstance(name, str):
                    problems.append("%s.json: vector without id" % suite)
                    continue
                if name in ids:
                    problems.append(name + ": duplicate id")
                ids.add(name)
                try:
                    self.common(v)
                    if suite == "activation":
                        self.activation_vector(v)
                    else:
                        text = self.address_vector(v)
                        need(text not in texts, "same text as " +
                             texts.get(text, ""))
                        texts[text] = name
                except Malformed as error:
                    problems.append("%s: %s" % (name, error))
        problems += self.coverage()
        if count < FEWEST:
            problems.append("only %d vectors" % count)
        return problems

    @staticmethod
    def head(suite, document):
        need(isinstance(document, dict), "not an object")
        members(document, ("$schema", "version", "suite", "vectors"))
        need(document["$schema"] == "./schema.json", "wrong $schema")
        need(document["version"] == 1, "wrong version")
        need(document["suite"] == suite, "wrong suite")
        need(isinstance(document["vectors"], list), "vectors is no array")

    def common(self, v):
        for name in ("rule", "spec", "comment"):
            need(isinstance(v.get(name), str) and v[name], "no " + name)
        need(re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", v["id"]), "bad id")
        need(v["spec"] in self.paragraphs, "no paragraph " + v["spec"])

    def address_vector(self, v):
        base = ["id", "rule", "spec", "comment",
                "hex" if "hex" in v else "input"]
        need(v["rule"] in self.address, "no rule " + v["rule"])
        text = octets_of(v, "input")
        length = self.machine.viable(text)
        p = text[:length]
        errors = [(at, 1, name, where) for at, name, where in limits(p)]
        if len(text) > 1024:
            errors.append((1024, 0, "text-too-long", "2.1"))
        member = self.machine.accepts(text)
        if not member:
            name, where = grammar_error(p, text[length:length + 1])
            errors.append((length, 2, name, where))
        is_ip = host_is_ip(text)
        if is_ip is not None and not text.endswith(b":"):
            host = text[:text.rindex(b":")] + b":1"
            need(is_ip == self.machine.accepts(host), "ipaddress disagrees")
        if errors:
            self.rejection(v, base, min(errors), self.machine, text)
            self.rejected.add(("sbind.abnf", v["rule"]))
        else:
            self.acceptance(v, base, text)
            self.accepted.add(("sbind.abnf", v["rule"]))
        return text

    @staticmethod
    def rejection(v, base, error, machine, text):
        at, _, name, where = error
        need("error" in v, "must be rejected: %s at %d" % (name, at))
        members(v, base + ["error", "offset"])
        need(v["error"] == name, "error is %s by %s" % (name, where))
        need(type(v["offset"]) is int and v["offset"] == at,
             "offset is %d by %s" % (at, where))
        need(v["spec"] == where or not re.match(r"4\.2\.|2\.[1-6]$", v["spec"]),
             "the paragraph is " + where)
        need(v["rule"] in machine.rules_begun(text[:at]),
             "does not come to rule " + v["rule"])

    def acceptance(self, v, base, text):
        need("error" not in v, "must be accepted")
        hexadecimal = "canonical_hex" in v
        members(v, base + ["canonical_hex" if hexadecimal else "canonical",
                           "address"])
        canonical, address = value(text)
        need(octets_of(v, "canonical") == canonical,
             "canonical is %r" % canonical)
        need(json.dumps(v["address"]) == json.dumps(address),
             "address is " + json.dumps(address))
        need(self.machine.accepts(canonical) and len(canonical) <= 1024 and
             not list(limits(canonical)), "canonical is no member")
        need(value(canonical) == (canonical, address),
             "canonical has another value")
        need(v["rule"] in self.machine.rules_of(text),
             "does not use rule " + v["rule"])

    def activation_vector(self, v):
        need(v["rule"] in self.environment, "no rule " + v["rule"])
        values = {name: octets_of(v, name, True) for name in TOP_RULES}
        base = ["id", "rule", "spec", "comment", "self_pid", "self_pidfdid",
                "limit"]
        base += [name if name in v else name + "_hex" for name in TOP_RULES]
        for name, bits in (("self_pid", 31), ("limit", 32)):
            need(type(v.get(name)) is int and 0 < v[name] < 1 << bits,
                 "bad " + name)
        text = v.get("self_pidfdid")
        need(isinstance(text, str) and re.fullmatch("0|[1-9][0-9]*", text) and
             int(text) < 1 << 64, "bad self_pidfdid")
        result = activation(self.machines, v, values)
        members(v, base + list(result), ["accept_missing_pid"])
        need(v.get("accept_missing_pid", True) is True,
             "bad accept_missing_pid")
        for name, expected in result.items():
            need(json.dumps(v[name]) == json.dumps(expected),
                 "%s is %s" % (name, json.dumps(expected)))
        key = ("activation.abnf", v["rule"])
        for name, top in TOP_RULES.items():
            text, machine = values[name], self.machines[top]
            if text is None:
                continue
            bad = (result.get("variable") == "LISTEN_" + name.upper() and
                   result["error"].startswith("bad-"))
            if bad and v["rule"] in machine.rules_begun(text):
                self.rejected.add(key)
            elif (not bad and machine.accepts(text) and
                  v["rule"] in machine.rules_of(text)):
                self.accepted.add(key)

    def coverage(self):
        for file, grammar in (("sbind.abnf", self.address),
                              ("activation.abnf", self.environment)):
            for rule in grammar:
                if (file, rule) not in self.accepted:
                    yield "%s: no accepting vector for %s" % (file, rule)
                if (file, rule) not in self.rejected:
                    yield "%s: no rejecting vector for %s" % (file, rule)


# ---- The self-test ----------------------------------------------------------

def breakages(suites):
    """(what is broken, the broken suites, what must be in a report)."""
    def first(suite, condition):
        return next(i for i, v in enumerate(suites[suite]["vectors"])
                    if condition(v))

    def broken(suite, condition, change, report):
        copied = copy.deepcopy(suites)
        at = first(suite, condition)
        v = copied[suite]["vectors"][at]
        change(v)
        return copied, v["id"] + ": " + report

    def rejected(v):
        return "error" in v

    def accepted(v):
        return "address" in v

    yield ("a wrong offset",) + broken(
        "tcp", rejected, lambda v: v.update(offset=v["offset"] + 1),
        "offset is")
    yield ("a wrong offset of a limit",) + broken(
        "limits", rejected, lambda v: v.update(offset=v["offset"] - 1),
        "offset is")
    yield ("a wrong error",) + broken(
        "npipe", rejected, lambda v: v.update(error="system"), "error is")
    yield ("a wrong canonical spelling",) + broken(
        "tcp", lambda v: "FF" in v.get("input", "") and accepted(v),
        lambda v: v.update(canonical=v["input"]), "canonical is")
    yield ("a wrong address",) + broken(
        "fd", lambda v: v.get("address", {}).get("type") == "number",
        lambda v: v["address"].update(value=v["address"]["value"] + 1),
        "address is")

    def reject(v):
        del v["canonical"], v["address"]
        v.update(error="bad-path", offset=8)
    yield ("an acceptance made a rejection",) + broken(
        "unix", lambda v: accepted(v) and "canonical" in v, reject,
        "must be accepted")

    def accept(v):
        del v["error"], v["offset"]
        v.update(canonical="fd://", address={"scheme": "fd", "type": "single"})
    yield ("a rejection made an acceptance",) + broken(
        "fd", rejected, accept, "must be rejected")
    yield ("a wrong rule",) + broken(
        "scheme", accepted, lambda v: v.update(rule="utf8-4"),
        "does not use rule")
    yield ("a paragraph that does not exist",) + broken(
        "unix", rejected, lambda v: v.update(spec="9.9"), "no paragraph")
    yield ("a missing member",) + broken(
        "unix", accepted, lambda v: v.pop("comment"), "no comment")
    yield ("a wrong outcome",) + broken(
        "activation", lambda v: v.get("outcome") == "none",
        lambda v: v.update(outcome="other-process"), "outcome is")

    copied = copy.deepcopy(suites)
    copied["fd"]["vectors"].append(copied["fd"]["vectors"][0])
    yield ("a duplicate", copied,
           suites["fd"]["vectors"][0]["id"] + ": duplicate id")

    for rule in ("not-hex", "utf8-3"):
        for kind, keep in (("rejecting", accepted), ("accepting", rejected)):
            copied = copy.deepcopy(suites)
            for document in copied.values():
                document["vectors"] = [v for v in document["vectors"]
                                       if v["rule"] != rule or keep(v)]
            yield ("a rule without coverage", copied,
                   "sbind.abnf: no %s vector for %s" % (kind, rule))


def self_test(checker, suites):
    problems, count = [], 0
    for what, broken, report in breakages(suites):
        count += 1
        if not any(line.startswith(report) for line in checker.check(broken)):
            problems.append("self-test: %s was not reported" % what)
    return problems, count


def main(arguments):
    test = "--self-test" in arguments
    places = [each for each in arguments if each != "--self-test"]
    root = pathlib.Path(places[0] if places else
                        pathlib.Path(__file__).parents[2])
    checker = Checker(root)
    suites = {suite: json.loads((root / "tests/vectors" / (suite + ".json"))
                                .read_text(encoding="utf-8"))
              for suite in SUITES}
    problems = checker.check(suites)
    if test and not problems:
        problems, count = self_test(checker, suites)
        if not problems:
            print("self-test: %d breakages, each reported" % count)
    for line in problems:
        print(line)
    if problems:
        return 1
    print("%d vectors, %d rules: ok" % (
        sum(len(document["vectors"]) for document in suites.values()),
        len(checker.address) + len(checker.environment)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
