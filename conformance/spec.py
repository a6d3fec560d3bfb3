# SPDX-License-Identifier: MIT OR Apache-2.0
"""Derives right answers from the grammar and SPEC.md, without sbind.

The caller gives machines that know which texts are members, and their viable prefixes.
The machines are the tables of complete.json, or automata made from the ABNF
(make/tables.py). For limits, names of errors and values, functions here follow SPEC.md
paragraph by paragraph. For IP addresses they use Python's ipaddress.

    model = spec.Model(machines)
    model.errors(text)           every error of a text, the reported one first
    model.parse(text)            the answer to "parse", SPEC.md 7.3
    model.activation(...)        what the four variables say together
    spec.line(answer)            an answer as the adapter writes it
"""
import functools
import ipaddress
import json
import re

TOP_RULES = {"pid": "listen-pid", "pidfdid": "listen-pidfdid",
             "fds": "listen-fds", "fdnames": "listen-fdnames"}
NAMES = {rule: name for name, rule in TOP_RULES.items()}


# ---- SPEC.md 2: limits ------------------------------------------------------

def name_limits(name, base):
    """The errors for a name that is too long (SPEC.md 2.2 and 2.3). The name begins at
    offset "base", and may be incomplete."""
    at = base
    for label in name.split(b"."):
        if len(label) > 63:
            yield at + 63, "host-too-long", "2.2"
        at += len(label) + 1
    if len(name) - name.endswith(b".") > 253:
        yield base + 253, "host-too-long", "2.3"


def pipe_limit(units, octets, base):
    """The error of SPEC.md 2.6, if the name of a pipe is too long. The octets are a part
    of the address and begin at the offset "base". "units" is how many UTF-16 units of the
    name come before them."""
    for at, octet in enumerate(octets):
        if not 0x80 <= octet <= 0xBF:               # the first of a character
            units += 2 if octet >= 0xF0 else 1
            if units > 256:
                yield base + at, "pipe-name-too-long", "2.6"
                return


def limits(p):
    """The errors for parts of the viable prefix p that are too long (SPEC.md 2.2, 2.3,
    2.5 and 2.6). Each error is its offset, its name and its paragraph."""
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
    """The name of the error and its paragraph. p is the viable prefix. c is the octet
    after p, or b"" at the end of the text."""
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
    """Whether p ends within a character. p is the beginning of well-formed UTF-8."""
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
    """Prints an address as RFC 5952 says. Those in ::ffff:0:0/96 get mixed notation,
    which Python prefers only in some versions."""
    if ip.version == 6 and ip.ipv4_mapped:
        return "::ffff:" + str(ip.ipv4_mapped)
    return ip.compressed


def lower(octets):
    return octets.decode("ascii").lower()


def value(text):
    """The canonical spelling of a member, and its address object."""
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
    """Whether Python accepts the host of this text as an IP address. None if the host
    does not look like one."""
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
    """Where the viable prefix p of LISTEN_FDNAMES exceeds the limit 2.9."""
    at = 0
    for name in p.split(b":"):
        if len(name) > 255:
            yield at + 255
        at += len(name) + 1


# ---- SPEC.md 8: messages to the service manager -------------------------------

NOTIFY = {"notify-socket": ("bad-notify-socket", 107),
          "notify-state": ("bad-notify-state", 4096)}


