#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Socket files (SPEC.md 5.8): which names sbind takes, which files it leaves alone, and
what happens in races.

Promises: P5 P6 P7 P8 P9 P10 P11 P20
"""
import errno
import fcntl
import glob
import os
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import threading
import time

import support
from support import (CHMOD, FRESH, FRESH_ENTRY, NOBODY, PORTABLE, PUBLISH, PYTHON,
                     RENAME, SBIND, SWAPS, PathCase, connect_as, mode_of, sbind)


LOCK = ".s.sbind"


class NoSocket(PathCase):
    """A file that is not a socket is never touched."""

    def test_a_regular_file(self):
        for content in (b"", b"precious"):
            with open(self.sock, "wb") as file:
                file.write(content)
            os.utime(self.sock, (1, 1))
            for option in ((), ("--replace",), ("--refuse",),
                           ("--any-directory",)):
                with self.subTest(option, content=content):
                    self.refused("path-occupied", *option)

    def test_a_directory(self):
        os.mkdir(self.sock)
        open(os.path.join(self.sock, "x"), "wb").close()
        self.refused("path-occupied")
        self.refused("path-occupied", "--replace")

    def test_a_symbolic_link(self):
        support.stale_socket(self.path("d", "target"))
        for target in ("target", "nowhere", "s", self.path("d", "target")):
            os.symlink(target, self.sock)
            for option in ((), ("--replace",)):
                with self.subTest(target, option=option):
                    self.refused("path-occupied", *option)
            os.unlink(self.sock)

    def test_a_fifo(self):
        os.mkfifo(self.sock)
        self.refused("path-occupied")
        self.refused("path-occupied", "--replace")

    def test_what_has_the_name_of_the_directory_of_our_own(self):
        if not PORTABLE:
            self.skipTest("there is none on Linux")
        for make in (lambda path: open(path, "wb").close(), os.mkfifo,
                     lambda path: os.symlink("/tmp", path)):
            make(self.path("d", FRESH_ENTRY))
            done = self.refused("path-occupied")
            self.assertIn(b"it has the hidden name .NAME.sbind-d, which a start "
                          b"needs for a moment; remove it", done.err)
            os.unlink(self.path("d", FRESH_ENTRY))

    def test_another_users_socket(self):
        support.requires_root()
        support.stale_socket(self.sock)
        os.chown(self.sock, NOBODY, NOBODY)
        self.refused("path-not-ours")
        self.refused("path-not-ours", "--replace")

    def test_a_lock_that_is_not_our_file(self):
        lock = self.lock
        os.symlink("elsewhere", lock)
        self.refused("system")
        self.assertFalse(os.path.lexists(self.path("d", "elsewhere")))
        os.unlink(lock)
        os.mkfifo(lock)
        self.refused("path-not-ours")
        os.unlink(lock)
        os.mkdir(lock)
        self.refused("system")

    def test_a_file_with_the_name_of_another_programs_lock_is_left(self):
        """PostgreSQL, MySQL and libwayland lock PATH.lock."""
        with open(self.sock + ".lock", "wb") as file:
            file.write(b"notes")
        self.hold().kill()
        self.accepted()
        with open(self.sock + ".lock", "rb") as file:
            self.assertEqual(file.read(), b"notes")
        self.assertEqual(len(self.names(self.dir)), 2)


class Stale(PathCase):
    def test_a_stale_socket_is_replaced(self):
        support.stale_socket(self.sock)
        before = os.lstat(self.sock).st_ino
        with open(self.sock + "-other", "wb"):
            pass
        self.hold()
        support.connect(self.address).close()
        self.assertEqual(self.names(self.dir), ["s", "s-other"])
        self.assertNotEqual(os.lstat(self.sock).st_ino, before)

    def test_a_killed_server_leaves_nothing_in_the_way(self):
        for _ in range(3):
            self.hold().kill()
        self.hold()
        self.assertEqual(self.names(self.dir), ["s"])

    def test_refuse_refuses_even_a_stale_socket(self):
        support.stale_socket(self.sock)
        self.refused("address-in-use", "--refuse")
        os.unlink(self.sock)
        self.accepted("--refuse")

    def test_a_stale_socket_of_another_type_is_replaced(self):
        for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
            with socket.socket(socket.AF_UNIX, kind) as s:
                s.bind(self.sock)
            self.accepted()
            os.unlink(self.sock)


class Live(PathCase):
    """sbind never takes the socket of a running process, and that process does not notice
    the attempt."""

    def server(self, kind=socket.SOCK_STREAM, backlog=8):
        s = socket.socket(socket.AF_UNIX, kind)
        self.addCleanup(s.close)
        s.bind(self.sock)
        if backlog is not None:
            s.listen(backlog)
        s.setblocking(False)
        return s

    def refused_often(self):
        for option in ((), ("--refuse",), ("--any-directory",)):
            self.refused("address-in-use", *option)

    def test_one_that_listens(self):
        s = self.server()
        self.refused_often()
        with self.assertRaises(BlockingIOError):
            s.accept()
        support.connect(self.address).close()
        s.accept()[0].close()

    def test_one_that_is_bound_and_does_not_listen_yet(self):
        s = self.server(backlog=None)
        self.refused_often()
        s.listen()
        support.connect(self.address).close()
        s.accept()[0].close()

    def test_one_whose_backlog_is_full(self):
        s = self.server(backlog=0)
        waiting = []
        while True:
            c = socket.socket(socket.AF_UNIX)
            self.addCleanup(c.close)
            c.setblocking(False)
            try:
                c.connect(self.sock)
            except BlockingIOError:
                break
            waiting.append(c)
        self.assertGreater(len(waiting), 0)
        self.refused_often()
        for _ in waiting:
            s.accept()[0].close()
        with self.assertRaises(BlockingIOError):
            s.accept()

    def test_one_of_another_type(self):
        s = self.server(socket.SOCK_SEQPACKET)
        self.refused_often()
        with self.assertRaises(BlockingIOError):
            s.accept()
        os.unlink(self.sock)
        d = self.server(socket.SOCK_DGRAM, None)
        self.refused_often()
        with self.assertRaises(BlockingIOError):
            d.recv(1)

    def test_one_of_sbind(self):
        for first in ((), ("--replace",)):
            with self.subTest(first):
                p = self.hold(*first)
                self.refused("address-in-use")
                self.refused("address-in-use", "--refuse")
                support.connect(self.address).close()
                p.kill()

    def test_one_of_sbind_that_waits_for_its_client(self):
        p = self.listen(self.address)
        p.listening()
        self.refused("address-in-use")
        c = support.connect(self.address)
        c.shutdown(socket.SHUT_WR)
        self.assertEqual(c.recv(1), b"")
        c.close()
        self.expect(p.wait(), 0)

    def test_refusing_makes_no_lock_file(self):
        self.server()
        self.refused_often()
        self.assertEqual(self.names(self.dir), ["s"])


class Mode(PathCase):
    def with_umask(self, mask, *options):
        self.hold(*options, umask=mask).kill()
        mode = mode_of(self.sock)
        self.assertTrue(stat.S_ISSOCK(os.lstat(self.sock).st_mode))
        self.assertEqual(self.names(self.dir), ["s"])
        os.unlink(self.sock)
        return mode

    def test_0600_whatever_the_umask_is(self):
        for mask in (0, 0o022, 0o077):
            with self.subTest(f"{mask:o}"):
                self.assertEqual(self.with_umask(mask), 0o600)

    def test_the_next_start_can_open_the_lock_whatever_the_umask_is(self):
        p = self.held("listen:entry", SBIND, "listen", self.address,
                      umask=0o777)
        self.assertEqual(mode_of(self.lock), 0o600)
        p.go_on()
        p.listening()

    def test_exactly_the_mode_that_is_given(self):
        for mask in (0, 0o022, 0o077, 0o177):
            for mode in ("0666", "660", "0", "0777", "0000600"):
                with self.subTest(f"{mask:o}", mode=mode):
                    self.assertEqual(self.with_umask(mask, "--mode", mode),
                                     int(mode, 8))

    def test_the_mode_is_right_before_anybody_can_enter(self):
        """On a system with POSIX only, the socket is made in a directory of our own."""
        if not PORTABLE:
            self.skipTest("the mode is that of the socket on Linux")
        lines = support.trace(
            "mkdirat,chmod,fchmod,fchmodat,bind,umask,listen," + PUBLISH, SBIND,
            "listen", "-H", self.address, "--mode", "0640", "--",
            "true", directory=self.directory, umask=0)
        self.assertEqual(support.calls(lines), [
            "mkdirat", "bind", "fchmodat", "listen", PUBLISH])
        self.assertIn("0700", lines[0])
        self.assertIn(FRESH, lines[1])
        self.assertIn("0640", lines[2])

    def test_nothing_is_wider_before_it_is_right(self):
        support.of_linux("the mode of a socket that is not bound")
        lines = support.trace(
            "chmod,fchmod,fchmodat,bind,umask,listen,renameat2", SBIND,
            "listen", "-H", self.address, "--mode", "0640", "--",
            "true", directory=self.directory, umask=0)
        self.assertEqual(support.calls(lines), ["fchmod", "bind", "listen"])
        self.assertIn("0640", lines[0])

    def test_no_group_is_let_in_before_the_right_one(self):
        support.of_linux("the mode of a socket that is not bound")
        support.requires_root()
        lines = support.trace(
            "chmod,fchmod,bind,fchownat,listen", SBIND, "listen", "-H",
            self.address, "--mode", "0660", "--group", str(NOBODY), "--",
            "true", directory=self.directory, umask=0)
        self.assertEqual(support.calls(lines),
                         ["fchmod", "bind", "fchownat", "chmod", "listen"])
        self.assertIn("0600", lines[0])

    def modes_seen(self, place, argv):
        """The modes of all socket files that exist while the program stands still."""
        p = self.held(place, *argv, umask=0)
        found = {stat.S_IMODE(st.st_mode)
                 for st in map(os.lstat, glob.glob(self.path("d", "*")))
                 if p.is_held and stat.S_ISSOCK(st.st_mode)}
        self.assertEqual(bool(found), p.is_held)
        p.kill()
        return found

    def slowly(self, *options):
        seen = set()
        for place in ((PUBLISH + ":exit", "unlinkat:entry", "unlinkat:exit")
                      if PORTABLE else
                      ("bind:exit", "chmod:entry", "chmod:exit", "listen:entry",
                       "listen:exit")):
            self.clear()
            seen |= self.modes_seen(place, (
                SBIND, "listen", *options, self.address))
        return seen

    def test_at_no_moment_is_it_wider(self):
        self.assertEqual(self.slowly(), {0o600})
        self.assertEqual(self.slowly("--mode", "0640"), {0o640})
        if os.geteuid() == 0:
            self.assertEqual(self.slowly("--owner", "nobody"),
                             {0o600} if PORTABLE else {0, 0o600})

    def test_this_finds_one_who_binds_listens_and_narrows(self):
        self.assertIn(0o777, self.modes_seen(
            "bind:exit", (*PYTHON, "-c", BIND_LISTEN_CHMOD, self.sock)))

    def test_owner_and_group(self):
        support.requires_root()
        for options, wanted in (
                (("--owner", "nobody"), (NOBODY, 0)),
                (("--owner", "65534", "--group", "0"), (NOBODY, 0)),
                (("--group", "4"), (0, 4)),
                (("--owner", "0", "--group", "1234567"), (0, 1234567))):
            with self.subTest(options):
                self.hold(*options, "--mode", "0660", umask=0o077).kill()
                st = os.lstat(self.sock)
                self.assertEqual((st.st_uid, st.st_gid), wanted)
                self.assertEqual(mode_of(self.sock), 0o660)
                self.hold(*options).kill()      # what it has left is ours
                os.unlink(self.sock)

    def test_a_stale_socket_of_another_owner_than_ours_or_his(self):
        support.requires_root()
        support.stale_socket(self.sock)
        os.chown(self.sock, NOBODY - 1, 0)
        self.refused("path-not-ours", "--owner", "nobody")
        self.refused("path-not-ours", "--group", "4")

    def test_who_may_not_connect_cannot(self):
        support.requires_root()
        os.chmod(self.directory, 0o755)
        os.chmod(self.dir, 0o755)
        for mode, wanted in (("0600", errno.EACCES), ("0666", 0)):
            p = self.hold("--mode", mode)
            self.assertEqual(connect_as(NOBODY, self.sock), wanted)
            p.kill()


class Directory(PathCase):
    def test_one_that_others_can_write_is_refused(self):
        for mode in (0o777, 0o770, 0o720, 0o702):
            with self.subTest(f"{mode:o}"):
                os.chmod(self.dir, mode)
                self.refused("unsafe-directory")
                self.assertEqual(self.names(self.dir), [])

    def test_one_that_others_can_write_is_accepted_when_asked(self):
        os.chmod(self.dir, 0o777)
        self.accepted("--any-directory")

    def test_a_sticky_one_is_accepted(self):
        os.chmod(self.dir, 0o1777)
        self.accepted()

    def test_another_users_is_refused(self):
        support.requires_root()
        os.chown(self.dir, NOBODY, NOBODY)
        self.refused("unsafe-directory")
        self.accepted("--any-directory")

    def test_a_link_of_another_user_is_refused(self):
        support.requires_root()
        os.mkdir(self.path("d", "e"), 0o700)
        os.symlink("e", self.path("d", "link"))
        address = f"unix://{self.dir}/link/s"
        self.accepted(address=address)              # a link of ours
        os.unlink(self.path("d", "e", "s"))
        os.chown(self.path("d", "link"), NOBODY, NOBODY, follow_symlinks=False)
        done = self.refused("unsafe-directory", address=address)
        self.assertIn(b"symbolic link of another user", done.err)
        self.refused("unsafe-directory", address=f"unix://{self.dir}/link///s")
        self.accepted("--any-directory", address=address)
        self.accepted(address=f"unix://{self.dir}/link/../e/s")
        os.unlink(self.path("d", "e", "s"))
        os.rmdir(self.path("d", "e"))

    def test_a_link_that_cannot_be_looked_at_is_not_followed(self):
        support.of_linux("a link is looked at by lstat elsewhere")
        support.requires_root()
        os.mkdir(self.path("d", "e"), 0o700)
        os.symlink("e", self.path("d", "link"))
        os.chown(self.path("d", "link"), NOBODY, NOBODY, follow_symlinks=False)
        for fault, error in ((f"{support.OPENING}:error=EMFILE", "open: EMFILE"),
                             ("fstat,newfstatat:error=ENOMEM",
                              "fstat: ENOMEM")):
            calls = fault.split(":", maxsplit=1)[0]
            with self.subTest(error):
                when = self.times(calls, self.path("d", "link"))
                done = support.run(*support.injecting(
                    f"{fault}:when={when}", SBIND, "listen", "-H",
                    f"unix://{self.dir}/link/s", "--", "true"),
                    env=support.environment(asan="detect_leaks=0"))
                self.expect(done, 111, err=error)
                self.assertEqual(self.names(self.path("d", "e")), [])
        os.rmdir(self.path("d", "e"))

    def times(self, calls, link):
        """The number of these calls up to the call that looks at the link."""
        lines = support.trace(support.OPENING + "," + calls, SBIND, "listen", "-H",
                              f"unix://{link}/s", "--", "true",
                              directory=self.directory, status=111)
        opened = next(i for i, line in enumerate(lines) if f'"{link}"' in line
                      and "O_DIRECTORY" not in line)
        last = opened if calls == support.OPENING else opened + 1
        return sum(re.match(calls.replace(",", "|"), line) is not None
                   for line in lines[:last + 1])

    def test_a_file_that_becomes_a_link_meanwhile_is_not_followed(self):
        support.of_linux("a link is looked at by lstat elsewhere")
        support.requires_root()
        os.chmod(self.dir, 0o1777)
        os.mkdir(self.path("d", "e"), 0o700)
        self.write("d/link", "no directory yet")
        os.symlink("e", self.path("d", "other"))
        os.chown(self.path("d", "other"), NOBODY, NOBODY,
                 follow_symlinks=False)
        when = self.times(support.OPENING, self.path("d", "link"))
        p = self.held(f"{support.OPENING}:exit:{when}", SBIND, "listen",
                      f"unix://{self.dir}/link/s")
        os.rename(self.path("d", "other"), self.path("d", "link"))
        p.go_on()
        self.expect(p.wait(), 111, err="open: ENOTDIR")
        self.assertEqual(self.names(self.path("d", "e")), [])
        os.rmdir(self.path("d", "e"))

    def test_one_that_does_not_exist(self):
        self.refused("system", address=f"unix://{self.dir}/no/s")
        with open(self.path("d", "f"), "wb"):
            pass
        self.refused("system", address=f"unix://{self.dir}/f/s")


class Length(PathCase):
    def works(self, path, cwd=None):
        """Listens at the path and connects to it, by sbind and by other programs. On a system with
        POSIX only, the hidden name has to fit as well. If that name does not fit, the path is
        refused, and never cut off."""
        if PORTABLE and max(map(len, (path, self.hidden_path(path)))) > 107:
            done = self.expect(sbind("listen", "unix://" + path, cwd=cwd), 111,
                               out="", err="path-too-long")
            self.assertIn(b"use a relative path that fits in sun_path, to listen with "
                          b"11 octets more", done.err)
            return
        p = self.start(SBIND, "listen", "unix://" + path, cwd=cwd)
        self.assertEqual(p.listening(), [support.shown("unix://" + path)])
        done = self.expect(sbind("connect", "unix://" + path, cwd=cwd,
                                 input=b"hello"), 0, err="")
        self.assertEqual(done.out, b"")
        self.assertEqual(self.expect(p.wait(), 0).out, b"hello")

    @staticmethod
    def hidden_path(path):
        base = os.path.basename(path)
        hidden = f".{base}.sbind" if len(base) <= 64 else ".sbind-" + 16 * "0"
        return os.path.join(os.path.dirname(path), hidden + "-d/s")

    def of_length(self, n):
        name = "a" * (n - len(self.dir) - 1)
        return os.path.join(self.dir, name)

    def test_in_the_root(self):
        path = "/" + os.path.basename(self.directory)
        if not os.access("/", os.W_OK):
            support.unavailable("this user may not write to the root")
        self.addCleanup(lambda: os.path.lexists(path) and os.unlink(path))
        self.works(path, cwd=self.dir)
        self.assertEqual(self.names(self.dir), [])
        self.assertFalse(os.path.lexists(path))

    def test_relative_paths(self):
        os.mkdir(self.path("d", "e"))
        for path in ("s", "./s", "e/s", "e/../s", ".//e///s", "./@s", " s ",
                     "%73", "-s", "é"):
            with self.subTest(path):
                self.works(path, cwd=self.dir)
        self.assertEqual(self.names(self.dir), ["e"])

    def test_as_long_as_sun_path_and_longer(self):
        for n in (90, 96, 97, 106, 107, 108, 109, 200):
            with self.subTest(n):
                self.works(self.of_length(n))

    def test_in_a_long_directory(self):
        deep = self.dir
        while len(deep) < 800:
            deep = os.path.join(deep, "b" * 199)
        os.makedirs(deep)
        self.works(os.path.join(deep, "s"))
        self.assertEqual(self.names(deep), [])

    def test_a_last_component_of_255_octets_and_not_of_256(self):
        for n in (64, 65, 75, 76, 250, 255):
            with self.subTest(n):
                self.works(os.path.join(self.dir, "c" * n))
                self.assertEqual(self.names(self.dir), [])
        done = self.refused("path-too-long", address=f"unix://{self.dir}/"
                            + "c" * 256)
        self.assertIn(b"the last component has at most 255 octets", done.err)

    def test_one_that_bind_cannot_take_is_replaced_too(self):
        """Stale sockets, live ones and those for --replace are treated like those with
        a short name."""
        support.weaker("P15")
        path = os.path.join(self.dir, "c" * 200)
        address = "unix://" + path
        self.hold(address=address).kill()
        self.hold(address=address)
        self.refused("address-in-use", address=address)
        self.hold("--replace", address=address)
        self.assertEqual(self.names(self.dir), ["c" * 200])

    def test_two_long_names_that_begin_alike_are_two(self):
        support.weaker("P15")
        names = ["d" * 200 + c for c in "12"]
        for name in names:
            self.hold(address=f"unix://{self.dir}/{name}")
        self.assertEqual(self.names(self.dir), names)

    def test_two_long_names_of_one_hash_are_two(self):
        """Two names have the same hash, so they have the same hidden names. The
        starters exclude each other while they start, and neither takes a file of the
        other for its own."""
        support.weaker("P15")
        names = [os.path.join(os.fsencode(self.dir), begin + b"l" * 64)
                 for begin in COLLIDING]
        for _ in range(10):
            started = [self.start(SBIND, "listen", "-v", "-H",
                                  b"unix://" + name, "--", "sleep", "60")
                       for name in names]
            support.wait_until(lambda: all(
                b"listening on" in p.err for p in started), "the servers")
            self.assertEqual(len(self.names(self.dir)), 2)
            for p in started:
                p.kill()            # and the next two find stale sockets

    def test_a_leftover_of_another_name_with_that_hash_is_left(self):
        """Two names have the same hash. A starter for one name was killed while it replaced a live
        socket. A starter for the other name leaves that socket alone."""
        support.weaker("P15")
        ours, theirs = [os.path.join(os.fsencode(self.dir), begin + b"l" * 64)
                        for begin in COLLIDING]
        done = support.trace("bind", SBIND, "listen", "-H",
                             b"unix://" + ours + b"x" * 120, "--", "true",
                             directory=self.directory)
        self.assertIn(".sbind-", done[0])
        name = re.search(r"\.sbind-[0-9a-f]{16}", self.hidden_of(theirs))
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(self.path("d", name.group() + "-new"))
            s.listen()
            open(self.path("d", name.group()), "wb").close()
            os.chmod(self.path("d", name.group()), 0o600)
            p = self.start(SBIND, "listen", b"unix://" + ours)
            support.wait_until(lambda: b"listening on" in p.err, "the server")
            self.assertEqual(len(self.names(self.dir)), 4)
            support.connect("unix://" + self.path("d", name.group() + "-new")
                            ).close()
            self.assertTrue(os.path.exists(self.path("d", name.group())))
            p.kill()
        self.start(SBIND, "listen", b"unix://" + ours).listening()
        self.assertEqual(len(self.names(self.dir)), 2, "for the next start")

    def test_the_hidden_name_of_a_long_name(self):
        """SPEC.md 5.8: other programs can compute the hidden name from the hash."""
        name = b"A long name: " + b"l\xf6" * 30
        digits = "%016x" % fnv_1a(name)
        self.assertIn(f'".sbind-{digits}"', self.hidden_of(
            os.path.join(os.fsencode(self.dir), name)))

    def hidden_of(self, path):
        lines = support.trace("openat", SBIND, "listen", "-H",
                              b"unix://" + path, "--", "true",
                              directory=self.directory)
        os.unlink(path)
        return "".join(lines)


def fnv_1a(octets):
    """http://www.isthe.com/chongo/tech/comp/fnv: 64 bits."""
    value = 0xcbf29ce484222325
    for octet in octets:
        value = (value ^ octet) * 0x100000001b3 % 2 ** 64
    return value


