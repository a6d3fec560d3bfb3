#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Does the service manager get the message of sbind_notify, and does no other process get it?

systemd's own tests are in peers_test.

Promises: P47
"""
import os
import shutil
import signal
import socket
import stat
import time

import support

PROBE = support.peer("notify_probe")
NOBODY = 65534
OTHER = 1000


class Messages(support.Case):
    def manager(self, address):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind(address)
        s.settimeout(support.WAIT)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.addCleanup(s.close)
        return s

    def notify(self, value, *argv, **more):
        return support.run(PROBE, *argv, env=support.environment(
            NOTIFY_SOCKET=value), **more)

    def credentials(self, s):
        """The message, and the process and user that the kernel reports as its
        sender."""
        text, more, _, _ = s.recvmsg(4096, socket.CMSG_SPACE(12))
        pid, uid, _ = (int.from_bytes(more[0][2][i:i + 4], "little")
                       for i in (0, 4, 8))
        return text, pid, uid


class Ready(Messages):
    def test_it_comes_from_the_process_that_sends(self):
        name = support.abstract_name(self)
        for value, address in ((self.path("n"), self.path("n")),
                               ("@" + name, "\0" + name)):
            with self.subTest(value):
                s = self.manager(address)
                p = self.start(PROBE, "READY=1", env=support.environment(
                    NOTIFY_SOCKET=value))
                self.assertEqual(self.credentials(s),
                                 (b"READY=1", p.pid, os.geteuid()))
                self.expect(p.wait(), 0, out="ok\n", err="")

    def test_a_reload(self):
        """Checks it like Type=notify-reload of systemd 253."""
        s = self.manager(self.path("n"))
        p = self.start(PROBE, "serve", self.write("go", ""),
                       env=support.environment(NOTIFY_SOCKET=self.path("n")))
        self.assertEqual(s.recv(4096), b"READY=1\nSTATUS=serving")
        begun = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        os.kill(p.pid, signal.SIGHUP)
        first, second = s.recv(4096).split(b"\n")
        self.assertEqual(first, b"RELOADING=1")
        name, when = second.split(b"=")
        self.assertEqual(name, b"MONOTONIC_USEC")
        self.assertTrue(begun <= int(when) <=
                        time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)
        self.assertEqual(s.recv(4096), b"READY=1")
        os.kill(p.pid, signal.SIGTERM)
        self.assertEqual(s.recv(4096), b"STOPPING=1")
        self.expect(p.wait(), 0, out="ok\n" * 4, err="")

    def test_a_file_is_no_service_manager(self):
        """A device, a link or a terminal is refused like any other file. The library does not open
        the file, so it cannot write to the file."""
        kept = self.write("kept", "as it was")
        os.symlink(kept, self.path("link"))
        os.mkfifo(self.path("fifo"))
        os.mkdir(self.path("d"))
        before = support.snapshot(self.directory)
        for value in (kept, self.path("link"), self.path("fifo"),
                      self.path("d"), "/dev/null", "/dev/full"):
            with self.subTest(value):
                self.expect(self.notify(value, "READY=1"), 1,
                            out="system\nconnect ECONNREFUSED\n", err="")
        self.assertEqual(support.snapshot(self.directory), before)

    def test_no_descriptor_is_left_and_no_file_opened(self):
        support.requires("strace")
        s = self.manager(self.path("n"))
        done = support.run(
            "strace", "-qq", "-e", "trace=%network,%file,%desc,ppoll,poll",
            PROBE, "READY=1", env=support.environment(
                NOTIFY_SOCKET=self.path("n"), asan="detect_leaks=0"))
        self.assertEqual(s.recv(4096), b"READY=1")
        lines = done.err.decode().splitlines()
        begin = next(i for i, line in enumerate(lines)
                     if line.startswith("socket(AF_UNIX"))
        calls = [line.split("(")[0] for line in lines[begin:]]
        flags = ["fcntl", "fcntl"] if support.PORTABLE else []
        self.assertEqual(calls[:4 + len(flags)],
                         ["socket", *flags, "connect", "sendmsg", "close"], lines)
        self.assertRegex(lines[begin + len(flags) // 2],
                         r"FD_CLOEXEC" if flags else r"SOCK_DGRAM\|SOCK_CLOEXEC")
        self.assertIn("MSG_NOSIGNAL", lines[begin + len(flags) + 2])
        self.assertFalse([line for line in lines[begin:] if "open" in line])


class Privileged(Messages):
    """A set-user-id program ignores the variable. Otherwise a caller could make such a program
    write to any socket."""

    def setUp(self):
        super().setUp()
        support.requires("setpriv")
        support.requires_root()
        if os.statvfs(self.directory).f_flag & os.ST_NOSUID:
            support.unavailable(self.directory + " is mounted nosuid")
        os.chmod(self.directory, 0o711)
        self.program = shutil.copy(PROBE, self.path("probe"))

    def answer(self, owner, mode, value):
        os.chown(self.program, owner, owner)
        os.chmod(self.program, mode)
        return support.run(
            "setpriv", f"--reuid={OTHER}", f"--regid={OTHER}",
            "--clear-groups", self.program, "READY=1",
            env=support.environment(asan="detect_leaks=0",
                                    NOTIFY_SOCKET=value)).out

    def test_a_set_user_id_program_ignores_the_variable(self):
        s = self.manager(self.path("n"))
        os.chmod(self.path("n"), stat.S_IRWXU | stat.S_IRWXO)
        self.assertEqual(self.answer(OTHER, 0o755, self.path("n")), b"ok\n")
        self.assertEqual(s.recv(100), b"READY=1")
        self.assertEqual(self.answer(OTHER, 0o755, "x"),
                         b"bad-notify-socket\n")
        for owner, mode in ((NOBODY, 0o4755), (0, 0o4755), (NOBODY, 0o2755)):
            with self.subTest((owner, mode)):
                for value in (self.path("n"), "x"):
                    self.assertEqual(self.answer(owner, mode, value), b"ok\n")
        s.settimeout(0)
        self.assertRaises(BlockingIOError, s.recv, 100)


if __name__ == "__main__":
    support.main()
