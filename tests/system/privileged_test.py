#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Does a program with raised privileges (AT_SECURE) ignore LISTEN_*?

Promises: P23
"""
import os
import shutil

import support

PROBE = support.from_environment("SBIND_PROBE")
NOBODY = 65534
OTHER = 1000


class Privileged(support.Case):
    def setUp(self):
        super().setUp()
        support.requires("setpriv")
        support.requires_root()
        if os.statvfs(self.directory).f_flag & os.ST_NOSUID:
            support.unavailable(self.directory + " is mounted nosuid")
        os.chmod(self.directory, 0o711)
        self.program = shutil.copy(PROBE, self.path("probe"))

    def answer(self, owner, mode, pid="$$", fds="1"):
        """What the program prints for the user OTHER, who has set LISTEN_*."""
        os.chown(self.program, owner, owner)
        os.chmod(self.program, mode)
        done = self.expect(support.run(
            "setpriv", f"--reuid={OTHER}", f"--regid={OTHER}",
            "--clear-groups", "sh", "-c",
            f"LISTEN_PID={pid} LISTEN_FDS={fds} LISTEN_FDNAMES=a exec "
            + self.program,
            env=support.environment(asan="detect_leaks=0")), 0, err="")
        return done.out.decode().splitlines()

    def test_a_set_user_id_program_is_passed_nothing(self):
        self.assertEqual(self.answer(OTHER, 0o755), ["passed 1", "getenv 1"])
        self.assertEqual(self.answer(NOBODY, 0o4755), ["none 0", "getenv 1"])
        self.assertEqual(self.answer(0, 0o4755), ["none 0", "getenv 1"])

    def test_nor_a_set_group_id_program(self):
        self.assertEqual(self.answer(NOBODY, 0o2755), ["none 0", "getenv 1"])

    def test_nor_is_it_refused_by_what_its_caller_puts_there(self):
        self.assertEqual(self.answer(OTHER, 0o755, fds="x"),
                         ["bad-listen-fds", "getenv x"])
        self.assertEqual(self.answer(NOBODY, 0o4755, fds="x"),
                         ["none 0", "getenv x"])
        self.assertEqual(self.answer(NOBODY, 0o4755, pid="x"),
                         ["none 0", "getenv 1"])


if __name__ == "__main__":
    support.main()
