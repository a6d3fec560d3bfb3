#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""If an address is in use, does the command say what uses it, and does it say no more than it
knows? The test compares every octet.

Promises: P30
"""
import contextlib
import errno
import os
import socket
import struct
import time

import error_test
import support

V4, V6, UNIX = socket.AF_INET, socket.AF_INET6, socket.AF_UNIX
BOUND = "bound socket that does not listen"
ENDS = "; the address is free when it has ended"
ENDING = "  connections that have not ended yet: 1; wait up to a minute"
PERHAPS = ("  nothing was found that listens or is connected: perhaps a socket "
           "is bound and\n  does not listen, or has just been closed")


setUpModule = support.with_own_network


class InUseCase(error_test.InUseCase):
    def socket(self, family, address=None, kind=socket.SOCK_STREAM):
        s = socket.socket(family, kind)
        self.addCleanup(s.close)
        s.settimeout(support.WAIT)
        if address is not None:
            s.bind(address)
        return s

    def tcp(self, s, host="127.0.0.1"):
        return f"tcp://{host}:{s.getsockname()[1]}"

    def in_use(self, address, *lines, call="bind", **more):
        """Requires this report. Its last lines say what is in the way."""
        called = f"; {call}: EADDRINUSE" if call else ""
        self.report(address, self.IN_USE + called, self.HINT, *lines, **more)

    def pair(self, family=V4, host="127.0.0.1"):
        """Makes a listener without SO_REUSEADDR, and a connection to it. Returns the
        three sockets."""
        listener = self.socket(family, (host, 0))
        listener.listen()
        client = self.socket(family)
        client.connect(listener.getsockname())
        connection, _ = listener.accept()
        self.addCleanup(connection.close)
        return listener, connection, client


class Tcp(InUseCase):
    """What can be in the way besides a listener. Users reported these cases as "but
    nothing listens there": MisterTea/EternalTerminal#708,
    hickory-dns/hickory-dns#3509."""

    def test_an_outgoing_connection(self):
        _, _, client = self.pair()
        self.in_use(self.tcp(client), self.myself("connection") + ENDS)

    def test_a_connection_that_is_being_made(self):
        client = self.socket(V4)
        listener = self.socket(V4, ("127.0.0.1", 0))
        listener.listen(0)
        others = [self.socket(V4) for _ in range(2)]
        for s in (*others, client):         # the queue is full, and one waits
            s.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                s.connect(listener.getsockname())
        self.in_use(self.tcp(client), self.myself("connection") + ENDS)

    def test_a_socket_that_is_bound_only(self):
        s = self.socket(V4, ("127.0.0.1", 0))
        for host in ("127.0.0.1", "0.0.0.0", "*"):
            self.in_use(self.tcp(s, host), self.myself(BOUND))

    def test_an_accepted_connection_that_outlives_its_listener(self):
        listener, _, _ = self.pair()
        address = self.tcp(listener)
        listener.close()
        self.in_use(address, self.myself("connection") + ENDS)

    def test_a_connection_that_only_the_client_has_open(self):
        listener, connection, client = self.pair()
        address = self.tcp(listener)
        listener.close()
        connection.close()
        self.assertEqual(client.recv(1), b"")
        self.in_use(address, ENDING)

    def test_a_connection_in_time_wait(self):
        listener, connection, client = self.pair()
        address = self.tcp(listener)
        listener.close()
        connection.close()
        self.assertEqual(client.recv(1), b"")
        client.close()
        self.in_use(address, ENDING)

    def test_several_of_them(self):
        # sockets with SO_REUSEADDR share a port; a socket without SO_REUSEADDR does not
        listener = self.socket(V4)
        bound = self.socket(V4)
        for s in (listener, bound):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        address = listener.getsockname()
        listener.listen()
        clients = [socket.create_connection(address) for _ in range(2)]
        accepted = [listener.accept()[0] for _ in clients]
        for s in (*clients, *accepted):
            self.addCleanup(s.close)
        accepted[0].close()
        self.assertEqual(clients[0].recv(1), b"")
        listener.close()
        bound.bind(address)
        self.in_use(f"tcp://127.0.0.1:{address[1]}", self.myself(BOUND),
                    self.myself("connection") + ENDS, ENDING,
                    words=("listen", "--no-reuse-address"))

    def test_beside_a_listener_its_connections_are_not_named(self):
        listener, _, _ = self.pair()
        self.in_use(self.tcp(listener), self.myself())

    def test_one_family_is_not_in_the_way_of_the_other(self):
        support.requires_ipv6()
        s = self.socket(V4, ("127.0.0.1", 0))
        port = s.getsockname()[1]
        p = self.listen("-H", f"tcp://[::]:{port}", "--", "sleep", "60")
        p.listening()
        self.in_use(f"tcp://127.0.0.1:{port}", self.myself(BOUND))
        self.in_use(f"tcp://[::1]:{port}",
                    f"  listener: process {p.pid} (sleep)")

    def test_ipv4_is_in_the_way_of_both(self):
        support.requires_ipv6()
        s = self.socket(V4, ("127.0.0.1", 0))
        address = self.tcp(s, "[::]")
        self.in_use(address, self.myself(BOUND),
                    words=("listen", "--dual-stack"))

    def test_ipv4_on_an_ipv6_socket(self):
        support.requires_ipv6()
        _, _, client = self.pair(V6, "::ffff:127.0.0.1")
        for host in ("127.0.0.1", "0.0.0.0"):
            self.in_use(self.tcp(client, host),
                        self.myself("connection") + ENDS)
        s = self.socket(V6, ("::", 0))
        self.in_use(self.tcp(s), self.myself(BOUND))

    def test_another_address_is_not_in_the_way(self):
        s = self.socket(V4, ("127.0.0.1", 0))
        port = s.getsockname()[1]
        other = self.listen("-H", f"tcp://127.0.0.2:{port}", "--", "sleep", "60")
        other.listening()
        self.in_use(self.tcp(s), self.myself(BOUND))

    def test_a_listener_of_one_interface(self):
        support.requires_root()
        s = self.socket(V4)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
        s.bind(("127.0.0.1", 0))
        s.listen()
        self.in_use(self.tcp(s), self.myself())

    def test_a_listener_of_every_interface_is_in_the_way_of_one(self):
        support.requires_ipv6()
        s = self.socket(V6, ("::1", 0))
        s.listen()
        self.in_use(self.tcp(s, "[::1%lo]"), self.myself())

    def test_another_port_is_not_in_the_way(self):
        # the kernel lists every socket that is bound
        other = self.socket(V4, ("127.0.0.1", 0))
        self.start("sleep", "60", pass_fds=(other.fileno(),))
        other.close()
        s = self.socket(V4, ("127.0.0.1", 0))
        self.in_use(self.tcp(s), self.myself(BOUND))

    def test_when_nothing_is_found_that_is_said(self):
        # what kernels before Linux 6.8 answer about a socket that is only
        # bound
        self.in_use(f"tcp://127.0.0.1:{support.free_port()}", PERHAPS,
                    prefix=support.injecting("bind:error=EADDRINUSE"))

    def test_when_nothing_could_be_looked_for_nothing_is_said(self):
        s = self.socket(V4, ("127.0.0.1", 0))
        # struct nlmsghdr and an error: what a kernel without sock_diag answers
        answer = struct.pack("=IHHIIi", 20, 2, 0, 1, 0, -errno.ENOENT).hex()
        for fault in ("socket:error=EPERM:when=2+", "sendto:error=EPERM",
                      "recvfrom:error=EIO",
                      "recvfrom:poke_exit=@arg2=" + answer):
            with self.subTest(fault):
                self.in_use(self.tcp(s), prefix=support.injecting(fault))


