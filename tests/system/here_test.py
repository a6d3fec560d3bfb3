#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Does sbind explain --here say what the system has at an address, and does sbind listen then
find the same? Does it leave no trace: no file, no socket with a name, and no client that a
listener would notice?

Promises: P30
"""
import json
import os
import re
import shutil
import socket

import support
from support import PYTHON, SBIND, sbind

UNIX, V4, V6 = socket.AF_UNIX, socket.AF_INET, socket.AF_INET6
NOBODY = 65534


BOUND_DATAGRAM = """
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
time.sleep(60)
"""


setUpModule = support.with_own_network


class HereCase(support.PathCase):
    # States in which listening succeeds.
    GOOD = ("free", "stale")

    def look(self, address, within=(), **more):
        """The state and the lines, which have to be the same for a person and for
        programs."""
        if "strace" in within:               # under which no leak can be looked for
            more["env"] = support.environment(asan="detect_leaks=0")
        plain = self.expect(support.run(*within, SBIND, "explain", "--here",
                                        address, **more), 0, err="")
        answer = json.loads(self.expect(support.run(
            *within, SBIND, "explain", "--here", "--json", address, **more), 0,
            err="").out)["here"]
        lines = re.findall(r"^  here: (.*)$", plain.out.decode(), re.MULTILINE)
        self.assertEqual(lines, answer["found"] + [answer["state"]])
        return answer["state"], answer["found"]

    def check(self, address, state, *lines, listens=None, within=(), **more):
        """Requires that sbind explain --here says this, and that sbind listen finds the same."""
        with self.subTest(address, state=state):
            before = support.snapshot(self.dir)
            self.assertEqual(self.look(address, within, **more),
                             (state, list(lines)))
            self.assertEqual(support.snapshot(self.dir), before)
            done = support.run(*within, SBIND, "listen", "-H", address, "--",
                               "true", **more)
            self.assertEqual(done.status == 0, state in self.GOOD
                             if listens is None else listens, done)
            if state in self.GOOD and os.path.lexists(self.sock):
                os.unlink(self.sock)

    def socket(self, family, address=None, kind=socket.SOCK_STREAM):
        s = socket.socket(family, kind)
        self.addCleanup(s.close)
        if address is not None:
            s.bind(address)
        return s

    def me(self):
        with open("/proc/self/comm", encoding="utf-8") as f:
            return f"process {os.getpid()} ({f.read().strip()})"

    def unnoticed(self, listener):
        listener.setblocking(False)
        self.assertRaises(BlockingIOError, listener.accept)


class Paths(HereCase):
    def test_nothing(self):
        self.check(self.address, "free", "nothing is at the path")

    def test_a_listener_that_does_not_notice(self):
        s = self.socket(UNIX, self.sock)
        s.listen()
        self.check(self.address, "listening", "listener: " + self.me())
        self.unnoticed(s)

    def test_a_stale_socket(self):
        support.stale_socket(self.sock)
        self.check(self.address, "stale", "a socket that no process has; the "
                   "next one takes its place")

    def test_sockets_that_do_not_listen(self):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            s = self.socket(UNIX, self.sock, kind)
            self.check(self.address, "bound", "bound socket that does not "
                       "listen: " + self.me())
            s.close()
            os.unlink(self.sock)

    def test_other_files(self):
        for make, name in ((lambda: os.mkdir(self.sock), "a directory"),
                           (lambda: os.mkfifo(self.sock), "a FIFO"),
                           (lambda: os.symlink("x", self.sock),
                            "a symbolic link"),
                           (lambda: self.write("d/s", "x"), "a regular file")):
            make()
            self.check(self.address, "occupied",
                       f"{name} of user {os.geteuid()} has the path")
            (os.rmdir if name == "a directory" else os.unlink)(self.sock)

    def test_a_device(self):
        self.assertEqual(self.look("unix:///dev/null"), (
            "occupied", ["a device of user 0 has the path"]))

    def test_directories(self):
        self.check(self.address + "/x", "no-directory", "the directory: ENOENT")
        self.write("d/s", "x")
        self.check(self.address + "/x", "no-directory", "the path: ENOTDIR")
        os.unlink(self.sock)
        unsafe = ("unsafe-directory", "other users can replace files in the "
                  "directory; it is refused without --any-directory")
        for mode, wanted in ((0o777, unsafe), (0o770, unsafe),
                             (0o1777, ("free", "nothing is at the path")),
                             (0o755, ("free", "nothing is at the path"))):
            os.chmod(self.dir, mode)
            self.check(self.address, *wanted)
        os.chmod(self.dir, 0o777)
        support.stale_socket(self.sock)
        self.check(self.address, unsafe[0], "a socket that no process has; the "
                   "next one takes its place", unsafe[1])

    def test_relative_paths_and_the_root(self):
        self.check("unix://s", "free", "nothing is at the path", cwd=self.dir)
        self.assertEqual(self.look("unix:///proc"), (
            "occupied", ["a directory of user 0 has the path"]))
        self.assertEqual(self.look("unix:///no-such-file-of-sbind")[0],
                         "free" if os.geteuid() == 0 else "forbidden")

    def test_a_long_path(self):
        support.weaker("P15")
        deep = self.path("d", "n" * 100)
        os.mkdir(deep)
        name = os.path.join(deep, "s")
        self.check("unix://" + name, "free", "nothing is at the path")
        os.unlink(name)
        os.chdir(deep)
        self.addCleanup(os.chdir, "/")
        s = self.socket(UNIX, "s")
        s.listen()
        self.check("unix://" + name, "listening", "listener: " + self.me())
        s.close()
        self.assertEqual(self.look("unix://" + name), (
            "unknown", ["a socket; whether a process has it is not known: "
                        "ENAMETOOLONG"]))

    def test_what_another_user_finds(self):
        support.requires_root()
        support.requires("setpriv")
        os.chmod(self.directory, 0o755)
        program = shutil.copy(SBIND, self.path("sbind"))
        within = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}",
                  "--clear-groups", "env", "-u", "x")

        def check(state, *lines):
            done = self.expect(support.run(
                *within, program, "explain", "--here", "--json", self.address,
                env=support.environment(asan="detect_leaks=0")), 0)
            self.assertEqual(json.loads(done.out)["here"], {
                "found": list(lines), "state": state})
        check("forbidden", "the path: EACCES")
        os.chmod(self.dir, 0o755)
        check("forbidden", "this user cannot make files in the directory: EACCES")
        support.stale_socket(self.sock)
        os.chmod(self.sock, 0o777)
        check("occupied", "a socket of user 0 that no process has")
        os.chmod(self.sock, 0o700)
        check("unknown", "a socket; whether a process has it is not known: EACCES")
        os.unlink(self.sock)
        os.chown(self.dir, NOBODY, NOBODY)
        check("free", "nothing is at the path")
        os.chown(self.dir, 0, 0)
        link = self.path("link")
        os.symlink(self.dir, link)
        os.chown(self.dir, NOBODY, NOBODY)
        self.check("unix://" + link + "/s", "unsafe-directory",
                   "other users can replace files in the directory; it is "
                   "refused without --any-directory")
        os.chown(self.dir, 0, 0)
        os.lchown(link, 33, 33)
        self.check("unix://" + link + "/s", "unsafe-directory",
                   "other users can replace files in the directory; it is "
                   "refused without --any-directory")

    def test_a_process_of_another_network_namespace(self):
        support.requires_root()
        support.requires("unshare")
        p = self.start("unshare", "--net", SBIND, "listen", "-v", self.address)
        p.listening()
        self.check(self.address, "bound", "a socket of a process that cannot be "
                   "seen from here, of another network namespace")
        self.assertTrue(p.running())         # it serves one client, and did not
        p.kill()
        os.unlink(self.sock)
        p = self.start("unshare", "--net", *PYTHON, "-c", BOUND_DATAGRAM,
                       self.sock)
        support.wait_until(lambda: os.path.exists(self.sock), "a socket")
        self.check(self.address, "bound", "a socket of a process that cannot be "
                   "seen from here, of another network namespace")

    def test_abstract_names(self):
        name = support.abstract_name(self)
        self.check("unix://@" + name, "free", "no socket has the name")
        s = self.socket(UNIX, b"\0" + name.encode())
        self.check("unix://@" + name, "bound", "bound socket that does not "
                   "listen: " + self.me())
        s.listen()
        self.check("unix://@" + name, "listening", "listener: " + self.me())
        self.unnoticed(s)


class Tcp(HereCase):
    def test_a_port(self):
        s = self.socket(V4, ("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        for host in ("127.0.0.1", "*", "0.0.0.0"):
            self.check(f"tcp://{host}:{port}", "listening",
                       "listener: " + self.me())
        self.check(f"tcp://127.0.0.2:{port}", "free", "no socket has the port")
        self.unnoticed(s)
        s.close()
        self.check(f"tcp://127.0.0.1:{port}", "free", "no socket has the port")
        self.check("tcp://127.0.0.1:0", "free", "port 0: which port it is turns "
                   "out only when it listens")

    def test_ipv6(self):
        support.requires_ipv6()
        s = self.socket(V6, ("::1", 0))
        s.listen()
        port = s.getsockname()[1]
        self.check(f"tcp://[::1]:{port}", "listening", "listener: " + self.me())
        s.close()
        self.check(f"tcp://[::1]:{port}", "free", "no socket has the port")
        for host in ("[2001:db8::1]", "[fe80::1%lo]"):
            self.check(f"tcp://{host}:{port}", "no-address", "no socket has "
                       "the port", "no interface has the address")
        self.check(f"tcp://[::1%lo]:{port}", "free", "no socket has the port")
        self.check(f"tcp://[::1%no-such]:{port}", "no-address", "no socket has "
                   "the port", "no interface has the address")

    def test_connections(self):
        listener = self.socket(V4, ("127.0.0.1", 0))
        listener.listen()
        # a port without connections, because outgoing connections can share a port
        client = self.socket(V4, ("127.0.0.1", 0))
        client.connect(listener.getsockname())
        address = f"tcp://127.0.0.1:{client.getsockname()[1]}"
        self.check(address, "connected", "connection: " + self.me())
        connection, _ = listener.accept()
        client.close()
        connection.close()
        self.check(address, "ending", "connections that have not ended yet: 1",
                   listens=False)

    def test_an_address_that_is_not_here(self):
        port = support.free_port()
        self.check(f"tcp://192.0.2.1:{port}", "no-address",
                   "no socket has the port", "no interface has the address")
        self.check(f"tcp://127.255.0.9:{port}", "free", "no socket has the port")

    def test_a_port_for_others(self):
        support.requires_root()
        support.requires("setpriv", "unshare")
        within = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"',
                  "sh", "setpriv", "--bounding-set=-all", "--inh-caps=-all")
        if support.run("ip", "link").status != 0:
            support.lacking("there is no ip")
        self.check("tcp://127.0.0.1:80", "forbidden", "no socket has the port",
                   "the port is for processes with CAP_NET_BIND_SERVICE",
                   within=within)
        self.check("tcp://192.0.2.1:80", "forbidden", "no socket has the port",
                   "the port is for processes with CAP_NET_BIND_SERVICE",
                   "no interface has the address", within=within)
        self.check("tcp://127.0.0.1:1024", "free", "no socket has the port",
                   within=within)
        self.check("tcp://127.0.0.1:0", "free", "port 0: which port it is turns "
                   "out only when it listens", within=within)
        self.check("tcp://127.0.0.1:80", "free", "no socket has the port",
                   within=within[:6])

    def test_a_name_is_not_looked_up(self):
        self.assertEqual(self.look("tcp://localhost:1"), (
            "unknown", ["the name is not looked up: name servers would see it"]))


class Others(HereCase):
    def test_descriptors(self):
        s = self.socket(V4, ("127.0.0.1", 0))
        fd = support.high_number(self, s)
        address = f"fd://{fd}"
        self.check(address, "missing", f"descriptor {fd} is closed")
        os.set_inheritable(fd, True)
        self.check(address, "passed", f"descriptor {fd} is a socket that does "
                   "not listen", pass_fds=(fd,))
        s.listen()
        self.check(address, "listening", f"descriptor {fd} is a socket that "
                   "listens", listens=True, pass_fds=(fd,))
        self.check("fd://0", "passed", "descriptor 0 is open, and no socket")

    def test_descriptors_that_were_passed(self):
        def within(variables):
            return ("sh", "-c", variables + ' exec "$@"', "sh")
        self.check("fd://", "missing", "no descriptors were passed to this "
                   "process")
        self.check("fd://*", "passed", "descriptors that were passed to this "
                   "process: 2", listens=False,
                   within=within("LISTEN_PID=$$ LISTEN_FDS=2"))
        self.check("fd://web", "missing", "LISTEN_FDS is malformed: "
                   "bad-listen-fds", within=within("LISTEN_PID=$$ LISTEN_FDS=x"))

    def test_what_is_refused_is_not_looked_for(self):
        for address in ("npipe://x", "tcp://", "tcp://224.0.0.1:1",
                        "unix:///" + "n" * 256, "unix://@" + "n" * 108,
                        "fd://70000"):
            self.check(address, "refused")

    def test_kernels_that_do_not_say(self):
        """A sandbox without netlink."""
        support.requires("strace")
        within = ("strace", "-f", "-qq", "-o", "/dev/null", "-e",
                  "trace=sendto,send", "-e", "inject=sendto:error=EPERM")
        self.assertEqual(self.look("unix://@" + support.abstract_name(self),
                                   within)[0], "unknown")
        self.assertEqual(self.look(f"tcp://127.0.0.1:{support.free_port()}",
                                   within)[0], "unknown")

    def test_no_sockets_to_ask_with(self):
        support.requires("strace")
        support.stale_socket(self.sock)
        within = ("strace", "-f", "-qq", "-o", "/dev/null", "-e",
                  "trace=socket", "-e", "inject=socket:error=EMFILE")
        self.assertEqual(self.look(self.address, within), (
            "unknown", ["a socket; whether a process has it is not known: "
                        "EMFILE"]))

    def test_several_addresses(self):
        done = self.expect(sbind("explain", "--here", "--json", "x",
                                 self.address, "fd://900"), 1, err="")
        answers = [json.loads(line) for line in done.out.splitlines()]
        self.assertNotIn("here", answers[0])
        self.assertEqual([a["here"]["state"] for a in answers[1:]],
                         ["free", "missing"])
        for answer in map(json.loads, sbind("explain", "--json", self.address)
                          .out.splitlines()):
            self.assertNotIn("here", answer)


class NoTrace(HereCase):
    CHANGES = re.compile(
        r"^(unlink|rename|mkdir|rmdir|link|symlink|mknod|chmod|fchmod|chown|"
        r"fchown|lchown|truncate|ftruncate|listen|accept|setxattr|utime)|"
        r"O_CREAT|O_TRUNC|O_RDWR|O_WRONLY")

    def calls(self, address):
        return support.trace("all", SBIND, "explain", "--here", address,
                             directory=self.directory)

    def changes(self, lines):
        """The calls that change something, with N in place of each number."""
        return [re.sub(r"\d+", "N", x) for x in lines if self.CHANGES.search(x)]

    def test_no_call_changes_anything(self):
        name = support.abstract_name(self)
        profile = self.changes(support.trace(   # of a build for coverage
            "all", SBIND, "--version", directory=self.directory))
        tcp = self.socket(V4, ("127.0.0.1", 0))
        tcp.listen()
        stale, live = self.path("d", "stale"), self.path("d", "live")
        support.stale_socket(stale)
        self.socket(UNIX, live).listen()
        for address, asks in (
                (self.address, False), ("unix://" + live, False),
                ("unix://" + stale, True), ("unix://@" + name, False),
                (f"tcp://127.0.0.1:{tcp.getsockname()[1]}", False),
                ("tcp://*:0", False), ("tcp://192.0.2.1:1", False),
                ("fd://", False), ("fd://0", False)):
            with self.subTest(address):
                before = support.snapshot(self.dir)
                lines = self.calls(address)
                self.assertEqual([x for x in self.changes(lines)
                                  if x not in profile], [])
                self.assertEqual([x for x in lines if x.startswith("bind(") and
                                  "AF_NETLINK" not in x], [])
                asked = [x for x in lines if x.startswith("connect(")]
                self.assertEqual(len(asked), asks, asked)
                if asks:                     # by a socket that is no client
                    self.assertEqual(len([x for x in lines if re.match(
                        r"socket\(AF_UNIX, SOCK_DGRAM", x)]), 1)
                self.assertEqual(support.snapshot(self.dir), before)

    def test_every_descriptor_is_closed(self):
        """What sbind has found at one address does not appear in the answer about the next
        address."""
        support.stale_socket(self.sock)
        done = self.expect(subprocess_with_few(
            SBIND, "explain", "--here", "--json",
            *[self.address, "tcp://127.0.0.1:1", "unix://@x"] * 20), 0, err="")
        states = [json.loads(line)["here"]["state"]
                  for line in done.out.splitlines()]
        self.assertEqual(states, states[:3] * 20)
        self.assertEqual(states[0], "stale")


def subprocess_with_few(*words):
    """With eight descriptors."""
    return support.run("sh", "-c", 'ulimit -n 8; exec "$@"', "sh", *words)


if __name__ == "__main__":
    support.main()
