#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""TCP in networks of the test's own: zones of link-local addresses, machines without
IPv6, and host names that a name server of the test answers.

A network consists of a network namespace and a mount namespace. One process holds both,
and waits for the end of a pipe. Programs in the network are killed when their parent
ends. So nothing outlives this test, however it ends.

Promises: P14 P25 P39
"""
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

import support
from support import PORTABLE, SBIND, activated


def lacking(reason):
    """In CI nothing may be lacking."""
    if os.environ.get("CI") == "true":
        raise AssertionError("needed in CI: " + reason)
    support.unavailable(reason)


class Network:
    def __init__(self, *setup):
        """setup: command lines that are run inside."""
        if os.geteuid() != 0:
            lacking("only root can make network namespaces")
        support.requires("ip", "unshare", "nsenter", "setpriv")
        self.holder = subprocess.Popen(
            ("unshare", "--net", "--mount", "sh", "-c", "echo; exec cat"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        if self.holder.stdout.readline() != b"\n":
            reason = self.holder.communicate()[1].decode().strip()
            lacking("no network namespaces: " + reason)
        self.within = ("setpriv", "--pdeathsig", "KILL", "nsenter", "--net",
                       "--mount", "--target", str(self.holder.pid), "--")
        self.do("ip link set lo up", *setup)

    def do(self, *lines):
        for line in lines:
            done = support.run(*self.within, *line.split())
            if done.status != 0:
                raise AssertionError(f"{line}: {done!r}")

    def write(self, path, text):
        with subprocess.Popen((*self.within, "tee", path),
                              stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL) as p:
            p.communicate(text.encode())
        if p.returncode != 0:
            lacking("no way to write to " + path)

    def close(self):
        self.holder.communicate()


class NetworkCase(support.Case):
    @classmethod
    def network(cls, *setup):
        network = Network(*setup)
        cls.addClassCleanup(network.close)
        return network

    def sbind(self, network, *argv, **more):
        return support.run(*network.within, SBIND, *argv, **more)

    def serve(self, network, *argv):
        """Starts sbind listen; everybody gets "hello"."""
        return self.start(*network.within, SBIND, "listen", "-v", *argv, "--",
                          *activated("serve"))

    def reaches(self, network, address, *options):
        """Whether a client gets "hello" there."""
        done = self.sbind(network, "connect", *options, address)
        if done.status == 0:
            self.assertEqual((done.out, done.err), (b"hello", b""))
        else:
            self.assertRegex(done.err, b"ECONNREFUSED")
        return done.status == 0

    def refused(self, network, word, address, *patterns, options=()):
        begin = time.monotonic()
        # listening on several addresses needs a command
        words = (("-H", address, "--", "true") if word == "listen"
                 else (address,))
        done = self.expect(self.sbind(network, word, *options, *words), 111,
                           out="")
        for pattern in patterns:
            self.assertRegex(done.err.decode(), pattern)
        return time.monotonic() - begin


# ---- Zones ---------------------------------------------------------------------

class Zones(NetworkCase):
    """Two machines on one wire: va has the address fe80::a, and vb has fe80::b."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.b = cls.network()
        cls.a = cls.network(
            f"ip link add va type veth peer name vb netns {cls.b.holder.pid}")
        for network, end in ((cls.a, "a"), (cls.b, "b")):
            network.do(f"ip link set v{end} addrgenmode none up",
                       f"ip address add fe80::{end}/64 dev v{end} nodad")
        support.wait_until(cls.is_up, "the wire")

    @classmethod
    def is_up(cls):
        return all(b"LOWER_UP" in support.run(
            *n.within, "ip", "link", "show", v).out
            for n, v in ((cls.a, "va"), (cls.b, "vb")))

    def index(self, network, interface):
        done = support.run(*network.within, "ip", "-o", "link", "show",
                           interface)
        return int(done.out.split(b":")[0])

    def test_the_other_end_is_reached_by_its_own_interface(self):
        p = self.serve(self.b, "-H", "tcp://[fe80::b%vb]:0")
        where = p.listening()[0]
        self.assertRegex(where, r"^tcp://\[fe80::b%vb\]:[1-9]\d*$")
        port = support.port_of(where)
        for network, zone in ((self.a, "va"),
                              (self.a, self.index(self.a, "va")),
                              (self.b, "vb")):
            self.assertTrue(self.reaches(
                network, f"tcp://[fe80::b%{zone}]:{port}"), zone)
        self.refused(self.a, "connect", f"tcp://[fe80::b%lo]:{port}",
                     "connect: ENETUNREACH\n", "hint: this machine has no route")
        self.assertFalse(self.reaches(self.b, f"tcp://[::1]:{port}"))

    def test_a_zone_can_be_the_number_of_an_interface(self):
        index = self.index(self.b, "vb")
        p = self.serve(self.b, "-H", f"tcp://[fe80::b%{index}]:0")
        self.assertIn("[fe80::b%vb]", p.listening()[0])

    def test_an_interface_whose_name_is_no_zone_is_a_number(self):
        self.b.do("ip link add v+c type veth peer name v+d",
                  "ip link set v+c addrgenmode none up",
                  "ip link set v+d up",
                  "ip address add fe80::c/64 dev v+c nodad")
        self.addCleanup(self.b.do, "ip link del v+c")
        index = self.index(self.b, "v+c")
        p = self.serve(self.b, "-H", f"tcp://[fe80::c%{index}]:0")
        where = p.listening()[0]
        self.assertIn(f"[fe80::c%{index}]", where)
        self.assertTrue(self.reaches(self.b, where))
        p.kill()

    def test_the_loopback_interface_has_no_link_local_address(self):
        self.refused(self.b, "listen", "tcp://[fe80::b%lo]:0",
                     r"\(system\); bind: EADDRNOTAVAIL\n",
                     "hint: no interface, or none of that zone, has this",
                     r"\n  vb has the address: does the zone or --device name "
                     r"another interface\?\n\Z")

    def test_an_address_of_the_other_end_is_not_listened_on(self):
        self.refused(self.b, "listen", "tcp://[fe80::a%vb]:0",
                     "bind: EADDRNOTAVAIL")

    def test_what_is_in_the_way_has_the_same_zone(self):
        self.b.do("ip link add v2 type veth peer name v3",
                  "ip link set v2 addrgenmode none up",
                  "ip address add fe80::b/64 dev v2 nodad")
        self.addCleanup(self.b.do, "ip link del v2")
        p = self.serve(self.b, "-H", "tcp://[fe80::b%vb]:0")
        port = support.port_of(p.listening()[0])
        self.serve(self.b, "-H", f"tcp://[fe80::b%v2]:{port}").listening()
        for zone in ("vb", self.index(self.b, "vb")):
            self.refused(self.b, "listen", f"tcp://[fe80::b%{zone}]:{port}",
                         rf"\n  listener: process {p.pid} \(python3\)\n\Z")

    def test_a_zone_that_is_not_there(self):
        for word in ("listen", "connect"):
            for zone in ("va", "99", "4294967297"):
                self.refused(self.b, word, f"tcp://[fe80::b%{zone}]:80",
                             r"\(no-such-zone\)", "hint: write the name or index of an interface")

    def test_no_zone(self):
        for word in ("listen", "connect"):
            self.refused(self.b, word, "tcp://[fe80::b]:80",
                         r"\(unusable-address\)",
                         r"hint: a link-local address needs a zone")

    def test_the_zone_of_loopback_is_lo(self):
        p = self.serve(self.b, "-H", "tcp://[::1%lo]:0")
        port = support.port_of(p.listening()[0])
        self.assertTrue(self.reaches(self.b, f"tcp://[::1%1]:{port}"))
        for word in ("listen", "connect"):
            self.refused(self.b, word, f"tcp://[::1%vb]:{port}",
                         r"\(unusable-address\)",
                         "hint: the zone of ::1 can only be lo; leave it out")