# These two names have the same hash. If the same text is added to both, the longer names have the
# same hash, too.
COLLIDING = (b"x.sock", bytes.fromhex(
    "65737a7959c556cae5d3774b5270365346f646bc"))


class Replacing(PathCase):
    """A client connects all the time, while servers come and go."""

    CONNECTS = 300
    REPLACEMENTS = 20

    def refusals(self, start):
        """Counts refused connections. start() starts the next server, and returns once
        it listens."""
        failures, made = [], 0
        stop = threading.Event()

        def connect_on_and_on():
            nonlocal made
            while not stop.is_set() or made < self.CONNECTS:
                try:
                    support.connect(self.address).close()
                except BlockingIOError:      # a full backlog refuses nobody
                    time.sleep(0.005)
                    continue
                except OSError as e:
                    failures.append(e)
                    if stop.is_set():
                        return
                made += 1
                time.sleep(0.0005)

        servers = [start()]
        thread = threading.Thread(target=connect_on_and_on)
        thread.start()
        try:
            for _ in range(self.REPLACEMENTS):
                servers.append(start())
                servers.pop(0).kill()
        finally:
            stop.set()
            thread.join(support.WAIT)
        if not failures:
            self.assertGreaterEqual(made, self.CONNECTS)
        return failures

    def test_replace_refuses_no_connection(self):
        def start():
            p = self.listen("--replace", "-H", self.address, "--",
                            *support.activated("serve"))
            p.listening()
            return p
        self.assertEqual(self.refusals(start), [])
        self.assertEqual(self.names(self.dir), ["s"])

    def test_this_finds_one_who_unlinks_and_binds(self):
        def start():
            p = self.start(*PYTHON, "-c", UNLINK_AND_BIND, self.sock)
            p.listening()
            return p
        self.assertNotEqual(self.refusals(start), [])

    def is_refused_while(self, *argv):
        """Whether clients are refused at the moment before a successor listens."""
        p = self.held("listen:entry", *argv)
        self.assertTrue(p.is_held)
        try:
            support.connect(self.address).close()
            refused = False
        except ConnectionRefusedError:
            refused = True
        p.go_on()
        p.listening()
        support.connect(self.address).close()
        p.kill()
        return refused

    def test_a_successor_who_is_slow_to_listen_refuses_nobody(self):
        self.hold("--replace")
        self.assertFalse(self.is_refused_while(
            SBIND, "listen", "--replace", self.address))

    def test_this_finds_one_who_takes_the_name_before_he_listens(self):
        self.hold("--replace")
        self.assertTrue(self.is_refused_while(
            *PYTHON, "-c", RENAME_AND_LISTEN, self.sock))

    def test_replace_takes_a_live_socket_and_its_owner_keeps_his(self):
        s = socket.socket(socket.AF_UNIX)
        self.addCleanup(s.close)
        s.bind(self.sock)
        s.listen()
        early = support.connect(self.address)
        self.addCleanup(early.close)
        p = self.listen("--replace", "-H", self.address, "--",
                        *support.activated("serve"))
        p.listening()
        with support.connect(self.address) as c:
            self.assertEqual(c.recv(5), b"hello")
        s.setblocking(False)
        s.accept()[0].close()       # who came before is still served there
        with self.assertRaises(BlockingIOError):
            s.accept()

    def test_replace_works_where_nobody_was(self):
        self.accepted("--replace")
        os.unlink(self.sock)
        support.stale_socket(self.sock)
        self.accepted("--replace")


