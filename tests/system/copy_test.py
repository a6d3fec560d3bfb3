#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Does sbind connect end with status 0 only if the server has taken everything that was
sent?

"Taken" means that the server's system has acknowledged it (TCP), or that the server has
read it (unix). The server is this test."""
import fcntl
import os
import socket
import struct
import subprocess
import termios
import time

import support
from support import SBIND

RESET = (r"\Asbind: copying: Connection reset by peer\n"
         r"  hint: what was sent or received may be incomplete\n\Z")
MEGABYTES = 50


def waiting(s):
    """How many octets are waiting to be read in a socket or a pipe."""
    return struct.unpack("i", fcntl.ioctl(s, termios.FIONREAD, b"\0" * 4))[0]


def unread(s):
    """How many octets the other end has not taken yet."""
    return struct.unpack("i", fcntl.ioctl(s, termios.TIOCOUTQ, b"\0" * 4))[0]


def state_of_child(p):
    """The state of the program that strace runs: S if it waits, t if strace has stopped
    it."""
    child = support.family(p.pid)[1]
    with open(f"/proc/{child}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


class CopyCase(support.Case):
    def server(self, family, receive=None, protocol=0):
        try:
            s = socket.socket(family, socket.SOCK_STREAM, protocol)
        except OSError as error:             # of several paths
            support.unavailable(f"this kernel has no such socket: {error}")
        self.addCleanup(s.close)
        s.settimeout(support.WAIT)
        if receive:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        if family == socket.AF_UNIX:
            name = support.abstract_name(self) + str(s.fileno())
            s.bind("\0" + name)
            self.address = "unix://@" + name
        else:
            s.bind(("127.0.0.1", 0))
            self.address = "tcp://127.0.0.1:%d" % s.getsockname()[1]
        s.listen()
        return s

    def accept(self, server):
        connection, _ = server.accept()
        self.addCleanup(connection.close)
        connection.settimeout(support.WAIT)
        return connection

    def connect(self, stdin, *prefix, options=()):
        return self.start(*prefix, SBIND, "connect", *options, self.address,
                          stdin=stdin, env=support.environment(asan="detect_leaks=0"))

    def connected(self, server, *prefix, options=()):
        """sbind connect, with the test's ends of its standard input and of its
        connection."""
        reads, writes = os.pipe()
        stdin = os.fdopen(writes, "wb", buffering=0)
        self.addCleanup(stdin.close)
        p = self.connect(reads, *prefix, options=options)
        os.close(reads)
        return p, stdin, self.accept(server)

    def is_over(self, p, seconds=0.5):
        """Whether the command ends within this time. The tests require that it does not."""
        end = time.monotonic() + seconds
        while p.running() and time.monotonic() < end:
            time.sleep(0.01)
        return not p.running()


class ServersThatClose(CopyCase):
    """The server answers and closes, while input still comes."""

    def answered(self, *prefix):
        server = self.server(socket.AF_INET)
        p, stdin, connection = self.connected(server, *prefix)
        connection.sendall(b"answer")
        connection.close()
        support.wait_until(lambda: p.out == b"answer", "the answer")
        return p, stdin

    def test_input_that_is_reset_is_a_failure_while_more_is_awaited(self):
        p, stdin = self.answered()
        stdin.write(b"a")
        self.expect(p.wait(), 111, out="answer", err=RESET)

    def test_the_last_input_that_is_reset_is_a_failure(self):
        for _ in range(20):
            p, stdin = self.answered()
            stdin.write(b"a")
            stdin.close()
            self.expect(p.wait(), 111, out="answer", err=RESET)

    def test_unread_input_of_several_paths_is_a_failure(self):
        """The server closes after it has got the input, but has not read it."""
        for _ in range(10):
            server = self.server(socket.AF_INET, protocol=socket.IPPROTO_MPTCP)
            p, stdin, connection = self.connected(server, options=("--mptcp",))
            stdin.write(b"a" * 500)
            stdin.close()
            connection.recv(1, socket.MSG_PEEK)
            connection.close()
            self.expect(p.wait(), 111, out="", err=RESET)

    def test_without_input_nothing_is_lost(self):
        p, stdin = self.answered()
        stdin.close()
        self.expect(p.wait(), 0, out="answer", err="")

    def test_much_input_is_never_a_success(self):
        data = self.path("data")
        with open(data, "wb") as file:
            file.truncate(MEGABYTES << 20)
        for family in (socket.AF_INET, socket.AF_UNIX):
            server = self.server(family)
            for _ in range(12):
                with open(data, "rb") as file:
                    p = self.connect(file)
                connection = self.accept(server)
                connection.sendall(b"answer")
                connection.close()
                self.expect(p.wait(), 111, err=RESET)

    def test_much_input_through_a_pipe_is_never_a_success(self):
        server = self.server(socket.AF_INET)
        for _ in range(12):
            source = subprocess.Popen(
                ("head", "-c", str(MEGABYTES << 20), "/dev/zero"),
                stdout=subprocess.PIPE)
            p = self.connect(source.stdout)
            source.stdout.close()
            connection = self.accept(server)
            connection.sendall(b"answer")
            connection.close()
            self.expect(p.wait(), 111, err=RESET)
            source.wait(support.WAIT)

    def test_a_reset_of_which_another_has_the_error_is_a_failure(self):
        # another process has the same socket, and reads its error first
        p, stdin = self.answered(
            *support.injecting("getsockopt:retval=0"))
        stdin.write(b"a")
        stdin.close()
        self.expect(p.wait(), 111, out="answer", err=RESET)


class HalfClosed(CopyCase):
    """The server ends its own direction, but has not taken everything."""

    def begun(self, family, *prefix):
        """The server has the input, unread."""
        server = self.server(family)
        p, stdin, connection = self.connected(server, *prefix)
        connection.shutdown(socket.SHUT_WR)
        stdin.write(b"input")
        support.wait_until(lambda: waiting(connection) == 5, "the input")
        return p, stdin, connection

    def test_a_unix_server_that_closes_without_reading(self):
        p, stdin, connection = self.begun(socket.AF_UNIX)
        stdin.close()
        self.assertFalse(self.is_over(p), "ended before the server read")
        connection.close()
        self.expect(p.wait(), 111, out="", err=RESET)

    def test_a_unix_server_that_reads_late(self):
        p, stdin, connection = self.begun(socket.AF_UNIX)
        stdin.close()
        self.assertFalse(self.is_over(p), "ended before the server read")
        self.assertEqual(connection.recv(4), b"inpu")
        self.assertFalse(self.is_over(p, 0.1), "ended before the server read")
        self.assertEqual(connection.recv(4), b"t")
        self.expect(p.wait(), 0, out="", err="")

    def test_tcp_is_over_once_it_is_acknowledged(self):
        p, stdin, connection = self.begun(socket.AF_INET)
        stdin.close()
        self.expect(p.wait(), 0, out="", err="")
        self.assertEqual(connection.recv(9), b"input")

    def full(self):
        """A TCP server that has room for only a part of the input. The input has ended."""
        server = self.server(socket.AF_INET, receive=4096)
        data = self.write("data", b"x" * 300_000)
        with open(data, "rb") as file:
            p = self.connect(file)
        connection = self.accept(server)
        connection.shutdown(socket.SHUT_WR)
        self.assertFalse(self.is_over(p), "ended before the server had it")
        self.assertLess(waiting(connection), 300_000)
        return p, connection

    def test_a_tcp_server_without_room_that_closes(self):
        p, connection = self.full()
        connection.close()
        self.expect(p.wait(), 111, out="", err=RESET)

    def test_a_tcp_server_without_room_that_reads_late(self):
        p, connection = self.full()
        got = b""
        while more := connection.recv(65536):
            got += more
        self.expect(p.wait(), 0, out="", err="")
        self.assertEqual(len(got), 300_000)

    def test_a_server_that_closes_later_is_noticed_while_no_input_comes(self):
        for family in (socket.AF_INET, socket.AF_UNIX):
            with self.subTest(family.name):
                p, _, connection = self.begun(family)
                connection.close()           # what is unread resets it
                self.expect(p.wait(), 111, out="", err=RESET)

    def test_a_unix_server_that_has_read_all_and_closes_later(self):
        p, _, connection = self.begun(socket.AF_UNIX)
        self.assertEqual(connection.recv(9), b"input")
        connection.close()
        self.expect(p.wait(), 0, out="", err="")

    def test_waiting_costs_no_time(self):
        p, stdin, connection = self.begun(socket.AF_UNIX)
        stdin.close()
        self.assertFalse(self.is_over(p))
        support.at_rest(p.pid)
        connection.close()

    def test_a_call_that_fails_while_it_waits_is_named(self):
        for call, error, name, text in (
                ("ioctl", "EIO", "ioctl SIOCOUTQ", support.says("Input/output error")),
                ("epoll_create1", "EMFILE", "epoll_create1",
                 support.says("Too many open files")),
                ("epoll_ctl", "ENOMEM", "epoll_ctl", support.says("Cannot allocate memory")),
                ("epoll_wait,epoll_pwait", "EBADF", "epoll_wait", "Bad file descriptor")):
            with self.subTest(call):
                p, stdin, _ = self.begun(socket.AF_UNIX, *support.injecting(
                    f"{call}:error={error}"))
                stdin.close()
                self.expect(p.wait(), 111, out="", err=(
                    rf"\Asbind: {name}: {text}\n  hint: what was sent or "))

    def test_a_unix_socket_that_wakes_us_counts_one_octet_too_many(self):
        p, stdin, _ = self.begun(socket.AF_UNIX, *support.injecting(
            "ioctl:poke_exit=@arg3=01000000"))
        stdin.close()
        self.expect(p.wait(), 0, out="", err="")

    def test_waiting_that_is_interrupted_goes_on(self):
        p, stdin, connection = self.begun(
            socket.AF_UNIX, *support.injecting("epoll_wait,epoll_pwait:error=EINTR:when=1"))
        stdin.close()
        self.assertFalse(self.is_over(p))
        self.assertEqual(connection.recv(9), b"input")
        self.expect(p.wait(), 0, out="", err="")


class ServersThatDoNotRead(CopyCase):
    def test_input_for_a_server_that_reads_no_more_is_lost(self):
        # and SIGPIPE does not end the command
        p, stdin, connection = self.connected(self.server(socket.AF_UNIX))
        connection.shutdown(socket.SHUT_RD)
        stdin.write(b"input")
        support.wait_until(lambda: waiting(stdin) == 0, "it to be read")
        connection.sendall(b"answer")
        connection.close()
        self.expect(p.wait(), 111, out="answer", err=RESET)

    def test_without_input_it_does_not_matter(self):
        p, stdin, connection = self.connected(self.server(socket.AF_UNIX))
        connection.shutdown(socket.SHUT_RD)
        connection.sendall(b"answer")
        stdin.close()
        connection.close()
        self.expect(p.wait(), 0, out="answer", err="")

    def test_input_that_is_there_when_the_server_hangs_up_is_lost(self):
        # poll reports that the server has gone; before poll returns, input
        # comes
        server = self.server(socket.AF_UNIX)
        p, stdin, connection = self.connected(
            server, *support.injecting("poll:delay_exit=2000000"))
        support.wait_until(lambda: state_of_child(p) == "S", "it to wait")
        connection.close()
        support.wait_until(lambda: state_of_child(p) == "t", "poll to return")
        stdin.write(b"input")
        self.expect(p.wait(), 111, out="", err=RESET)

    def test_input_that_ends_when_the_server_hangs_up_hides_no_loss(self):
        # No process reads the answer, so the command can learn only from poll that the
        # server has gone. The input ends before poll returns.
        os.mkfifo(self.path("out"))
        with open(os.open(self.path("out"), os.O_RDWR | os.O_NONBLOCK), "r+b",
                  buffering=0) as out:
            while out.write(bytes(4096)):
                pass
            p, stdin, connection = self.connected(
                self.server(socket.AF_UNIX), "sh", "-c", 'exec "$@" >"$0"',
                self.path("out"), *support.injecting("poll:delay_exit=500000"))
            stdin.write(b"input")
            support.wait_until(lambda: waiting(connection) == 5, "the input")
            connection.sendall(b"answer")
            support.wait_until(lambda: unread(connection) == 0, "it to be read")
            support.wait_until(lambda: state_of_child(p) == "S", "it to wait")
            connection.close()
            support.wait_until(lambda: state_of_child(p) == "t", "poll to return")
            stdin.close()
            while p.running():
                out.read(4096)
                time.sleep(0.01)
        self.expect(p.wait(), 111, err=RESET)


if __name__ == "__main__":
    support.main()