class Unix(InUseCase):
    def names(self):
        return (self.path("s"), "unix://" + self.path("s"), None), (
            "\0" + support.abstract_name(self),
            "unix://@" + support.abstract_name(self), "bind")

    def test_a_listener(self):
        for name, address, call in self.names():
            s = self.socket(UNIX, name)
            s.listen()
            self.socket(UNIX).connect(name)
            self.in_use(address, self.myself(), call=call)

    def test_a_socket_that_is_bound_only(self):
        for name, address, call in self.names():
            self.socket(UNIX, name)
            self.in_use(address, self.myself(BOUND), call=call)

    def test_a_socket_of_another_type(self):
        # has the path, but another abstract name
        path, address, _ = self.names()[0]
        self.socket(UNIX, path, socket.SOCK_DGRAM)
        self.in_use(address, self.myself(BOUND), call=None)
        name, address, _ = self.names()[1]
        other = self.socket(UNIX, name, socket.SOCK_DGRAM)
        self.start("sleep", "60", pass_fds=(other.fileno(),))
        other.close()
        self.socket(UNIX, name)
        self.in_use(address, self.myself(BOUND))

    def test_a_client_that_is_bound(self):
        server = "\0" + support.abstract_name(self) + "-server"
        self.socket(UNIX, server).listen()
        for name, address, call in self.names():
            s = self.socket(UNIX, name)
            with contextlib.suppress(ConnectionRefusedError):
                s.connect(server)
            self.in_use(address, self.myself("connection") + ENDS, call=call)


