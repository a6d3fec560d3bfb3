#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Does a static command work in a root directory without any other file: no /proc, /etc, /dev or
/tmp, as in a container that holds one program? And does it say what is missing when it has to
resolve a name?"""
import os
import shutil
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SBIND_SOURCE_DIR"], "tests/system"))
import support

UNKNOWN = r"\(not-resolved\); getaddrinfo: EAI_AGAIN"


class EmptyRoot(support.Case):
    def setUp(self):
        super().setUp()
        support.requires_root()
        support.requires("chroot")
        root = self.path("root")
        os.mkdir(root, 0o755)
        shutil.copy(support.SBIND, os.path.join(root, "sbind"))
        os.mkdir(os.path.join(root, "run"), 0o755)
        if support.run("chroot", root, "/sbind", "help").status == 127:
            self.skipTest("the command is not static")

    def begin(self, *argv, stdin=subprocess.DEVNULL):
        p = subprocess.Popen(("chroot", self.path("root"), "/sbind", *argv),
                             stdin=stdin, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        self.addCleanup(p.kill)
        return p

    def meets(self, address):
        """The listening and the connecting command both run in the empty root."""
        server = self.begin("listen", address)
        at = server.stderr.readline().decode().split()[-1]
        client = self.begin("connect", at, stdin=subprocess.PIPE)
        out, err = client.communicate(b"from the client", support.WAIT)
        self.assertEqual((out, err, client.returncode), (b"", b"", 0))
        out, err = server.communicate(None, support.WAIT)
        self.assertEqual((out, server.returncode), (b"from the client", 0), err)

    def test_listens_and_connects(self):
        for address in ("tcp://127.0.0.1:0", "tcp://[::1]:0", "unix:///run/s",
                        "unix://@sbind-test-" + os.path.basename(
                            self.directory)):
            with self.subTest(address):
                self.meets(address)
        self.assertEqual(os.listdir(self.path("root", "run")), [])

    def test_takes_the_place_of_a_stale_socket(self):
        path = self.path("root", "run", "s")
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(path)
        self.meets("unix:///run/s")
        self.assertEqual(os.listdir(self.path("root", "run")), [])

    def test_a_mode(self):
        """fchmodat2 sets the mode, or the error says what is missing."""
        server = self.begin("listen", "--mode", "0666", "unix:///run/s")
        line = server.stderr.readline().decode()
        if "chmod" in line:
            rest = server.communicate(None, support.WAIT)[1].decode()
            self.assertRegex(line + rest, "this mode needs /proc, or Linux 6.6")
            return
        mode = os.stat(self.path("root", "run", "s")).st_mode
        self.assertEqual(mode & 0o777, 0o666)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.path("root", "run", "s"))
        server.communicate(None, support.WAIT)

    def test_a_name_is_not_known(self):
        p = self.begin("listen", "tcp://no.such.name.invalid:80")
        err = p.communicate(None, support.WAIT)[1].decode()
        self.assertEqual(p.returncode, 111, err)
        self.assertRegex(err, UNKNOWN)
        self.assertRegex(err, "hint: /etc/hosts does not have the name, and no "
                         "name server answers")

    def test_a_user_is_not_known(self):
        p = self.begin("listen", "--user", "nobody", "-H", "tcp://127.0.0.1:0",
                       "--", "/sbind", "help")
        err = p.communicate(None, support.WAIT)[1].decode()
        self.assertEqual(p.returncode, 2, err)
        self.assertIn("--user takes a user of this machine, or a number", err)

    def test_a_user_by_number(self):
        p = self.begin("listen", "--user", "65534",
                       "--primary-group", "65534", "-H", "tcp://127.0.0.1:0",
                       "--", "/sbind", "parse", "tcp://127.0.0.1:80")
        out, err = p.communicate(None, support.WAIT)
        self.assertEqual((p.returncode, err), (0, b""))
        self.assertIn(b"127.0.0.1", out)


if __name__ == "__main__":
    support.main()
