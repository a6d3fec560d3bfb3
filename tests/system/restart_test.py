#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Does a server that passes its sockets to its successor lose a connection?

Clients connect all the time, over TCP, over a socket file and over an abstract name. Each has to be
answered. The test also runs two ways that do lose connections: SO_REUSEPORT, and closing the
sockets before the new server starts. The test has to notice the losses.

Promises: P48
"""
import contextlib
import os
import signal
import threading

import support
from support import PYTHON, example

CONNECTIONS, RESTARTS = 10000, 20

# A server that shares its port with its successor by SO_REUSEPORT. Like many servers it is
# busy for a while before it ends. Then the connections in its own queue are reset.
SHARING = r"""
import os, signal, socket, sys, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen(4096)
s.settimeout(0.01)
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
while not asked:
    try:
        client, _ = s.accept()
    except TimeoutError:
        continue
    client.send(b"%d\n" % os.getpid())
    client.close()
time.sleep(0.1)
"""


class Load:
    """Clients in threads, which connect until the block ends. Counts how many were
    answered and by which servers, and notes errors."""

    def __init__(self, *addresses):
        self.answered, self.lost, self.servers = 0, [], set()
        self.lock, self.over = threading.Lock(), False
        self.threads = [threading.Thread(target=self.connect, args=(address,))
                        for address in addresses for _ in range(2)]

    @staticmethod
    def once(address):
        with support.connect(address) as s:
            answer = b""
            while more := s.recv(100):
                answer += more
        return int(answer)

    def connect(self, address):
        while not self.over:
            try:
                pid = self.once(address)
            except (OSError, ValueError) as error:
                with self.lock:
                    self.lost.append((address, repr(error)))
            else:
                with self.lock:
                    self.answered += 1
                    self.servers.add(pid)

    def comes_to(self, count):
        support.wait_until(lambda: self.answered + len(self.lost) >= count,
                           f"{count} connections", 60)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        for thread in self.threads:
            thread.join()


class Restart(support.Case):
    def setUp(self):
        super().setUp()
        self.port = support.free_port()
        self.tcp = f"tcp://127.0.0.1:{self.port}"
        self.every_kind = (self.tcp, "unix://" + self.path("s"),
                           "unix://@" + support.abstract_name(self))
        self.pid = None
        self.addCleanup(self.end_last)

    def end_last(self):
        """Ends the last successor, which is not a child of this process."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def answers(self, address):
        """The process that answers there, or None."""
        try:
            return Load.once(address)
        except (OSError, ValueError):
            return None

    def serve(self, *addresses):
        p = self.start(example("restart"), *addresses)
        self.pid = support.wait_until(lambda: self.answers(addresses[-1]),
                                      "the server to answer")
        self.assertEqual(self.pid, p.pid)
        return p

    def replace(self, address):
        """Once the successor answers alone."""
        old = self.pid
        os.kill(old, signal.SIGHUP)

        def successor():
            pid = self.answers(address)
            return pid if pid not in (None, old) else None
        self.pid = support.wait_until(successor, "the successor")
        support.wait_until(lambda: not self.is_there(old), "the end")

    def is_there(self, pid):
        """Whether the process still runs. A child of the test may have ended and not be reaped
        yet."""
        try:
            with open(f"/proc/{pid}/stat") as file:
                return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
        except (FileNotFoundError, ProcessLookupError):
            return False

    def test_no_connection_is_lost(self):
        p = self.serve(*self.every_kind)
        with Load(*self.every_kind) as load:
            for n in range(RESTARTS):
                load.comes_to(CONNECTIONS * n // RESTARTS)
                self.replace(self.tcp)
            load.comes_to(CONNECTIONS)
        self.assertEqual(load.lost, [])
        self.assertGreaterEqual(load.answered, CONNECTIONS)
        self.assertEqual(len(load.servers), RESTARTS + 1)
        self.expect(p.wait(), 0, out="", err="")
        self.assertEqual(self.names(), ["s"])
        # Each successor has the sockets under their numbers, and no more
        # descriptors than before.
        fds = {fd: os.readlink(f"/proc/{self.pid}/fd/{fd}")
               for fd in map(int, os.listdir(f"/proc/{self.pid}/fd"))}
        sockets = sorted(fd for fd in fds if fds[fd].startswith("socket:"))
        self.assertEqual(sockets, [3, 4, 5], fds)
        self.assertEqual(len(fds), 7, fds)      # and 0, 1, 2, the signalfd

    def test_no_listener_is_overwritten(self):
        """The server has sixteen sockets. One of them has the number on which the successor says
        READY."""
        name = support.abstract_name(self)
        every = [f"unix://@{name}-{i}" for i in range(16)]
        p = self.serve(*every)
        self.assertIn("socket:", os.readlink(f"/proc/{p.pid}/fd/19"))
        self.replace(every[-1])
        self.assertEqual([self.answers(address) for address in every],
                         [self.pid] * 16)
        self.expect(p.wait(), 0, out="", err="")

    def test_a_successor_that_fails_changes_nothing(self):
        """The file is no longer a program, so no successor can start. The old server
        goes on."""
        program = self.path("server")
        with open(example("restart"), "rb") as file:
            self.write("server", file.read())
        os.chmod(program, 0o755)
        p = self.start(program, self.tcp)
        self.pid = support.wait_until(lambda: self.answers(self.tcp),
                                      "the server to answer")
        os.rename(program, self.path("old"))
        self.write("server", "#!/bin/false\n")
        os.chmod(program, 0o755)
        for _ in range(3):
            os.kill(p.pid, signal.SIGHUP)
            support.at_rest(p.pid, 0.1)
            self.assertEqual(self.answers(self.tcp), p.pid)
        os.rename(self.path("old"), program)
        self.replace(self.tcp)
        self.expect(p.wait(), 0, out="", err="")

    # ---- Ways that lose connections ----------------------------------------------

    def test_to_close_and_then_start_loses_some(self):
        p = self.serve(self.tcp)
        with Load(self.tcp) as load:
            for _ in range(3):
                p.kill(signal.SIGTERM)
                p = self.serve(self.tcp)
        self.assertNotEqual(load.lost, [])
        self.assertIn("ConnectionRefusedError", str(load.lost))

    def test_a_shared_port_loses_some(self):
        def start():
            p = self.start(*PYTHON, "-c", SHARING, str(self.port))
            support.wait_until(lambda: self.answers(self.tcp) == p.pid,
                               "the server to answer")
            return p
        p = start()
        with Load(self.tcp) as load:
            for _ in range(5):
                successor = start()
                p.kill(signal.SIGTERM)
                p = successor
        self.assertNotEqual(load.lost, [])
        self.assertIn("ConnectionResetError", str(load.lost))


if __name__ == "__main__":
    support.main()
