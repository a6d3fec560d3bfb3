#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Two users who start on one path, one after the other, and directories in which other
users can write.

Promises: P9 P46
"""
import os
import pwd
import re
import shutil
import signal

import support
from support import SBIND

USER = "www-data"


class UserCase(support.PathCase):
    """A directory of www-data, in which root starts as well."""

    def setUp(self):
        super().setUp()
        support.requires_root()
        support.requires("setpriv")
        try:
            self.user = pwd.getpwnam(USER)
        except KeyError:
            support.lacking("there is no user " + USER)
        os.chmod(self.directory, 0o755)
        os.chown(self.dir, self.user.pw_uid, self.user.pw_gid)
        # a copy that other users can reach, wherever the build directory is
        program = shutil.copy(SBIND, self.path("sbind"))
        as_user = ("setpriv", f"--reuid={self.user.pw_uid}",
                   f"--regid={self.user.pw_gid}", "--clear-groups")
        listen = (program, "listen", "-v")
        self.starters = {
            "root": (*listen, "--any-directory"),
            "root for the user": (*listen, "--any-directory", "--owner",
                                  USER),
            "the user": (*as_user, *listen)}
        self.env = support.environment(asan="detect_leaks=0")

    def serve(self, starter):
        """Serves one client."""
        p = self.start(*self.starters[starter], self.address, env=self.env)
        p.listening()
        return p

    def serves_and_ends(self, starter):
        p = self.serve(starter)
        self.assertEqual(self.names(self.dir), ["s"])
        owner = 0 if starter == "root" else self.user.pw_uid
        self.assertEqual(os.stat(self.sock).st_uid, owner)
        support.connect(self.address).close()
        self.expect(p.wait(), 0)
        self.assertEqual(self.names(self.dir), [])

    def snapshot(self):
        """Everything in the directory except the lock. The next start removes the lock of a killed
        start, even if this next start is refused."""
        found = support.snapshot(self.dir)
        found.pop(".s.sbind", None)
        return found

    def is_refused(self, starter, error):
        before = self.snapshot()
        self.expect(support.run(*self.starters[starter], self.address,
                                env=self.env), 111, err=error)
        self.assertEqual(self.snapshot(), before)


class InTurn(UserCase):
    def test_each_starts_where_another_has_ended(self):
        """tikv/tikv#12399"""
        for first in self.starters:
            for second in self.starters:
                with self.subTest(first=first, second=second):
                    self.serves_and_ends(first)
                    self.serves_and_ends(second)

    def test_a_socket_is_reclaimed_for_its_owner(self):
        """A process that may not know that the file is stale leaves it alone."""
        strangers = {("root", "the user"), ("root for the user", "root"),
                     ("the user", "root")}
        for first in self.starters:
            for second in self.starters:
                with self.subTest(first=first, second=second):
                    self.clear()
                    self.serve(first).kill()
                    if (first, second) in strangers:
                        self.is_refused(second, r"\(path-not-ours\)")
                    else:
                        self.serves_and_ends(second)

    def test_each_is_refused_where_another_listens(self):
        for first in self.starters:
            for second in self.starters:
                with self.subTest(first=first, second=second):
                    p = self.serve(first)
                    self.is_refused(
                        second, r"\((address-in-use|path-not-ours)\)")
                    support.connect(self.address).close()
                    self.expect(p.wait(), 0)


class KilledBesideRoot(UserCase):
    """A process was killed while it started or closed, and has left its lock."""

    def ends(self, p):
        support.connect(self.address).close()
        return p.wait()

    def test_root_closes_where_a_start_of_the_user_was_killed(self):
        p = self.serve("root")
        lock = os.path.join(self.dir, ".s.sbind")
        open(lock, "wb").close()
        os.chown(lock, self.user.pw_uid, self.user.pw_gid)
        self.expect(self.ends(p), 0, err=f"^.*{self.address}\n$")
        self.assertEqual(self.names(self.dir), [])

    def test_the_user_starts_where_root_was_killed_as_it_closed(self):
        argv = support.injecting("flock:signal=KILL:when=2",
                                 *self.starters["root"], self.address)
        p = self.start(*argv, env=self.env)
        p.listening()
        self.ends(p)
        self.assertEqual(self.names(self.dir), [".s.sbind", "s"])
        os.unlink(self.sock)                 # which is root's
        self.serves_and_ends("the user")