# ---- Addresses that cannot be listened on yet ------------------------------------

class Absent(NetworkCase):
    """systemd/systemd#650: when a service starts, the interface may not have its address yet."""

    HINT = ("  hint: no interface, or none of that zone, has this address "
            "(yet); see: " + ("ifconfig" if PORTABLE else
                              "ip address, or use freebind") + "\n")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.net = cls.network(
            "ip link add va type veth peer name vb", "ip link set vb up",
            "ip link set va addrgenmode none up",
            "ip address add 2001:db8::9/64 dev vb nodad")
        support.wait_until(lambda: b"LOWER_UP" in cls.show("link"), "the wire")

    @classmethod
    def show(cls, what):
        return support.run(*cls.net.within, "ip", what, "show", "va").out

    def absent(self, host, *lines):
        address = f"tcp://{host}:80"
        done = self.expect(self.sbind(self.net, "listen", address), 111, out="")
        self.assertEqual(done.err.decode(), "".join((
            "sbind: the system refused (system); bind: EADDRNOTAVAIL\n  ",
            address, "\n", self.HINT, *lines)))
        freebind = self.sbind(self.net, "listen", "--freebind", "-H", address,
                              "--", "true")
        if PORTABLE:                    # which the hint does not name there
            self.expect(freebind, 2, err=r"\(option-not-applicable\)")
        else:
            self.expect(freebind, 0, err="")

    def test_no_interface_has_it(self):
        for host in ("192.0.2.7", "[2001:db8::7]"):
            self.absent(host, "  with --freebind sbind listens before an "
                        "interface has the address\n")

    def test_it_is_tentative(self):
        self.net.write("/proc/sys/net/ipv6/conf/va/dad_transmits", "1000")
        self.net.do("ip address add 2001:db8::8/64 dev va")
        self.addCleanup(self.net.do, "ip address del 2001:db8::8/64 dev va")
        self.assertIn(b"tentative", self.show("address"))
        self.absent("[2001:db8::8]", "  va has the address, but it is "
                    "tentative: wait some seconds, or use --freebind\n")
        # the same, for a host name that has this address
        hosts = self.write("hosts", "2001:db8::8 late\n")
        self.net.do(f"mount --bind {hosts} /etc/hosts")
        self.addCleanup(self.net.do, "umount /etc/hosts")
        self.expect(self.sbind(self.net, "listen", "-H", "tcp://late:80", "--",
                               "true"), 111, out="",
                    err="\n  va has the address, but it is tentative: ")

    def test_of_several_interfaces_that_have_it_the_zone_says_which(self):
        self.net.do("ip link add vc type veth peer name vd",
                    "ip link set vd up", "ip link set vc addrgenmode none up")
        self.addCleanup(self.net.do, "ip link del vc")
        self.addCleanup(self.net.do, "ip address del fe80::8/64 dev va")
        for name in ("va", "vc"):
            self.net.write(f"/proc/sys/net/ipv6/conf/{name}/dad_transmits",
                           "1000")
            self.net.do(f"ip address add fe80::8/64 dev {name}")
        for name in ("va", "vc"):
            self.absent(f"[fe80::8%{name}]", f"  {name} has the address, but it "
                        "is tentative: wait some seconds, or use --freebind\n")

    def test_another_machine_has_it(self):
        self.net.write("/proc/sys/net/ipv6/conf/va/dad_transmits", "1")
        self.net.do("ip address add 2001:db8::9/64 dev va")
        self.addCleanup(self.net.do, "ip address del 2001:db8::9/64 dev va")
        support.wait_until(lambda: b"dadfailed" in self.show("address"),
                           "the other end to answer")
        # vb, the other machine of this test, is in the list as well
        self.net.do("ip address del 2001:db8::9/64 dev vb")
        self.addCleanup(self.net.do,
                        "ip address add 2001:db8::9/64 dev vb nodad")
        self.absent("[2001:db8::9]", "  va has the address, but another machine "
                    "has it, too\n")


