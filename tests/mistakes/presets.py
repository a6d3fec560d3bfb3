# SPDX-License-Identifier: MIT OR Apache-2.0
"""The check PRESET/TEST: ctest runs TEST in a copy of the sources that was built with
PRESET.

If the mistake has "expect", TEST is a program of tests/win32. The program runs only the test that
"expect" names, and has to report that this test FAILED.
"""
import os
import subprocess

from tree import ROOT, Caught, Trouble, call, first, need

# The programs that Python tests run. In presets for other machines they run only the first of these
# programs.
PROGRAMS = ("sbind_command", "activation_probe", "answers_probe", "listen_probe",
            "notify_probe", "restart", "seccomp_errno", "call_hold", "web_server",
            "event_server", "accept_echo", "accept_load", "client", "echo_client",
            "echo_server", "poll_client", "libevent_client", "libuv_server")


class Checker:
    def __init__(self, root, _, preset):
        self.root, self.preset, self.stays = root, preset, None
        self.wine = [root / "cmake/wine", root / "build/mingw/wine"]
        if preset == "glibc-2.17": # whose compiler is not a part of the sources
            need("zig", "(.*)", ROOT / "tests/portability/zig.sh")
            (root / "build").mkdir()
            (root / "build/zig").symlink_to(ROOT / "build/zig")
        need("cmake", "(.*rror.*)", "cmake", "--preset", preset,
             "-DSBIND_BUILD_TESTS=ON", cwd=root)

    def build(self, test):
        """Builds only what the test runs. This saves time, because the library has to be built
        again for each mistake."""
        if any((self.root / "tests" / room / (test + ".sh")).is_file()
               for room in ("package", "portability")):
            return # it makes builds of its own
        everything = self.preset in ("release", "portable", "portable-swaps")
        targets = PROGRAMS if everything else PROGRAMS[:1]
        program = test.removeprefix("valgrind_")
        if (list((self.root / "tests").glob("*/%s.c" % program))
                or program.startswith("replay_")):
            targets = [program]
        need("cc", "(.*error.*)", "cmake", "--build", "--preset", self.preset,
             "-j", os.cpu_count() or 1, "--target", *targets, cwd=self.root)

    def check(self, mistake):
        test = mistake["check"].partition("/")[2]
        self.build(test)
        if mistake.get("expect"):
            self.one_case(mistake["check"], test, mistake["expect"])
            return
        if self.preset == "mingw":
            self.start_wine()
        done = call("ctest", "--preset", self.preset, "-R", "^%s$" % test,
                    "-FA", "^wine$", cwd=self.root) # no test ends the wineserver that stays
        if "No tests were found" in done.stdout or "Skipped" in done.stdout:
            raise Trouble("there is no %s, or it cannot run here" % test)
        if done.returncode:
            raise Caught(mistake["check"], first(
                r"^(?:\[  FAILED  \] (?:\w+: )?|(?:FAIL|ERROR): )(\w+)",
                done.stdout))

    def one_case(self, check, test, case):
        program = self.root / "build/mingw/tests/win32" / (test + ".exe")
        self.start_wine()
        try:
            done = call(*self.wine, program, case, cwd=self.root, seconds=60)
        except subprocess.TimeoutExpired:
            raise Caught(check, case) from None # the test's own limit
        if done.returncode:
            raise Caught(check, case if "FAILED" in done.stdout else done.stdout)

    def start_wine(self):
        """Keeps a wineserver running, so that no test waits for it to start. Two programs that
        start it at once can wait for each other."""
        if self.stays:
            return
        need("wine", "(.*)", *self.wine, "--prepare")
        self.build("sbind")
        self.stays = subprocess.Popen(
            [*self.wine, self.root / "build/mingw/sbind.exe", "adapter"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.stays.stdin.write(b"parse -\n")
        self.stays.stdin.flush()
        self.stays.stdout.readline()

    def close(self):
        if self.stays:
            self.stays.communicate()
            call(*self.wine, "--end")