# A starter like those in many programs. Another starter can act during the pauses.
UNLINK_AND_BIND = r"""
import os, socket, sys, time
path = sys.argv[1]
s = socket.socket(socket.AF_UNIX)
if os.path.exists(path):
    time.sleep(0.02)
    os.unlink(path)
time.sleep(0.02)
s.bind(path)
s.listen()
print("listening on", path, flush=True)
time.sleep(60)
"""

BIND_LISTEN_CHMOD = r"""
import os, socket, sys, time
path = sys.argv[1]
s = socket.socket(socket.AF_UNIX)
s.bind(path)
s.listen()
os.chmod(path, 0o600)
print("listening on", path, flush=True)
time.sleep(60)
"""

RENAME_AND_LISTEN = r"""
import os, socket, sys, time
path = sys.argv[1]
s = socket.socket(socket.AF_UNIX)
s.bind(path + ".new")
os.rename(path + ".new", path)
s.listen()
print("listening on", path, flush=True)
time.sleep(60)
"""

# A starter that uses a random name. If it is killed before the last step, its
# file is left, and no other process knows its name.
RANDOM_TEMPORARY = r"""
import os, secrets, socket, sys
path = sys.argv[1]
temporary = path + "." + secrets.token_hex(4)
s = socket.socket(socket.AF_UNIX)
s.bind(temporary)
os.chmod(temporary, 0o600)
s.listen()
os.rename(temporary, path)
print("listening on", path, flush=True)
s.accept()
os.unlink(path)
"""

