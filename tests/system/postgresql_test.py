#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""PostgreSQL in a directory that sbind uses, too. The lock file of PostgreSQL has the name of the
socket and ".lock" (patroni/patroni#3115).

Promises: P11 P20
"""
import glob
import os
import pwd
import shutil
import signal
import tempfile

import support
from support import SBIND, example

PORT = 5433
OTHER_PORT = 5432
LONG_WAIT = 120               # seconds; it has much to do at its first start


def server_program(name):
    """Finds a program of the server. Debian has a directory for each version."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    program = found[-1] if found else shutil.which(name)
    return program or support.lacking(name + " is not installed")


class InOneDirectory(support.PathCase):
    @classmethod
    def setUpClass(cls):
        support.requires_root()
        support.requires("setpriv")
        cls.programs = {name: server_program(name)
                        for name in ("initdb", "postgres", "psql")}
        try:
            cls.user = pwd.getpwnam("postgres")
        except KeyError:
            support.lacking("there is no user postgres")
        cls.as_user = ("setpriv", f"--reuid={cls.user.pw_uid}",
                       f"--regid={cls.user.pw_gid}", "--clear-groups")
        cls.home = tempfile.mkdtemp(prefix="sbind-", dir="/tmp")
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        os.chown(cls.home, cls.user.pw_uid, cls.user.pw_gid)
        cls.data = os.path.join(cls.home, "data")
        done = support.run(*cls.as_user, cls.programs["initdb"], "--no-sync",
                           "--auth=trust", "--no-locale", "--encoding=UTF8",
                           "--no-instructions", cls.data, cwd=cls.home,
                           timeout=LONG_WAIT)
        if done.status != 0:
            raise AssertionError(done)

    def setUp(self):
        super().setUp()
        os.chmod(self.directory, 0o755)
        os.chown(self.dir, self.user.pw_uid, self.user.pw_gid)
        # a copy that other users can reach, wherever the build directory is
        self.sbind = shutil.copy(SBIND, self.path("sbind"))
        self.leaky = support.environment(asan="detect_leaks=0")

    def postgres(self, port=PORT):
        """The server, once it is ready."""
        p = self.start(*self.as_user, self.programs["postgres"], "-D",
                       self.data, "-k", self.dir, "-p", str(port), "-F",
                       "-c", "listen_addresses=", cwd=self.home)
        self.addCleanup(self.quit, p)

        def ready():
            self.assertTrue(p.running(), p.err)
            return b"ready to accept connections" in p.err
        support.wait_until(ready, "PostgreSQL", LONG_WAIT)
        return p

    def quit(self, p):
        if p.running():
            p.end(signal.SIGINT)
            self.expect(p.wait(LONG_WAIT), 0)

    def answers(self, port=PORT):
        self.expect(support.run(
            *self.as_user, self.programs["psql"], "-X", "-A", "-t", "-h",
            self.dir, "-p", str(port), "-c", "select 1", "postgres",
            cwd=self.home), 0, out="1\n", err="")

    def of(self, port):
        """The address of the socket that PostgreSQL has for a port."""
        return f"unix://{self.dir}/.s.PGSQL.{port}"

    def ours(self, *argv):
        """sbind as the same user."""
        return (*self.as_user, self.sbind, *argv)

    def hold_as_postgres(self, port):
        p = self.start(*self.ours("listen", "-v", "-H", self.of(port), "--",
                                  "sleep", "60"))
        p.listening()
        return p

    def test_where_sbind_has_listened(self):
        for argv in (self.ours("listen", "-H", self.of(PORT), "--", "true"),
                     (SBIND, "listen", "--any-directory", "--owner",
                      "postgres", "-H", self.of(PORT), "--", "true")):
            with self.subTest(argv):
                self.expect(support.run(*argv, env=self.leaky), 0)
                p = self.postgres()
                self.answers()
                self.quit(p)
                self.assertEqual(self.names(self.dir), [])

    def test_where_sbind_was_killed(self):
        self.hold_as_postgres(PORT).kill()
        p = self.postgres()
        self.answers()
        self.quit(p)
        self.assertEqual(self.names(self.dir), [])

    def test_while_sbind_listens_there(self):
        other = self.hold_as_postgres(OTHER_PORT)
        p = self.postgres()
        self.answers()
        support.connect(self.of(OTHER_PORT)).close()
        self.quit(p)
        self.assertTrue(other.running())
        self.assertEqual(self.names(self.dir), [f".s.PGSQL.{OTHER_PORT}"])

    def test_where_sbind_listens(self):
        """PostgreSQL takes the name from every server that has no lock file of
        PostgreSQL's kind. When that server closes, PostgreSQL keeps the name."""
        program = shutil.copy(example("web_server"), self.path("server"))
        server = self.start(*self.as_user, program, "-H", self.of(PORT),
                            env=self.leaky)
        server.listening()
        self.postgres()
        self.answers()
        self.expect(server.kill(signal.SIGTERM), 0)
        self.answers()

    def test_sbind_where_postgresql_listens(self):
        self.postgres()
        before = support.snapshot(self.dir)
        for options in ((), ("--refuse",)):
            self.expect(support.run(*self.ours(
                "listen", *options, "-H", self.of(PORT), "--", "true"),
                env=self.leaky), 111, err=r"\(address-in-use\)")
        self.assertEqual(support.snapshot(self.dir), before)
        self.hold_as_postgres(OTHER_PORT)
        support.connect(self.of(OTHER_PORT)).close()
        self.answers()

    def test_sbind_where_postgresql_was_killed(self):
        self.postgres().kill()
        socket_file, lock = f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"
        self.assertEqual(self.names(self.dir), [socket_file, lock])
        theirs = support.snapshot(self.dir)[lock]
        held = self.hold_as_postgres(PORT)
        support.connect(self.of(PORT)).close()
        self.assertEqual(self.names(self.dir), [socket_file, lock])
        self.assertEqual(support.snapshot(self.dir)[lock], theirs)
        held.kill()
        self.postgres()
        self.answers()


if __name__ == "__main__":
    support.main()