class KilledWhileStarting(UserCase):
    """A start is killed at each call in turn. The next start works and leaves nothing,
    unless its user must leave the socket alone."""

    # The calls at which a start is killed.
    CALLS = ("openat", "fchown", "flock", "bind", "pwrite64", "fchownat",
             "chmod", "listen", "unlinkat", "mkdirat", "fchmodat", "linkat")

    def places(self, argv):
        """The calls of a start in the directory, as strace counts them."""
        self.clear()
        lines = support.trace(",".join(self.CALLS), *argv, "-H", self.address,
                              "--", "true", directory=self.directory)
        counts = {}
        for line in lines:
            name = support.CALL.match(line).group(1)
            counts[name] = counts.get(name, 0) + 1
            if name != "openat" or re.search(r'"\.s\.sbind"|"s"', line):
                yield name, counts[name]

    def killed(self, argv, call, when):
        self.clear()
        done = support.run(*support.injecting(
            f"{call}:signal=KILL:when={when}", *argv, "-H", self.address,
            "--", "true"), env=self.env)
        self.assertIn(done.status, (-signal.SIGKILL, 128 + signal.SIGKILL))

    def obstacle(self, starter):
        """The error if this starter may not start, or None if it may. If the lock has a note, the
        note says which file was about to get another owner."""
        uid = self.user.pw_uid
        theirs = {"root": (0,), "the user": (uid,),
                  "root for the user": (0, uid)}[starter]
        files = {name: os.lstat(os.path.join(self.dir, name))
                 for name in self.names(self.dir)}
        lock, sock = files.get(".s.sbind"), files.get("s")
        if lock and lock.st_uid == 0 and starter == "the user":
            return r"openat: EACCES.*\n.*\n.*\.sbind"
        if sock and sock.st_uid not in theirs and not (lock and lock.st_size):
            return r"\(path-not-ours\)"
        return None

    def meets_another(self, starter):
        """With POSIX only, the other user's start may have left its directory, with the
        socket in it."""
        own = os.path.join(self.dir, ".s.sbind-d")
        uid = self.user.pw_uid if starter == "the user" else 0
        if os.path.isdir(own) and os.stat(own).st_uid != uid:
            support.weaker("P9")

    def starts(self, starter):
        self.meets_another(starter)
        error = self.obstacle(starter)
        if error is not None:
            self.is_refused(starter, error)
            starter = "root for the user"
        self.serves_and_ends(starter)

    def test_each_starts(self):
        for first, argv in self.starters.items():
            places = list(self.places(argv))
            self.assertIn(("bind", 1), places)
            for call, when in places:
                for second in self.starters:
                    with self.subTest(first=first, call=call, when=when,
                                      second=second):
                        self.killed(argv, call, when)
                        self.starts(second)


class KilledWithAnotherGroup(KilledWhileStarting):
    """A user without privileges gives the socket file to one of the user's own
    groups."""

    def setUp(self):
        super().setUp()
        group = "4242"
        as_member = ("setpriv", f"--reuid={self.user.pw_uid}",
                     f"--regid={self.user.pw_gid}", f"--groups={group}")
        listen = self.starters["the user"][-3:]
        self.starters = {
            "the user": (*as_member, *listen, "--group", group),
            "replacing": (*as_member, *listen, "--replace", "--group", group)}

    def obstacle(self, starter):
        return None


class Impostors(UserCase):
    """Another user has taken the name. A client that does not check the user sends everything to
    that user."""

    def setUp(self):
        super().setUp()
        self.abstract = "unix://@" + support.abstract_name(self)

    def tell(self, address, *options):
        """Runs a server of this user. Returns what a client sends to it."""
        server = self.start(*self.starters["the user"], address, env=self.env)
        server.listening()
        done = support.sbind("connect", *options, address, input=b"the secret")
        return done, server.wait().out

    def test_nothing_is_sent_to_another_user(self):
        for address in (self.address, self.abstract):
            with self.subTest(address):
                done, got = self.tell(address, "--unix-owner", "root")
                self.expect(done, 111, out="", err=r"this is not the server that was "
                            r"asked for \(wrong-server\)")
                self.assertEqual(got, b"")

    def test_a_client_that_does_not_ask_is_fooled(self):
        for address in (self.address, self.abstract):
            for options in ((), ("--unix-owner", USER),
                            ("--unix-owner", str(self.user.pw_uid))):
                with self.subTest(address, options=options):
                    if options:
                        support.weaker("P46")
                    done, got = self.tell(address, *options)
                    self.expect(done, 0, err="")
                    self.assertEqual(got, b"the secret")


class Kinds(support.PathCase):
    """Directories of real systems to which other users can write. sbind refuses these directories,
    with a hint that says what to do. sbind accepts them if the options ask for this."""

    def setUp(self):
        super().setUp()
        support.requires_root()
        os.chmod(self.directory, 0o755)

    def is_a_choice(self, *options, before=()):
        argv = (*before, SBIND, "listen", *options, "-H", self.address)
        snapshot = support.snapshot(self.dir)
        self.expect(support.run(*argv, "--", "true"), 111, out="",
                    err=r"\(unsafe-directory\)\n.*\n  hint: .*--any-directory")
        self.assertEqual(support.snapshot(self.dir), snapshot)
        p = self.start(*argv, "-v", "--any-directory", "--", "sleep", "60")
        p.listening()
        support.connect(self.address).close()

    def test_everybodys(self):
        """An emptyDir of Kubernetes."""
        os.chmod(self.dir, 0o777)
        self.is_a_choice()

    def test_a_groups(self):
        """A directory like /run/postgresql on Debian."""
        os.chown(self.dir, support.NOBODY, support.NOBODY)
        os.chmod(self.dir, 0o2775)
        self.is_a_choice()
        self.clear()
        os.chown(self.dir, 0, support.NOBODY)
        os.chmod(self.dir, 0o2775)
        self.is_a_choice()

    def test_that_of_the_user_that_the_command_runs_as(self):
        """The RuntimeDirectory= of a service."""
        user = pwd.getpwnam("nobody")
        os.chown(self.dir, user.pw_uid, user.pw_gid)
        self.is_a_choice("--user", "nobody")

    def test_one_that_nobody_has_in_a_user_namespace(self):
        """The owner is that of /tmp in a rootless container (containers/toolbox#1480). The user
        namespace has no number for that user."""
        support.requires("unshare")
        within = ("unshare", "--user", "--map-root-user", "--")
        done = support.run(*within, "true")
        if done.status != 0:
            support.lacking(f"no user namespace can be made here: {done.err}")
        os.chown(self.dir, 1000, 1000)
        os.chmod(self.dir, 0o1777)
        self.is_a_choice(before=within)


if __name__ == "__main__":
    support.main()