# The arguments are "wanted", "each" and "where". Makes processes with "each" descriptors, until
# there are "wanted" descriptors in all. The last process also has a listener, at a low or a high
# number. If "where" is "both" or "mixed", the first process has the listener too, at a high number.
# Then prints the id of the last process, and the port.
MANY = r"""
import os, resource, socket, sys
wanted, each, where = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
fds = [os.dup(1) for _ in range(min(each, most - 20))]
ended, end = os.pipe()
for _ in range(wanted // len(fds) + 1):
    child = os.fork()
    if child == 0:
        s.close()
        os.close(end)
        os.read(ended, 1)
        os._exit(0)
ready, tell = os.pipe()
child = os.fork()
if child == 0:
    if where in ("high", "both"):
        os.dup(s.fileno())
        s.close()
    os.close(end)
    os.write(tell, b".")
    os.read(ended, 1)
    os._exit(0)
port = s.getsockname()[1]
if where in ("both", "mixed"):
    os.dup(s.fileno())
s.close()
os.read(ready, 1)
print(child, port, flush=True)
sys.stdin.read()
"""


# The words that start a command that sees no other processes.
CONTAINER = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


class Search(InUseCase):
    """The search for the process is bounded."""

    def setUp(self):
        super().setUp()
        support.requires_root()
        support.requires("unshare", "nsenter")

    def many(self, wanted, each, where):
        """Runs MANY in a PID namespace without other processes. Returns the process that listens,
        its address, and the words that start a command in this namespace."""
        if support.run(*CONTAINER, "true").status != 0:
            support.lacking("no PID namespaces")
        reads, writes = os.pipe()
        self.addCleanup(os.close, writes)
        p = self.start(*CONTAINER, *support.PYTHON, "-c", MANY, str(wanted),
                       str(each), where, stdin=reads)
        os.close(reads)
        pid, port = support.wait_until(
            lambda: p.out.endswith(b"\n") and p.out,
            f"so many descriptors; {p.err}").decode().split()
        child = support.family(p.pid)[1]
        return (f"{pid} ({error_test.comm(child)})", f"tcp://127.0.0.1:{port}",
                ("nsenter", "--pid", "--mount", "--target", str(child)))

    def test_it_ends(self):
        _, address, within = self.many(100_000, 15_000, "high")
        begin = time.monotonic()
        self.in_use(address, "  listener: a process of user 0; the search ended "
                    "after 50000 descriptors", prefix=within)
        self.assertLess(time.monotonic() - begin, 10)

    def test_many_descriptors_do_not_hide_another_process(self):
        process, address, within = self.many(100_000, 15_000, "low")
        self.in_use(address, f"  listener: process {process} at least",
                    prefix=within)

    def test_a_low_number_does_not_hide_a_high_one(self):
        process, address, within = self.many(1, 3_000, "mixed")
        first = "1 " + process.split(" ", 1)[1]
        self.in_use(address, f"  listener: process {first}, {process}",
                    prefix=within)

    def test_a_high_number_is_found(self):
        process, address, within = self.many(1, 3_000, "high")
        self.in_use(address, f"  listener: process {process}", prefix=within)

    def test_who_is_found_by_a_search_to_the_end_is_all(self):
        process, address, within = self.many(1, 3_000, "low")
        self.in_use(address, f"  listener: process {process}", prefix=within)

    def test_when_it_ends_there_may_be_more_than_was_found(self):
        process, address, within = self.many(100_000, 15_000, "both")
        first = "1 " + process.split(" ", 1)[1]
        self.in_use(address, f"  listener: process {first} at least",
                    prefix=within)

    def test_many_connections(self):
        # more sockets than are looked for
        listener = self.socket(V4, ("127.0.0.1", 0))
        listener.listen()
        address = self.tcp(listener)
        for _ in range(70):
            client = socket.create_connection(listener.getsockname())
            self.addCleanup(client.close)
            self.addCleanup(listener.accept()[0].close)
        listener.close()
        self.in_use(address, self.myself("connection") + " at least" + ENDS)

    def test_who_may_not_look_is_told_whose_it_is(self):
        listener, _, client = self.pair()
        cannot = (f"a process of user {os.geteuid()} that this user cannot see")
        for s, what, advice in ((listener, "listener", ""),
                                (client, "connection", ENDS)):
            self.in_use(self.tcp(s), f"  {what}: {cannot}{advice}",
                        prefix=self.as_nobody())

    def test_a_process_in_another_container(self):
        if support.run(*CONTAINER, "true").status != 0:
            support.lacking("no PID namespaces")
        listener, _, _ = self.pair()
        self.in_use(self.tcp(listener), "  listener: a process of user 0 in "
                    "another container, or the kernel itself", prefix=CONTAINER)

    def test_without_proc(self):
        listener, _, _ = self.pair()
        self.in_use(self.tcp(listener), "  listener: a process of user 0 in "
                    "another container, or the kernel itself", prefix=(
                        "strace", "-f", "--quiet=path-resolution,exit,attach",
                        "-o", "/dev/null", "-e", "inject=open,openat:error=ENOENT",
                        "-P", "/proc"))


if __name__ == "__main__":
    support.main()