class NameWithoutIPv6(NetworkCase):
    """The /etc/hosts that Docker makes has ::1 even if IPv6 is off:
    tornadoweb/tornado#2274."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        directory = tempfile.mkdtemp(prefix="sbind-", dir="/tmp")
        cls.addClassCleanup(shutil.rmtree, directory)
        hosts = os.path.join(directory, "hosts")
        with open(hosts, "w") as file:
            file.write("127.0.0.1 localhost\n::1 localhost\n"
                       "192.0.2.7 elsewhere\n")
        cls.net = cls.network(f"mount --bind {hosts} /etc/hosts")
        cls.net.write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1")

    def name(self, name, where, *lines, text="the system refused (system)",
             call="bind: EADDRNOTAVAIL", prefix=()):
        done = self.expect(support.run(
            *self.net.within, *prefix, SBIND, "listen", "-H", f"tcp://{name}:80",
            "--", "true", env=support.environment(asan="detect_leaks=0")), 111,
            out="")
        self.assertEqual(done.err.decode(), "".join((
            f"sbind: {text}; at tcp://{where}:80; {call}\n  tcp://{name}:80\n",
            "  hint: every address of a name is listened on, or none; use one "
            "of its addresses, or the host *\n", *lines)))

    INSTEAD = "  without IPv6 write tcp://127.0.0.1:80 or tcp://*:80\n"

    def test_localhost(self):
        self.name("localhost", "[::1]", self.INSTEAD)
        for host in ("127.0.0.1", "*"):
            self.expect(self.sbind(self.net, "listen", "-H", f"tcp://{host}:80",
                                   "--", "true"), 0, err="")

    def test_the_port_is_the_one_that_was_given(self):
        # the hint has the port 0, and not a port that the system has chosen
        self.refused(self.net, "listen", "tcp://localhost:0",
                     r"\n  without IPv6 write tcp://127\.0\.0\.1:0 or "
                     r"tcp://\*:0\n\Z")

    def test_localhost_where_the_kernel_lacks_ipv6(self):
        self.name("localhost", "[::1]", self.INSTEAD,
                  text="this system has no sockets of this kind (unsupported)",
                  call="socket: EAFNOSUPPORT",
                  prefix=support.injecting("socket:error=EAFNOSUPPORT"))

    def test_another_name(self):
        self.name("elsewhere", "192.0.2.7", "  write tcp://*:80, or one address "
                  "of the name that an interface has\n")

    def test_every_port_is_taken(self):
        self.net.write("/proc/sys/net/ipv4/ip_local_port_range", "40000 40001")
        for port in (40000, 40001):
            self.serve(self.net, "-H", f"tcp://127.0.0.1:{port}").listening()
        self.refused(self.net, "listen", "tcp://127.0.0.1:0",
                     r"\(address-in-use\); bind: EADDRINUSE\n", r"\n  no port "
                     "of /proc/sys/net/ipv4/ip_local_port_range is free\n\\Z")


# ---- IPv6 and IPv4 on one socket -----------------------------------------------

class Families(NetworkCase):
    def families(self, network, host, *options):
        """Whether clients can reach a listener by IPv6, and whether they can by IPv4."""
        p = self.serve(network, *options, "-H", f"tcp://{host}:0")
        where = p.listening()[0]
        self.assertIn(f"tcp://{host}:", where)
        port = support.port_of(where)
        reached = (self.reaches(network, f"tcp://[::1]:{port}"),
                   self.reaches(network, f"tcp://127.0.0.1:{port}"))
        p.kill()
        return reached

    def test_the_system_does_not_decide_about_ipv4(self):
        network = self.network()
        for only in "01":
            network.write("/proc/sys/net/ipv6/bindv6only", only)
            for host, options, wanted in (
                    ("[::]", (), (True, False)),
                    ("[::]", ("--dual-stack",), (True, True)),
                    ("*", (), (True, True)),
                    ("0.0.0.0", (), (False, True))):
                with self.subTest(host, only=only, options=options):
                    self.assertEqual(self.families(network, host, *options),
                                     wanted)

    def test_any_where_ipv6_is_switched_off(self):
        network = self.network()
        network.write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1")
        p = self.serve(network, "-H", "tcp://*:0")
        port = support.port_of(p.listening()[0])
        self.assertTrue(self.reaches(network, f"tcp://127.0.0.1:{port}"))
        self.refused(network, "listen", "tcp://[::1]:0",
                     "bind: EADDRNOTAVAIL", "hint: no interface")
        self.refused(network, "connect", f"tcp://[::1]:{port}",
                     "connect: EADDRNOTAVAIL",
                     r"hint: no interface, .* to connect from\n\Z")

    def test_ipv6_and_ipv4_apart_can_have_one_port(self):
        network = self.network()
        network.write("/proc/sys/net/ipv6/bindv6only", "0")
        p = self.serve(network, "-H", "tcp://[::]:0")
        port = support.port_of(p.listening()[0])
        self.expect(self.sbind(network, "listen", "-H",
                               f"tcp://0.0.0.0:{port}", "--", "true"), 0)
        self.refused(network, "listen", f"tcp://*:{port}",
                     r"\(address-in-use\); bind: EADDRINUSE\n")


# ---- Host names -------------------------------------------------------------------

# A name server. Its argument is JSON with the addresses of each name. If a name has null for its
# addresses, queries for it get no answer. A name that the JSON does not have does not exist.
NAME_SERVER = r"""
import json, socket, struct, sys
names = json.loads(sys.argv[1])
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.53", 53))
print("ready", flush=True)
while True:
    query, client = server.recvfrom(4096)
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
        at += 1 + query[at]
    name = ".".join(labels)
    if name in names and names[name] is None:
        continue
    kind = struct.unpack("!H", query[at + 1:at + 3])[0]
    family = {1: socket.AF_INET, 28: socket.AF_INET6}.get(kind)
    found = [socket.inet_pton(family, ip) for ip in names.get(name, ())
             if family and (":" in ip) == (kind == 28)]
    records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 1, len(ip))
                       + ip for ip in found)
    code = 0x8180 | (0 if name in names else 3)
    server.sendto(query[:2] + struct.pack("!5H", code, 1, len(found), 0, 0)
                  + query[12:at + 5] + records, client)
