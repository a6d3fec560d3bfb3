#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Socket files on FUSE file systems. Such a system may lack RENAME_NOREPLACE and
RENAME_EXCHANGE. A second link to a socket may be another file there
(libfuse/libfuse#199, mpartel/bindfs#132).

The tests run in a mount namespace of their own, so that no mount is left.

Promises: P9 P11
"""
import ctypes
import errno
import os
import signal
import socket
import threading
import time

import support
from support import LOST_BY_RENAME, PORTABLE, SBIND, activated, example, sbind

CLONE_NEWNS = 0x20000
PAGE = b"Hello from sbind\n"


def setUpModule():
    support.requires_root()
    support.requires("curl", "mount", "umount", "setpriv")
    if not os.path.exists("/dev/fuse"):
        support.unavailable("this machine has no /dev/fuse")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        support.lacking("no mount namespace can be made here: "
                        + os.strerror(ctypes.get_errno()))
    done = support.run("mount", "--make-rprivate", "/")
    if done.status != 0:
        raise AssertionError(done)


class Clients:
    """Clients that connect again and again until they are told to stop."""

    def __init__(self, address):
        self.address, self.errors, self.connected = address, [], 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.connect)
        self.thread.start()

    def connect(self):
        while not self.stopping.is_set():
            try:
                support.connect(self.address).close()
                self.connected += 1
            except BlockingIOError:
                time.sleep(0.001)               # the queue is full
            except OSError as error:
                self.errors.append(error.errno)

    def stop(self):
        self.stopping.set()
        self.thread.join()


def touch(path):
    open(path, "xb").close()


class Mount:
    """command mounts path("a") at path("b")."""

    def setUp(self):
        super().setUp()
        for name in ("a", "b"):
            os.mkdir(self.path(name), 0o700)
        self.dir = self.path("b")
        self.address = "unix://" + self.path("b", "s.sock")
        support.requires(self.command[0])
        p = self.start("setpriv", "--pdeathsig", "KILL", *self.command,
                       self.path("a"), self.path("b"))
        self.addCleanup(self.unmount, p)
        support.wait_until(lambda: self.is_mounted(p), "the file system")

    def is_mounted(self, p):
        if not p.running():
            support.lacking(f"{self.command[0]} cannot mount here: {p.err}")
        return os.path.ismount(self.dir)

    def unmount(self, p):
        self.expect(support.run("umount", "--lazy", self.dir), 0)
        self.assertEqual(p.wait().status, 0)

    def clear(self):
        for name in self.names(self.dir):
            os.unlink(os.path.join(self.dir, name))

    def is_refused(self):
        """With POSIX only, each socket gets its name by a rename. On this file system no client
        could reach a renamed socket, so sbind refuses."""
        for options in ((), ("--replace",), ("--refuse",), ("--mode", "0666")):
            self.expect(sbind("listen", *options, "-H", self.address, "--",
                              "true"), 111, out="",
                        err=f"\n  hint: {LOST_BY_RENAME}\n")
            self.assertEqual(self.names(self.dir), [])

    def serve(self):
        support.weaker("P15")
        p = self.start(example("web_server"), "-H", self.address)
        p.listening()
        return p

    def serves(self):
        self.expect(support.curl(self.address), 0, out=PAGE)


class FileSystem(Mount):
    """Checks what must hold on every file system that works as it should."""

    def test_serves_and_leaves_nothing(self):
        p = self.serve()
        for _ in range(3):
            self.serves()
        self.assertEqual(self.names(self.dir), ["s.sock"])
        self.expect(p.kill(signal.SIGTERM), 0)
        self.assertEqual(self.names(self.dir), [])

    def test_the_command_serves_one_client(self):
        if PORTABLE:
            self.is_refused()
            return
        p = self.listen(self.address)
        p.listening()
        self.expect(sbind("connect", self.address), 0)
        self.expect(p.wait(), 0)
        self.assertEqual(self.names(self.dir), [])

    def test_a_second_starter_is_refused(self):
        p = self.serve()
        before = support.snapshot(self.dir)
        for options in ((), ("--refuse",)):
            self.expect(sbind("listen", *options, "-H", self.address, "--",
                              "true"), 111, err=r"\(address-in-use\)")
            self.assertEqual(support.snapshot(self.dir), before)
            self.serves()
        self.expect(p.kill(signal.SIGTERM), 0)
        self.assertEqual(self.names(self.dir), [])

    def test_a_stale_socket_is_reclaimed(self):
        for options in ((), ("--replace",)):
            with self.subTest(options):
                self.serve().kill()
                self.assertEqual(self.names(self.dir), ["s.sock"])
                p = self.listen(*options, self.address)
                p.listening()
                self.assertEqual(self.names(self.dir), ["s.sock"])
                self.expect(sbind("connect", self.address), 0)
                self.expect(p.wait(), 0)
                self.assertEqual(self.names(self.dir), [])

    def put_in_place(self, make):
        """Puts another file in the place of the socket. If possible, the file has the same inode
        number, because a file system may use a number again."""
        path = self.path("b", "s.sock")
        number = os.lstat(path).st_ino
        os.unlink(path)
        for name in (self.path("b", str(i)) for i in range(50)):
            make(name)
            if os.lstat(name).st_ino == number:
                break
        os.rename(name, path)

    def test_what_takes_the_place_of_ours_stays(self):
        for make in (support.stale_socket, touch):
            with self.subTest(make.__name__):
                self.clear()
                server = self.serve()
                self.put_in_place(make)
                self.expect(server.kill(signal.SIGTERM), 0)
                self.assertIn("s.sock", self.names(self.dir))

    def test_of_starters_over_a_stale_socket_one_wins(self):
        self.serve().kill()
        starters = [self.start(example("web_server"), "-H", self.address)
                    for _ in range(4)]

        def settled():
            running = [p for p in starters if p.running()]
            return len(running) <= 1 and (running or starters)
        winner = support.wait_until(settled, "three to be refused")[0]
        winner.listening()
        self.serves()
        for p in starters:
            if p is not winner:
                self.expect(p.wait(), 1, err=r"\(address-in-use\)")
        self.expect(winner.kill(signal.SIGTERM), 0)
        self.assertEqual(self.names(self.dir), [])

    def calls_of(self, argv):
        """Yields (name, number) for the calls of a start that make, rename or remove files, or take
        a lock. If a start is killed at one of these calls, it may leave a file."""
        counts = {}
        for name in support.calls(support.trace(
                "flock,bind,listen,renameat2,renameat,unlinkat", *argv,
                directory=self.directory, status=None)):
            counts[name] = counts.get(name, 0) + 1
            yield name, counts[name]

    def prepare(self, state):
        self.clear()
        if state != "nothing":
            p = self.serve()
            if state == "stale":
                p.kill()

    def test_killed_while_starting(self):
        """A start is killed at each call in turn. The next start works and leaves no file."""
        support.weaker("P15")
        for state, options in (("nothing", ()), ("stale", ()),
                               ("live", ("--replace",))):
            argv = (SBIND, "listen", *options, "-H", self.address, "--",
                    "true")
            self.prepare(state)
            calls = list(self.calls_of(argv))
            self.assertIn(("listen", 1), calls)
            for call, when in calls:
                with self.subTest(call, when=when, state=state):
                    self.prepare(state)
                    self.is_killed(call, when, argv)
                    p = self.listen("--replace", self.address)
                    p.listening()
                    self.expect(sbind("connect", self.address), 0)
                    self.expect(p.wait(), 0)
                    self.assertEqual(self.names(self.dir), [])

    def is_killed(self, call, when, argv):
        done = support.run(*support.injecting(
            f"{call}:signal=KILL:when={when}", *argv),
            env=support.environment(asan="detect_leaks=0"))
        self.assertIn(done.status, (-signal.SIGKILL, 128 + signal.SIGKILL))

    def test_replacing_succeeds_or_changes_nothing(self):
        """Whether replacing succeeds or not, no client finds a socket on which no process listens.
        A client may find no file, because bindfs does not always find a file during a rename."""
        first = self.serve()
        before = support.snapshot(self.dir)
        clients = Clients(self.address)
        self.addCleanup(clients.stop)
        support.wait_until(lambda: clients.connected, "a client")
        second = self.start(SBIND, "listen", "-v", "--replace", "-H",
                            self.address, "--", *activated("serve"))
        support.wait_until(lambda: b"listening on" in second.err
                           or not second.running(), "an answer")
        clients.stop()
        self.assertNotIn(errno.ECONNREFUSED, clients.errors)
        if second.running():
            self.is_replaced(first)
        else:
            self.expect(second.wait(), 111, out="")
            self.assertEqual(support.snapshot(self.dir), before)
            self.serves()
            self.expect(first.kill(signal.SIGTERM), 0)
            self.assertEqual(self.names(self.dir), [])

    def test_a_name_that_bind_cannot_take_is_served_or_refused(self):
        """It has to be renamed or linked."""
        address = "unix://" + self.path("b", "l" * 200)
        p = self.start(SBIND, "listen", address)
        support.wait_until(lambda: not p.running() or support.LISTENING.search(
            p.err + p.out), "the starter")
        if p.running():
            p.listening()
            support.connect("unix://" + os.path.relpath(
                self.path("b", "l" * 200))).close()
            self.expect(p.wait(), 0)
        else:
            self.expect(p.wait(), 111, err=r"\(path-too-long\)" if PORTABLE
                        else f"\n  hint: {LOST_BY_RENAME}\n")
        self.assertEqual(self.names(self.dir), [])

    def is_replaced(self, first):
        for how in (None, signal.SIGTERM):
            if how is not None:
                self.expect(first.kill(how), 0)
            with support.connect(self.address) as client:
                self.assertEqual(client.recv(5, socket.MSG_WAITALL), b"hello")
            self.assertEqual(self.names(self.dir), ["s.sock"])


class Bindfs(FileSystem, support.Case):
    command = ("bindfs", "-f")


class ForgetfulBindfs(FileSystem, support.Case):
    """The kernel caches neither names nor attributes, and asks the file system at every
    step."""
    command = ("bindfs", "-f", "-o", "attr_timeout=0,entry_timeout=0")
    test_killed_while_starting = None       # is slow, and the same


class Mergerfs(FileSystem, support.Case):
    command = ("mergerfs", "-f")


class ForgetfulMergerfs(FileSystem, support.Case):
    command = ("mergerfs", "-f", "-o", "cache.attr=0,cache.entry=0")
    test_killed_while_starting = None


class Careless(Mount, support.Case):
    """On this file system chmod and chown succeed, but change nothing."""
    command = ("bindfs", "-f", "--chmod-ignore", "--chown-ignore",
               "--chgrp-ignore")

    def test_a_mode_or_an_owner_that_is_not_kept_is_refused(self):
        for option in (("--mode", "0666"), ("--owner", "nobody"),
                       ("--group", str(support.NOBODY))):
            with self.subTest(option):
                self.expect(
                    support.run(SBIND, "listen", *option, "-H", self.address,
                                "--", "true", umask=0o022), 111,
                    err="does not keep the owner or mode of a socket file")
                self.assertEqual(self.names(self.dir), [])


if __name__ == "__main__":
    support.main()