PROBE_UNLINK_BIND = r"""
import os, socket, sys, time
path = sys.argv[1]
probe = socket.socket(socket.AF_UNIX)
try:
    probe.connect(path)
    sys.exit(111)
except ConnectionRefusedError:
    time.sleep(0.02)
    os.unlink(path)
except FileNotFoundError:
    pass
s = socket.socket(socket.AF_UNIX)
s.bind(path)
s.listen()
print("listening on", path, flush=True)
time.sleep(60)
"""


class Race(PathCase):
    """Several start at once."""

    def round(self, starters, argv, stale):
        """Runs so many starters at once. Returns how many listen, and what else is
        wrong."""
        self.clear()
        if stale:
            support.stale_socket(self.sock)
        gate, opens = os.pipe()
        started = [support.Process(
            self.directory, ("sh", "-c", 'read -r _; exec "$@"', "sh", *argv),
            stdin=gate) for _ in range(starters)]
        os.close(gate)
        os.close(opens)                      # all go
        try:
            support.wait_until(
                lambda: all(not p.running() or b"listening on" in
                            p.err + p.out for p in started), "the starters")
            won = [p for p in started if p.running()]
            lost = [p.popen.returncode for p in started if p not in won]
            reachable = True
            try:
                support.connect(self.address).close()
            except OSError:
                reachable = False
            litter = set(self.names(self.dir)) - {"s"}
            return len(won), set(lost) - {111}, reachable, litter
        finally:
            for p in started:
                p.dispose()

    def rounds(self, starters, argv, n, stale=True):
        return [r for r in (self.round(starters, argv, stale)
                            for _ in range(n))
                if r != (1, set(), True, set())]

    def setUp(self):
        super().setUp()
        self.argv = (SBIND, "listen", "-v", "-H", self.address, "--", "sleep",
                     "60")

    def test_exactly_one_of_two_wins(self):
        self.assertEqual(self.rounds(2, self.argv, 50), [])

    def test_exactly_one_of_four_wins(self):
        self.assertEqual(self.rounds(4, self.argv, 50), [])

    def test_exactly_one_of_four_wins_where_there_is_nothing(self):
        self.assertEqual(self.rounds(4, self.argv, 30, stale=False), [])

    def outlive(self, path):
        """Waits until new files get a later time: the clock of the file system ticks
        slowly."""
        def is_younger():
            young = self.write("young", "")
            age = os.lstat(young).st_ctime_ns
            os.unlink(young)
            return age > os.lstat(path).st_ctime_ns
        support.wait_until(is_younger, "the clock of files")

    def stopped(self, place, *before, address=None):
        """Starts a starter and holds it at this place. The directory of its socket must
        then contain exactly the names in `before`."""
        address = address or self.address
        p = self.held(place, SBIND, "listen", address)
        self.assertTrue(p.is_held, place)
        directory = os.path.dirname(address.removeprefix("unix://"))
        self.assertEqual([name for name in self.names(directory)
                          if not PORTABLE or name != FRESH_ENTRY],
                         sorted(before))
        return p

    def test_a_lock_that_another_process_has_used_up_is_made_again(self):
        p = self.stopped("flock:entry", LOCK)
        self.listen(self.address).listening()
        p.go_on()
        self.expect(p.wait(), 111, err="address-in-use")
        self.assertEqual(self.names(self.dir), ["s"])
        support.connect(self.address).close()

    def test_a_lock_whose_name_is_gone_is_made_again(self):
        open(self.lock, "wb").close()
        os.chmod(self.lock, 0o600)
        p = self.stopped("flock:entry", LOCK)
        os.unlink(self.lock)
        p.go_on()
        p.listening()
        support.connect(self.address).close()
        self.expect(p.wait(), 0)
        self.assertEqual(self.names(self.dir), [])

    def test_a_refused_start_removes_a_lock_that_was_not_held(self):
        """Another starter may have made this lock file, and may be about to lock it. If the file is
        gone by then, that starter makes another."""
        self.listen(self.address).listening()
        open(self.lock, "wb").close()
        os.chmod(self.lock, 0o600)
        self.expect(sbind("listen", self.address), 111, err="address-in-use")
        self.assertEqual(self.names(self.dir), ["s"])

    def test_a_lock_whose_name_is_anothers_is_not_enough(self):
        """The lock file's name now belongs to another file, which another process has
        locked."""
        open(self.lock, "wb").close()
        os.chmod(self.lock, 0o600)
        p = self.stopped("flock:entry", LOCK)
        os.unlink(self.lock)
        with open(self.lock, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            p.go_on()
            self.expect(p.wait(), 111, err="address-in-use")
            self.assertEqual(self.names(self.dir), [LOCK])

    def test_a_lock_that_another_process_takes_first_stays(self):
        """Another process locks the file between our making and our locking of it."""
        p = self.stopped("flock:entry", LOCK)
        with open(self.lock, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            p.go_on()
            self.expect(p.wait(), 111, err="address-in-use")
            self.assertTrue(os.path.samestat(os.fstat(file.fileno()),
                                             os.stat(self.lock)))
            os.unlink(self.lock)

    def test_a_lock_is_held_until_its_name_is_gone(self):
        p = self.stopped("unlinkat:entry", LOCK, "s")
        with open(self.lock, "rb") as file:
            with self.assertRaises(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        p.go_on()
        p.listening()

    def test_a_lock_that_is_held_is_waited_for(self):
        with open(self.lock, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            p = self.listen(self.address)
            support.wait_until(lambda: b"nanosleep" in self.doing(p),
                               "the starter")
            os.unlink(self.lock)        # as its holder does
        p.listening()
        self.assertEqual(self.names(self.dir), ["s"])

    def doing(self, p):
        with open(f"/proc/{p.pid}/wchan", "rb") as file:
            return file.read()

    def test_a_lock_that_is_held_for_a_second_is_in_use(self):
        with open(self.lock, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            done = self.refused("address-in-use")
        self.assertIn(b".NAME.sbind", done.err)

    def test_a_stale_socket_that_comes_meanwhile_is_replaced(self):
        p = self.stopped("bind:entry", LOCK)
        support.stale_socket(self.sock)
        p.go_on()
        if PORTABLE:        # it has looked at the name before, and does not again
            self.expect(p.wait(), 111, err="address-in-use")
            self.assertEqual(self.names(self.dir), ["s"])
            return
        p.listening()
        support.connect(self.address).close()
        self.expect(p.wait(), 0)
        self.assertEqual(self.names(self.dir), [])

    def test_one_who_comes_meanwhile_and_listens_is_left_alone(self):
        p = self.stopped("bind:entry", LOCK)
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(self.sock)
            s.listen()
            p.go_on()
            self.expect(p.wait(), 111, err="address-in-use")
            support.connect(self.address).close()
        self.assertEqual(self.names(self.dir), ["s"])

    def test_a_file_that_comes_to_a_long_name_meanwhile_is_left_alone(self):
        """bind cannot take such a long name, so the socket gets this name by a rename."""
        support.weaker("P15")
        path = self.path("d", "c" * 200)
        p = self.held("renameat2:entry", SBIND, "listen", "unix://" + path)
        self.assertTrue(p.is_held)
        self.write(path, "precious")
        p.go_on()
        self.expect(p.wait(), 111, err="address-in-use")
        self.assertEqual(self.names(self.dir), ["c" * 200])
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")

    def test_one_who_takes_the_name_of_a_stale_socket_is_left_alone(self):
        """The stale socket cannot be put back, because its name is taken. So the socket is
        removed."""
        support.stale_socket(self.sock)
        p = self.stopped("bind:entry" if PORTABLE else "bind:entry:2", LOCK,
                         ".s.sbind-old")
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(self.sock)
            s.listen()
            p.go_on()
            self.expect(p.wait(), 111, err="address-in-use")
            support.connect(self.address).close()
        self.assertEqual(self.names(self.dir), ["s"])

    def test_a_file_that_comes_in_the_place_of_the_new_socket_stays(self):
        """Another process puts a file in the place of our socket after the names were swapped. The
        socket that was to be replaced does not take that file's place. This socket stays under its
        hidden name. The next start gives the socket its old name back."""
        if not SWAPS:
            support.weaker("P5")        # names cannot be swapped
        old = socket.socket(socket.AF_UNIX)
        self.addCleanup(old.close)
        old.bind(self.sock)
        old.listen()
        inode = os.stat(self.sock).st_ino
        p = self.held("renameat2:exit", SBIND, "listen", "--replace",
                      self.address)
        self.assertTrue(p.is_held)
        self.assertEqual(os.stat(self.path("d", FRESH)).st_ino, inode)
        os.unlink(self.sock)
        self.write("d/s", "precious")
        p.go_on()
        self.expect(p.wait(), 111, err="address-in-use")
        with open(self.sock, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")
        self.assertEqual(self.names(self.dir), [LOCK, FRESH_ENTRY, "s"])
        self.assertEqual(os.stat(self.path("d", FRESH)).st_ino, inode)
        os.unlink(self.sock)
        self.expect(sbind("listen", "-H", self.address, "--", "true"), 111,
                    err="address-in-use")
        self.assertEqual(os.stat(self.sock).st_ino, inode)
        self.assertEqual(self.names(self.dir), ["s"])
        support.connect(self.address).close()

    def test_a_new_socket_that_is_removed_leaves_the_name_to_the_old_one(self):
        support.of_linux("names cannot be swapped elsewhere")
        old = socket.socket(socket.AF_UNIX)
        self.addCleanup(old.close)
        old.bind(self.sock)
        old.listen()
        p = self.held("renameat2:exit", SBIND, "listen", "--replace",
                      self.address)
        os.unlink(self.sock)
        p.go_on()
        self.expect(p.wait(), 111, err="address-in-use")
        self.assertEqual(self.names(self.dir), ["s"])
        support.connect(self.address).close()

    def test_a_directory_that_changes_meanwhile(self):
        """The directory is replaced before bind, so the path leads elsewhere. Nothing
        is left in either directory."""
        os.mkdir(self.path("d", "e"), 0o700)
        p = self.stopped("bind:entry", LOCK, address="unix://"
                         + self.path("d", "e", "s"))
        os.rename(self.path("d", "e"), self.path("d", "old"))
        os.mkdir(self.path("d", "e"), 0o700)
        p.go_on()
        self.expect(p.wait(), 111, err="bind: ENOENT" if PORTABLE
                    else "another directory")
        self.assertEqual(self.names(self.path("d", "e")), [])
        self.assertEqual(self.names(self.path("d", "old")), [])
        for name in ("e", "old"):
            os.rmdir(self.path("d", name))

    def test_a_directory_that_changes_while_a_process_listens_in_it(self):
        """The directory is replaced before bind, and a process listens in the first directory.
        sbind does not take the socket of that process for its own, even if a killed start has left
        a lock that is older than this socket."""
        support.of_linux("a socket is bound in a directory of our own elsewhere")
        for is_left in (False, True):
            with self.subTest(is_left=is_left):
                self.changes_while_a_process_listens(is_left)

    def changes_while_a_process_listens(self, is_left):
        os.mkdir(self.path("d", "e"), 0o700)
        if is_left:
            os.chmod(self.write("d/e/" + LOCK, "x"), 0o600)
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(self.path("d", "e", "s"))
            s.listen()
            os.chmod(self.path("d", "e", "s"), 0o640)
            self.outlive(self.path("d", "e", "s"))
            p = self.stopped("bind:entry", LOCK, "s", address="unix://"
                             + self.path("d", "e", "s"))
            os.rename(self.path("d", "e"), self.path("d", "old"))
            os.mkdir(self.path("d", "e"), 0o700)
            p.go_on()
            self.expect(p.wait(), 111, err="another directory")
            self.assertEqual(self.names(self.path("d", "e")), [])
            self.assertEqual(self.names(self.path("d", "old")), ["s"])
            self.assertEqual(mode_of(self.path("d", "old", "s")), 0o640)
            support.connect("unix://" + self.path("d", "old", "s")).close()
        os.unlink(self.path("d", "old", "s"))
        for name in ("e", "old"):
            os.rmdir(self.path("d", name))

    def test_a_stale_socket_that_goes_meanwhile(self):
        """The stale socket is gone before it can be moved aside. A file that already
        has the name for it stays."""
        support.of_linux("the name aside is looked at first elsewhere")
        support.stale_socket(self.sock)
        theirs = self.write("d/.s.sbind-old", "precious")
        p = self.stopped("renameat2:entry", LOCK, ".s.sbind-old", "s")
        os.unlink(self.sock)
        p.go_on()
        p.listening()
        self.assertEqual(self.names(self.dir), [".s.sbind-old", "s"])
        support.connect(self.address).close()
        self.expect(p.wait(), 0)
        with open(theirs, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")
        self.assertEqual(self.names(self.dir), [".s.sbind-old"])

    def test_this_finds_one_who_probes_unlinks_and_binds(self):
        argv = (*PYTHON, "-c", PROBE_UNLINK_BIND, self.sock)
        for _ in range(20):
            if self.rounds(4, argv, 1):
                return
        self.fail("the race test has found nothing where there is something")


class Killed(PathCase):
    """A start is killed at each call in turn. The next start works and clears up."""

    CALLS = ("openat", "fstat", "newfstatat", "flock", "socket", "connect",
             "fchmod", "bind", "pwrite64", "fchownat", "chmod", "listen",
             "renameat2", "unlinkat", "close", "mkdirat", "fchmodat", "linkat",
             "renameat")
    OURS = re.compile(r'\.s\.sbind|/d|"s"|^fchmod|^flock|^bind|^listen|^linkat'
                      r'|AF_UNIX|^connect|^chmod|^fchownat|^pwrite64|^mkdirat')
    NEEDED = {"openat", "flock", "socket", "bind", "listen", "unlinkat"} | (
        {"mkdirat", "fchmodat"} if PORTABLE else {"fchmod"})

    def places(self, *options):
        """The calls that matter, as strace counts them: the name, the number, and
        whether the lock exists when the start is killed there."""
        lines = support.trace(
            ",".join(self.CALLS), SBIND, "listen", *options, "-H",
            self.address, "--", "true", directory=self.directory)
        counts, found, locked = {}, [], False
        for line in lines:
            match = support.CALL.match(line)
            if not match:
                continue
            name = match.group(1)
            counts[name] = counts.get(name, 0) + 1
            locked = locked or "O_CREAT" in line
            if self.OURS.search(line):
                found.append((name, counts[name], locked))
            if 'unlinkat' in line and f'"{LOCK}"' in line:
                locked = False
        self.assertGreaterEqual({name for name, _, _ in found}, self.NEEDED)
        return found

    def kill_at(self, call, when, *argv):
        p = subprocess.run(
            support.injecting(f"{call}:signal=KILL:when={when}", *argv),
            env=support.environment(asan="detect_leaks=0"),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, timeout=support.WAIT)
        self.assertIn(p.returncode, (-signal.SIGKILL, 128 + signal.SIGKILL),
                      f"{call} {when}")

    def wrong_with_restart(self, *argv):
        p = self.start(*argv)
        try:
            p.listening()
        except AssertionError:
            return "it does not start"
        found = self.names(self.dir), mode_of(self.sock)
        support.connect(self.address).close()
        p.wait()
        found += (self.names(self.dir),)
        return None if found == (["s"], 0o600, []) else found

    def killed_everywhere(self, prepare, *options, again=None):
        """Kills a start at each of these calls, and starts again. If the next start has other
        options, "again" are those options. Then the start is killed only where the lock exists,
        because the lock tells the next start that the first was killed."""
        self.clear()
        prepare()
        places = self.places(*options)
        for call, when, locked in places:
            if again is not None and not locked:
                continue
            with self.subTest(call, when=when):
                self.clear()
                prepare()
                self.kill_at(call, when, SBIND, "listen", *options, "-H",
                             self.address, "--", "true")
                self.assertIsNone(self.wrong_with_restart(
                    SBIND, "listen", *(options if again is None else again),
                    self.address))
        return {call for call, _, _ in places}

    def test_where_there_was_nothing(self):
        self.killed_everywhere(lambda: None)

    def test_over_a_stale_socket(self):
        self.assertIn(RENAME, self.killed_everywhere(
            lambda: support.stale_socket(self.sock)))

    def test_with_another_owner(self):
        support.requires_root()
        self.assertGreaterEqual(
            self.killed_everywhere(lambda: None, "--owner", "nobody"),
            {"fchownat", CHMOD, "pwrite64"})

    def test_with_another_owner_and_then_without(self):
        support.requires_root()
        self.killed_everywhere(lambda: None, "--owner", "nobody", again=())
        self.killed_everywhere(lambda: None, again=("--owner", "nobody"))
        self.killed_everywhere(lambda: None, "--owner", "nobody",
                               again=("--owner", "daemon"))

    def test_while_it_replaces_one_who_listens(self):
        def listen():
            self.live = socket.socket(socket.AF_UNIX)
            self.addCleanup(self.live.close)
            self.live.bind(self.sock)
            self.live.listen()
        self.assertIn(RENAME, self.killed_everywhere(listen, "--replace"))

    def test_while_it_closes(self):
        """A process is killed while it closes. The next start works, and does not leave
        any file."""
        for call, when in self.places_of_closing():
            with self.subTest(call, when=when):
                self.clear()
                p = self.start(*support.injecting(
                    f"{call}:signal=KILL:when={when}", SBIND, "listen",
                    self.address), env=support.environment(
                        asan="detect_leaks=0"))
                p.listening()
                support.connect(self.address).close()
                p.wait()
                self.assertIsNone(self.wrong_with_restart(
                    SBIND, "listen", self.address))

    def places_of_closing(self):
        log = self.path("log")
        p = self.start("strace", "-f", "-qq", "-o", log, "-e",
                       "trace=" + ",".join(self.CALLS) + ",accept,accept4", SBIND,
                       "listen", self.address,
                       env=support.environment(asan="detect_leaks=0"))
        p.listening()
        support.connect(self.address).close()
        self.expect(p.wait(), 0)
        counts, found, closing = {}, [], False
        with open(log, encoding="latin-1") as file:
            for line in file:
                match = support.CALL.match(line)
                name = match.group(1) if match else ""
                counts[name] = counts.get(name, 0) + 1
                if closing and self.OURS.search(re.sub(r"^\d+ +", "", line)):
                    found.append((name, counts[name]))
                closing = closing or name in ("accept", "accept4")
        self.assertGreaterEqual({name for name, _ in found},
                                {"openat", "flock", "unlinkat"})
        return found

    def test_by_the_lock_of_a_starter_that_comes_after_it(self):
        """Another starter has made the lock file, and has not locked it yet."""
        support.stale_socket(self.sock)
        p = self.held("flock:entry", SBIND, "listen", self.address)
        self.assertIn(LOCK, self.names(self.dir))
        self.kill_at("bind", 1 if PORTABLE else 2, SBIND, "listen", self.address)
        self.assertEqual(self.names(self.dir),
                         [LOCK, *([FRESH_ENTRY] if PORTABLE else []),
                          LOCK + "-old"])
        p.go_on()
        p.listening()
        self.assertEqual(self.names(self.dir), ["s"])
        support.connect(self.address).close()
        self.expect(p.wait(), 0)
        self.assertEqual(self.names(self.dir), [])

    def test_before_its_socket_is_closed(self):
        """When a starter is killed, the kernel may drop the lock before it closes the socket."""
        p = self.listen(self.address)
        p.listening()
        with socket.socket(socket.AF_UNIX) as dying:
            dying.bind(self.hidden(FRESH))
            open(self.lock, "wb").close()
            os.chmod(self.lock, 0o600)
            support.connect(self.address).close()
            self.expect(p.wait(), 0)
        self.assertEqual(self.names(self.dir), [LOCK, FRESH_ENTRY])
        p = self.listen(self.address)
        p.listening()
        self.assertEqual(self.names(self.dir), ["s"])

    def leave(self, *names, note=b""):
        """Makes the lock that a killed start leaves, and stale sockets."""
        with open(self.lock, "wb") as file:
            file.write(note)
        os.chmod(self.lock, 0o600)
        for name in names:
            support.stale_socket(self.hidden(name))

    def hidden(self, name):
        """The path of a hidden name. A hidden name may be in a directory of its own."""
        path = self.path("d", name)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        return path

    def live(self, name):
        s = socket.socket(socket.AF_UNIX)
        self.addCleanup(s.close)
        s.bind(self.hidden(name))
        s.listen()

    def test_what_it_had_moved_gets_its_name_back(self):
        self.leave()
        self.live(".s.sbind-old")
        self.expect(sbind("listen", "-H", self.address, "--", "true"), 111,
                    err="address-in-use")
        self.assertEqual(self.names(self.dir), ["s"])
        support.connect(self.address).close()

    def test_what_it_had_moved_does_not_get_the_name_of_another(self):
        """The socket that listens keeps the name. The other socket may become stale a moment later.
        The lock stays, because it tells a later start about that socket."""
        self.leave()
        self.live(FRESH)
        self.live("s")
        inode = os.stat(self.sock).st_ino
        self.expect(sbind("listen", "-H", self.address, "--", "true"), 111,
                    err="address-in-use")
        self.assertEqual(os.stat(self.sock).st_ino, inode)
        self.assertEqual(self.names(self.dir), [LOCK, FRESH_ENTRY, "s"])

    def test_no_other_file_changes_places_with_a_stale_socket(self):
        """A start moves sockets only."""
        support.of_linux("it would be in a directory of our own")
        self.leave("s")
        self.write("d/.s.sbind-new", "x")
        self.hold().kill()
        self.assertEqual(self.names(self.dir), [".s.sbind-new", "s"])
        with open(self.path("d", FRESH), encoding="ascii") as file:
            self.assertEqual(file.read(), "x")

    def test_what_it_has_left_is_not_in_the_way_without_its_lock(self):
        for prepare in (self.live, lambda name: support.stale_socket(
                self.path("d", name))):
            self.clear()
            prepare("s")
            for name in (FRESH, ".s.sbind-old"):
                support.stale_socket(self.hidden(name))
            self.hold("--replace").kill()
            self.assertEqual([name for name in self.names(self.dir)
                              if RENAME == "renameat" or name.endswith(
                                  FRESH_ENTRY[-4:] if prepare == self.live
                                  else "-old")],
                             ["s"] if RENAME == "renameat" else [])

    def test_what_it_has_left_and_cannot_be_removed(self):
        """A leftover cannot be removed. The lock stays, so the next start removes
        it."""
        self.leave(FRESH)
        self.expect(support.run(*support.injecting(
            "unlinkat:error=EIO:when=1", SBIND, "listen", "-H", self.address,
            "--", "true"), env=support.environment(asan="detect_leaks=0")), 0)
        self.assertEqual(self.names(self.dir), [LOCK, "s"] if PORTABLE
                         else [LOCK, FRESH_ENTRY, "s"])
        self.assertIsNone(self.wrong_with_restart(SBIND, "listen",
                                                  self.address))

    def test_a_note_of_another_file_makes_no_file_ours(self):
        support.requires_root()
        self.leave("s", note=b"\1" * 16)
        os.chown(self.sock, NOBODY, NOBODY)
        self.expect(sbind("listen", "-H", self.address, "--", "true"), 111,
                    err="path-not-ours")
        self.assertIn("s", self.names(self.dir))

    def test_a_socket_that_no_process_may_connect_to_stays(self):
        """A security module forbids the probe. The killed start has noted the inode of this
        socket."""
        support.of_linux("the note has another identity of the file elsewhere")
        self.live(FRESH)
        file = os.stat(self.path("d", FRESH))
        self.leave(note=struct.pack("QQ", file.st_dev, file.st_ino))
        self.expect(support.run(*support.injecting(
            "connect:error=EACCES", SBIND, "listen", "-H", self.address, "--",
            "true"), env=support.environment(asan="detect_leaks=0")), 0)
        support.connect("unix://" + self.path("d", FRESH)).close()

    def test_a_start_that_is_refused_keeps_the_note(self):
        support.of_linux("the note has another identity of the file elsewhere")
        support.requires_root()
        self.leave("s")
        os.chown(self.sock, NOBODY, NOBODY)
        st = os.stat(self.sock)
        with open(self.lock, "wb") as file:
            file.write(struct.pack("=QQ", st.st_dev, st.st_ino))
        self.expect(sbind("listen", "--refuse", "-H", self.address, "--",
                          "true"), 111, err="address-in-use")
        self.assertIsNone(self.wrong_with_restart(SBIND, "listen",
                                                  self.address))

    def test_a_note_that_is_cut_off_is_reported(self):
        support.requires_root()
        support.requires("prlimit")
        self.expect(support.run("prlimit", "--fsize=8", SBIND, "listen",
                                "--owner", "nobody", "-H", self.address, "--",
                                "true"), 111, err="pwrite: ENOSPC")
        self.assertEqual(self.names(self.dir), [])

    def test_this_finds_one_with_a_random_temporary_name(self):
        argv = (*PYTHON, "-c", RANDOM_TEMPORARY, self.sock)
        self.assertIsNone(self.wrong_with_restart(*argv))
        self.clear()
        self.kill_at("listen", 1, *argv)
        self.assertNotIn(self.wrong_with_restart(*argv),
                         (None, "it does not start"))

    def test_this_finds_one_who_only_binds(self):
        argv = (*PYTHON, "-c", BIND_LISTEN_CHMOD, self.sock)
        self.kill_at("listen", 1, *argv)
        self.assertEqual(self.wrong_with_restart(*argv), "it does not start")


class Swapped(PathCase):
    """While sbind starts, a user who may write to the directory replaces a name by a link to one
    of our files. That file stays as it is."""

    def setUp(self):
        super().setUp()
        os.chmod(self.dir, 0o777)
        self.victim = self.write("victim", "precious")
        os.chmod(self.victim, 0o600)

    def fate(self):
        st = os.stat(self.victim)
        with open(self.victim) as file:
            return (st.st_mode, st.st_uid, st.st_gid, st.st_nlink, st.st_mtime,
                    file.read())

    def swap(self, name, place, *argv, link=os.symlink, begin=lambda: None):
        """Replaces the name by a link to the victim, while the starter stands still.
        Returns the starter's status, whether the name still is the link, and whether
        the victim is unchanged."""
        self.clear()
        begin()
        before = self.fate()
        p = self.held(place, *argv, umask=0o077)
        self.assertTrue(p.is_held, place)
        link(self.victim, self.path("d", "link"))
        os.rename(self.path("d", "link"), self.path("d", name))
        p.go_on()
        support.wait_until(lambda: b"listening on" in p.out + p.err
                           or not p.running(), "the starter")
        status = p.kill().status
        is_left = (os.path.lexists(self.path("d", name)) and
                   (os.path.islink(self.path("d", name)) or
                    os.path.samefile(self.path("d", name), self.victim)))
        self.clear()
        return status, is_left, self.fate() == before

    def sbind(self, *options):
        return (SBIND, "listen", "--any-directory", *options, self.address)

    def test_the_socket_once_it_is_bound(self):
        options = [("--mode", "0666")]
        if os.geteuid() == 0:
            options.append(("--mode", "0666", "--owner", "nobody"))
        for option in options:
            for place in ("bind:exit", CHMOD + ":entry", "listen:entry",
                          "fchownat:entry"):
                if "fchownat" in place and "--owner" not in option:
                    continue
                with self.subTest(place, option=option):
                    _, is_left, is_same = self.swap(
                        "s", place, *self.sbind(*option))
                    self.assertTrue(is_left)
                    self.assertTrue(is_same)

    def test_a_hard_link(self):
        _, is_left, is_same = self.swap(
            "s", "bind:exit", *self.sbind("--mode", "0666"),
            link=os.link)
        self.assertTrue(is_left)
        self.assertTrue(is_same)

    def test_a_socket_of_another_user(self):
        """The victim keeps its mode and its owner."""
        support.of_linux("a socket is bound in a directory of our own elsewhere")
        support.requires_root()
        p = self.held("bind:exit",
                      *self.sbind("--mode", "0666", "--owner", "daemon"),
                      umask=0o077)
        self.assertTrue(p.is_held)
        os.unlink(self.sock)
        support.stale_socket(self.sock)
        os.chmod(self.sock, 0o600)
        os.chown(self.sock, NOBODY, NOBODY)
        p.go_on()
        self.expect(p.wait(), 111, err="path-not-ours")
        self.assertEqual(mode_of(self.sock), 0o600)
        self.assertEqual(os.stat(self.sock).st_uid, NOBODY)

    def test_this_finds_one_who_changes_the_mode_by_the_path(self):
        self.assertFalse(self.swap(
            "s", "bind:exit", *PYTHON, "-c", BIND_LISTEN_CHMOD
            .replace("0o600", "0o666"), self.sock)[2])

    def test_the_public_name_before_it_is_taken(self):
        for begin, place, *option in (
                (lambda: None, "bind:entry"),
                (lambda: support.stale_socket(self.sock), RENAME + ":entry"),
                (self.live, RENAME + ":entry", "--replace")):
            with self.subTest(place, option=option):
                self.assertEqual(self.swap(
                    "s", place, *self.sbind(*option), begin=begin),
                    (111, True, True))

    def test_the_directory_of_our_own(self):
        """Another directory takes the place of the directory that sbind uses. This changes nothing,
        because sbind holds its directory open."""
        if not PORTABLE:
            self.skipTest("there is none on Linux")
        theirs = self.path("theirs")
        os.mkdir(theirs, 0o700)
        os.rename(self.victim, os.path.join(theirs, "s"))
        self.victim = os.path.join(theirs, "s")
        for place in ("bind:exit", "fchmodat:entry", "listen:entry",
                      PUBLISH + ":entry", "unlinkat:entry"):
            with self.subTest(place):
                self.clear()
                before = self.fate()
                p = self.held(place, *self.sbind("--mode", "0666"), umask=0)
                self.assertTrue(p.is_held, place)
                os.rename(self.path("d", FRESH_ENTRY), self.path("own"))
                os.symlink(theirs, self.path("d", FRESH_ENTRY))
                p.go_on()
                p.listening()
                self.assertEqual(self.fate(), before)
                self.assertEqual(mode_of(self.sock), 0o666)
                support.connect(self.address).close()
                p.wait()
                self.assertEqual(self.names(self.path("own")), [])
                os.rmdir(self.path("own"))
        os.rename(self.victim, self.path("victim"))
        os.rmdir(theirs)

    def live(self):
        s = socket.socket(socket.AF_UNIX)
        self.addCleanup(s.close)
        s.bind(self.sock)
        s.listen()

    def test_the_hidden_names(self):
        """There are three hidden names: that of the lock, that to which a stale socket is moved,
        and that of a new socket before it replaces a live one. The test replaces each of these
        names by a link, while sbind uses the name."""
        self.assertEqual(self.swap(
            LOCK, ("connect" if PORTABLE else "bind") + ":entry",
            *self.sbind(), begin=self.live), (111, True, True))
        if not SWAPS:
            support.weaker("P5")        # a rename overwrites
        for name, begin, *option in (
                (".s.sbind-old", lambda: support.stale_socket(self.sock)),
                (FRESH, self.live, "--replace")):
            with self.subTest(name):
                status, _, is_same = self.swap(
                    name, "renameat2:entry", *self.sbind(*option),
                    begin=begin)
                self.assertEqual((status, is_same), (111, True))

    def test_this_finds_one_who_renames_over_whatever_there_is(self):
        _, is_left, _ = self.swap("s", "rename:entry", *PYTHON, "-c",
                                  RENAME_AND_LISTEN, self.sock)
        self.assertFalse(is_left)


class PosixOnly(PathCase):
    """The calls of a start with -DSBIND_PORTABLE=ON."""

    LINUX = (r"O_PATH|/proc/|SOCK_CLOEXEC|SOCK_NONBLOCK|accept4"
             r"|SO_DOMAIN|SO_PROTOCOL|^fchmod\(") + ("" if SWAPS else "|renameat2")

    def start_of(self):
        """The calls of a start, from the directory to the removal of the lock."""
        lines = support.trace("all", SBIND, "listen", "-H", self.address, "--",
                              "true", directory=self.directory)
        begin = next(i for i, line in enumerate(lines)
                     if f'"{self.dir}"' in line and "O_DIRECTORY" in line)
        end = next(i for i, line in enumerate(lines)
                   if "unlinkat" in line and f'"{LOCK}"' in line)
        return lines[begin:end + 1]

    def test_no_call_of_linux_is_made(self):
        found = [line for line in self.start_of() if re.search(self.LINUX, line)]
        if PORTABLE:
            self.assertEqual(found, [])
        else:       # this can fail
            self.assertGreater(len(found), 3)


class Closing(PathCase):
    """sbind listen closes the listener when its one client has come."""

    def serve_one(self, meanwhile):
        p = self.listen(self.address)
        p.listening()
        keep = os.open(self.sock, os.O_PATH)
        self.addCleanup(os.close, keep)
        target = meanwhile(f"/proc/self/fd/{keep}")
        with support.connect("unix://" + target):
            pass
        self.expect(p.wait(), 0)

    def test_removes_its_own_file(self):
        self.serve_one(lambda pinned: pinned)
        self.assertEqual(self.names(self.dir), [])

    def test_waits_for_the_lock_and_says_when_its_file_stays(self):
        with open(self.path("lock"), "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            p = self.listen(self.address)
            p.listening()
            os.rename(file.name, self.lock)
            support.connect(self.address).close()
            self.expect(p.wait(), 0, err="address-in-use")
            self.assertEqual(self.names(self.dir), [LOCK, "s"])

    def test_leaves_another_socket(self):
        def swap(pinned):
            os.unlink(self.sock)
            support.stale_socket(self.sock)
            return pinned
        self.serve_one(swap)
        self.assertEqual(self.names(self.dir), ["s"])

    def test_leaves_another_file(self):
        def swap(pinned):
            os.unlink(self.sock)
            with open(self.sock, "wb") as file:
                file.write(b"mine")
            return pinned
        self.serve_one(swap)
        with open(self.sock, "rb") as file:
            self.assertEqual(file.read(), b"mine")

    def test_leaves_a_file_that_was_renamed(self):
        def move(pinned):
            os.rename(self.sock, self.sock + "2")
            return pinned
        self.serve_one(move)
        self.assertEqual(self.names(self.dir), ["s2"])

    def test_leaves_the_file_of_a_successor(self):
        p = self.listen("--replace", self.address)
        p.listening()
        support.connect(self.address).close()      # before the successor
        self.expect(p.wait(), 0)
        self.assertEqual(self.names(self.dir), [])
        first = self.listen("--replace", self.address)
        first.listening()
        pin = os.open(self.sock, os.O_PATH)
        self.addCleanup(os.close, pin)
        self.hold("--replace")
        support.connect(f"unix:///proc/self/fd/{pin}").close()
        self.expect(first.wait(), 0)
        support.connect(self.address).close()
        self.assertEqual(self.names(self.dir), ["s"])

    def test_works_when_the_directory_has_moved(self):
        p = self.listen(self.address)
        p.listening()
        os.rename(self.dir, self.path("e"))
        with support.connect("unix://" + self.path("e", "s")):
            pass
        self.expect(p.wait(), 0)
        self.assertEqual(self.names(self.path("e")), [])
        shutil.rmtree(self.path("e"))


if __name__ == "__main__":
    support.main()