"""

HOLE4, HOLE6 = "198.51.100.9", "2001:db8:b::9"      # nothing comes back
HERE4 = [f"192.0.2.{n}" for n in range(1, 9)]
HERE6 = [f"2001:db8::{n}" for n in range(1, 9)]
NAMES = {
    "four.test": HERE4[:1], "six.test": HERE6[:1],
    "dual.test": [HERE4[0], HERE6[0]],
    "many.test": HERE4 + HERE6,
    "twice.test": HERE4[:1] * 2,
    "hole.test": [HOLE6, HERE4[0]],
    "holes.test": [HOLE4, HOLE6],
    "nowhere.test": ["203.0.113.1", "2001:db8:ffff::1"],
    "odd.test": [HERE4[0], "224.0.0.1"],
    "empty.test": [],
    "silent.test": None,
}

CONNECT = re.compile(
    r'^connect\(\d+, .*htons\(7\).*?"((?:[0-9a-f:]+|[0-9.]+))"', re.MULTILINE)


def text_of(ip, port):
    return f"tcp://[{ip}]:{port}" if ":" in ip else f"tcp://{ip}:{port}"


def in_turn(ips):
    """RFC 8305 4, written down once more."""
    groups = {}
    for ip in ips:
        groups.setdefault(":" in ip, []).append(ip)
    groups = list(groups.values())
    return [g[i] for i in range(len(ips)) for g in groups if i < len(g)]


class Names(NetworkCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not os.path.exists("/etc/resolv.conf"):
            lacking("there is no /etc/resolv.conf to put another over")
        directory = tempfile.mkdtemp(prefix="sbind-", dir="/tmp")
        cls.addClassCleanup(shutil.rmtree, directory)
        files = {"resolv.conf": "nameserver 127.0.0.53\n"
                                "options timeout:1 attempts:1\n",
                 "hosts": "127.0.0.1 localhost\n",
                 "nsswitch.conf": "hosts: files dns\n"}
        for name, text in files.items():
            with open(os.path.join(directory, name), "w") as file:
                file.write(text)
        cls.net = cls.network(
            *(f"mount --bind {directory}/{name} /etc/{name}"
              for name in files if os.path.exists("/etc/" + name)),
            *(f"ip address add {ip} dev lo" for ip in HERE4),
            *(f"ip address add {ip} dev lo nodad" for ip in HERE6),
            # packets to HOLE4 and HOLE6 get lost: no machine has their link address
            "ip link add v0 type veth peer name v1",
            "ip link set v0 up", "ip link set v1 up",
            "ip address add 198.51.100.1/24 dev v0",
            "ip address add 2001:db8:b::1/64 dev v0 nodad",
            *(f"ip neighbour add {ip} lladdr 02:00:00:00:00:09 dev v0"
              for ip in (HOLE4, HOLE6)))
        server = support.Process(directory, (
            *cls.net.within, *support.PYTHON, "-c", NAME_SERVER,
            json.dumps(NAMES)))
        cls.addClassCleanup(server.dispose)
        support.wait_until(lambda: server.out == b"ready\n",
                           "the name server")

    def addresses(self, name):
        """The addresses that the resolver gives, in its order."""
        done = support.run(*self.net.within, "getent", "ahosts", name)
        ips = [line.split()[0].decode() for line in done.out.splitlines()
               if b"STREAM" in line]
        self.assertTrue(ips, done)
        return list(dict.fromkeys(ips))          # glibc repeats itself

    # ---- listening

    def listen_on(self, name):
        done = self.expect(self.sbind(self.net, "listen", "-H",
                                      f"tcp://{name}:0", "--", *activated()),
                           0, err="")
        return json.loads(done.out)["passed"]

    def test_every_address_is_listened_on_at_one_port(self):
        for name in ("four.test", "six.test", "dual.test", "many.test",
                     "twice.test"):
            with self.subTest(name):
                sockets = self.listen_on(name)
                self.assertEqual(sorted(s["name"][0] for s in sockets),
                                 sorted(set(NAMES[name])))
                self.assertEqual([s["name"][0] for s in sockets],
                                 self.addresses(name))
                ports = {s["name"][1] for s in sockets}
                self.assertEqual(len(ports), 1, sockets)
                self.assertNotIn(0, ports)

    def test_each_socket_of_a_name_has_the_name_of_its_address(self):
        done = self.expect(self.sbind(
            self.net, "listen", "-H", "tcp://dual.test:0", "-H",
            "tcp://127.0.0.1:0", "-H", "tcp://many.test:0", "--name", "dual",
            "--name", "one", "--name", "many", "--", *activated()), 0, err="")
        got = json.loads(done.out)
        self.assertEqual(got["environment"]["LISTEN_FDNAMES"],
                         ":".join(["dual"] * 2 + ["one"] + ["many"] * 16))
        self.assertEqual(got["passed"][2]["name"][0], "127.0.0.1")

    def test_a_name_with_more_addresses_than_room_is_refused(self):
        words = ["-H", "tcp://127.0.0.1:0"] * 241
        done = self.sbind(self.net, "listen", *words, "-H",
                          "tcp://many.test:0", "--", "echo", "it runs")
        self.expect(done, 111, out="", err=r"\(too-many-listeners\)")

    def test_when_the_second_is_taken_none_is_listened_on(self):
        first, second = self.addresses("dual.test")
        p = self.serve(self.net, "-H", text_of(second, 0))
        port = support.port_of(p.listening()[0])
        self.refused(self.net, "listen", f"tcp://dual.test:{port}",
                     r"\(address-in-use\); at " + re.escape(
                         text_of(second, port)) + "; bind: EADDRINUSE\n",
                     "hint: stop what uses it")
        self.assertFalse(self.reaches(self.net, text_of(first, port)))
        self.expect(self.sbind(self.net, "listen", "-H",
                               text_of(first, port), "--", "true"), 0)

    def test_when_one_cannot_be_used_none_is_listened_on(self):
        self.refused(self.net, "listen", "tcp://odd.test:0",
                     r"\(unusable-address\); at tcp://224\.0\.0\.1:\d+\n",
                     "hint: TCP has no multicast")
        self.refused(self.net, "listen", "tcp://nowhere.test:0",
                     "; at tcp://.+; bind: EADDRNOTAVAIL\n",
                     "hint: every address of a name is listened on, or none;")

    def test_a_name_that_has_no_address(self):
        for word in ("listen", "connect"):
            self.refused(self.net, word, "tcp://no.test:80",
                         r"\(not-resolved\); getaddrinfo: EAI_NONAME",
                         "hint: neither /etc/hosts nor a name server has")
            if not support.MUSL:        # which says EAI_NONAME of this one too
                self.refused(self.net, word, "tcp://empty.test:80",
                             r"\(not-resolved\); getaddrinfo: EAI_NODATA",
                             "hint: the name exists, but has no")

    def test_several_addresses_need_a_command(self):
        for name in ("dual.test", "many.test"):
            lines = support.trace(
                "bind,listen", *self.net.within, SBIND, "listen",
                f"tcp://{name}:0", directory=self.directory, status=1)
            self.assertEqual([line for line in lines
                              if "AF_NETLINK" not in line and
                              not (support.MUSL and "htons(0)" in line)], [])
            done = self.expect(self.sbind(self.net, "listen",
                                          f"tcp://{name}:0"), 1, out="")
            self.assertEqual(done.err.decode(), (
                "sbind: this address means several sockets, and one is needed "
                f"(several)\n  tcp://{name}:0\n  hint: name one of them, or give "
                "a command after --: it gets all of them\n"))

    def test_one_address_needs_no_command(self):
        for name in ("four.test", "twice.test"):
            p = self.start(*self.net.within, SBIND, "listen", f"tcp://{name}:0")
            where = p.listening()[0]
            self.assertRegex(where, r"^tcp://192\.0\.2\.1:[1-9]\d*$")
            self.expect(self.sbind(self.net, "connect", where), 0)
            self.expect(p.wait(), 0)

    # ---- connecting

    def test_one_address_that_answers_is_enough(self):
        for only in (HERE4[0], HERE6[0]):
            p = self.serve(self.net, "-H", text_of(only, 0))
            port = support.port_of(p.listening()[0])
            self.assertTrue(self.reaches(self.net, f"tcp://dual.test:{port}"))
            self.assertTrue(self.reaches(self.net, f"tcp://many.test:{port}"))
            p.kill()

    def test_who_does_not_answer_is_waited_for_a_moment(self):
        p = self.serve(self.net, "-H", text_of(HERE4[0], 0))
        port = support.port_of(p.listening()[0])
        self.assertEqual(self.addresses("hole.test")[0], HOLE6)
        for options, least in (((), 0.25), (("--attempt-delay", "900"), 0.9)):
            begin = time.monotonic()
            self.assertTrue(self.reaches(
                self.net, f"tcp://hole.test:{port}", *options))
            took = time.monotonic() - begin
            self.assertGreaterEqual(took, least)
            self.assertLess(took, least + 2)

    def test_the_deadline_is_one_for_all(self):
        took = self.refused(
            self.net, "connect", "tcp://holes.test:7", r"\(timed-out\)\n",
            rf"\n  tcp://{re.escape(HOLE4)}:7: the deadline has passed; ",
            rf"\n  tcp://\[{HOLE6}\]:7: the deadline has passed; ",
            options=("--timeout", "400"))
        self.assertGreaterEqual(took, 0.4)
        self.assertLess(took, 3)

    def test_every_failure_is_told(self):
        self.refused(
            self.net, "connect", "tcp://nowhere.test:7",
            r"\A.*\(system\)\n  tcp://nowhere\.test:7\n  tcp://",
            r"\n  tcp://203\.0\.113\.1:7: connect: ENETUNREACH; this machine has no ",
            r"\n  tcp://\[2001:db8:ffff::1\]:7: connect: ENETUNREACH; this ")
        self.refused(
            self.net, "connect", "tcp://odd.test:7",
            r"\n  tcp://192\.0\.2\.1:7: connect: ECONNREFUSED; no server ",
            r"\n  tcp://224\.0\.0\.1:7: .*; TCP has no multicast; ")
        self.refused(self.net, "connect", "tcp://many.test:7",
                     r"(\n  tcp://.*:7: connect: ECONNREFUSED; .*){8}"
                     r"\n  and 8 more\n\Z")

    def test_families_take_turns(self):
        lines = "\n".join(support.trace(
            "connect", *self.net.within, SBIND, "connect",
            "tcp://many.test:7", directory=self.directory, status=111))
        tried = CONNECT.findall(lines)
        self.assertEqual(tried, in_turn(self.addresses("many.test")), lines)
        self.assertEqual(len(tried), 16)
        self.assertNotEqual(":" in tried[0], ":" in tried[1])

    def test_the_resolvers_own_time_is_not_in_the_deadline(self):
        # getaddrinfo cannot be interrupted, as README says
        for word, options in (("connect", ("--timeout", "100")),
                              ("listen", ())):
            took = self.refused(
                self.net, word, "tcp://silent.test:80",
                r"\(not-resolved\); getaddrinfo: EAI_AGAIN\n",
                "hint: /etc/hosts does not have the name, and no name server", options=options)
            self.assertGreaterEqual(took, 0.9)
            self.assertLess(took, 15)


if __name__ == "__main__":
    support.main()