class Model:
    def __init__(self, machines):
        """machines maps each rule to a machine with viable(text) and accepts(text)."""
        self.machines = machines

    @functools.cache
    def errors(self, text, viable=None, member=None):
        """All errors in the order of SPEC.md 2.8, as (offset, order, name, paragraph).
        A caller that has already run the text through the machine passes what it found:
        viable and member. Otherwise this method runs the machine."""
        if viable is None:
            viable = self.machines["address"].viable(text)
            member = self.machines["address"].accepts(text)
        p = text[:viable]
        errors = [(at, 1, name, where) for at, name, where in limits(p)]
        if len(text) > 1024:
            errors.append((1024, 0, "text-too-long", "2.1"))
        if not member:
            name, where = grammar_error(p, text[viable:viable + 1])
            errors.append((viable, 2, name, where))
        return sorted(errors)

    def parse(self, text, viable=None, member=None):
        errors = self.errors(text, viable, member)
        if errors:
            return {"ok": False, "error": errors[0][2], "offset": errors[0][0]}
        canonical, address = value(text)
        return {"ok": True, "canonical": canonical.hex(), "address": address}

    def value_error(self, name, text):
        """The error of a variable's value, with its offset. None if the value is
        right."""
        machine = self.machines[TOP_RULES[name]]
        at = machine.viable(text)
        over = list(passed_name_limit(text[:at])) if name == "fdnames" else []
        if machine.accepts(text) and not over:
            return None
        return {"error": "bad-listen-" + name,
                "variable": "LISTEN_" + name.upper(), "offset": min(over + [at])}

    def activation(self, values, self_pid, self_pidfdid, limit,
                   accept_missing_pid=False):
        """What the four variables say. values has the octets of pid, fds, fdnames and
        pidfdid; None stands for a variable that is not set."""
        def beyond(name, error):
            return {"error": error, "variable": "LISTEN_" + name.upper(),
                    "offset": len(values[name])}

        if values["pid"] is None:                                       # 6.3
            if not accept_missing_pid:
                return {"outcome": "none"}
        else:
            wrong = self.value_error("pid", values["pid"])
            if wrong:
                return wrong
            if int(values["pid"]) != self_pid:
                return {"outcome": "other-process"}
        if values["pidfdid"] is not None and self_pidfdid:              # 6.4
            wrong = self.value_error("pidfdid", values["pidfdid"])
            if wrong:
                return wrong
            if int(values["pidfdid"]) != self_pidfdid:
                return {"outcome": "other-process"}
        if values["fds"] is None:                                       # 6.5
            return {"outcome": "none"}
        wrong = self.value_error("fds", values["fds"])
        if wrong:
            return wrong
        count = int(values["fds"])
        if count > limit:
            return beyond("fds", "too-many-fds")
        names = []
        if values["fdnames"] is not None:                               # 6.6
            wrong = self.value_error("fdnames", values["fdnames"])
            if wrong:
                return wrong
            names = values["fdnames"].decode("ascii").split(":")
            if len(names) != count:
                return beyond("fdnames", "fdnames-count")
        return {"outcome": "passed", "count": count, "names": names}    # 6.7

    def notify(self, rule, text):
        """Reads a value of NOTIFY_SOCKET, or a message to the service manager (SPEC.md
        8). "rule" says which. Returns the address or the number of lines, or an error."""
        machine, (error, most) = self.machines[rule], NOTIFY[rule]
        at = min(machine.viable(text), most)
        if not machine.accepts(text) or len(text) > most:
            return {"error": error, "offset": at}
        if rule == "notify-state":
            return {"lines": len(text.removesuffix(b"\n").split(b"\n"))}
        kind, name = ("abstract", text[1:]) if text[:1] == b"@" else \
            ("path", text)
        return {"address": {"scheme": "unix", "type": kind,
                            "octets": name.hex()}}

    def activation_answer(self, *arguments):
        """What the four variables say, as the answer to "activation" (SPEC.md 7.3)."""
        result = self.activation(*arguments)
        if "names" in result:
            result["names"] = [name.encode().hex() for name in result["names"]]
        return {"ok": "outcome" in result, **result}


def request_for(model, rule, text):
    """An environment in which the value of one variable decides: the four values, and
    (self_pid, self_pidfdid, limit). If the value is right, sockets were passed."""
    good = model.value_error(NAMES[rule], text) is None
    values = {"pid": b"123", "fds": b"1", "fdnames": None, "pidfdid": None}
    values[NAMES[rule]] = text
    self_pid, self_pidfdid = 123, 1
    if rule == "listen-pid" and good:
        self_pid = int(text)
    elif rule == "listen-pidfdid" and good:
        self_pidfdid = int(text)
    elif rule == "listen-fdnames" and good:
        values["fds"] = b"%d" % (text.count(b":") + 1)
    return values, (self_pid, self_pidfdid, 2147483644)


def request(text):
    """The request that asks about an address (SPEC.md 7.2)."""
    return b"parse " + octets(text)


def octets(text):
    return b"unset" if text is None else text.hex().encode() or b"-"


def activation_request(values, self_pid, self_pidfdid, limit):
    return b" ".join([b"activation", *(octets(values[name]) for name in (
        "pid", "fds", "fdnames", "pidfdid")),
        b"%d %d %d" % (self_pid, self_pidfdid, limit)])


def line(answer):
    return json.dumps(answer, separators=(",", ":")).encode()
