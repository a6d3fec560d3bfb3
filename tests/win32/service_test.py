#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""examples/service under wine's service manager and in a console. The service is started, serves,
is stopped while a client is connected, and is started again at once."""
import subprocess
import time

import support

NAME = "sbind-echo"
ADDRESS = "npipe://service"


class Service(support.Case):
    def sc(self, *words, status=0):
        """wine's sc starts slowly. Its exit status says what it did."""
        done = self.run_program(*support.WINE, "sc.exe", *words)
        self.assertEqual(done.status, status, done)

    def program(self):
        return "Z:" + str(support.BUILD / "examples/service.exe").replace(
            "/", "\\")

    def echo(self, word):
        return self.run_program(*support.program(
            "examples/echo_client.exe", ADDRESS, word)).status == 0

    def await_service(self, is_there):
        """Waits until a process listens, or until none does any more."""
        end = time.monotonic() + support.system.WAIT
        while self.echo("still there?") != is_there:
            self.assertLess(time.monotonic(), end)
            time.sleep(.1)

    def remove(self):
        """Also removes what an interrupted run has left."""
        for word in ("stop", "delete"):
            self.run_program(*support.WINE, "sc.exe", word, NAME)

    def test_under_the_service_manager(self):
        self.remove()
        self.addCleanup(self.remove)
        self.sc("create", NAME, f"binPath={self.program()} {ADDRESS}")
        for _ in range(2):
            self.sc("start", NAME)
            self.await_service(True)
            client = subprocess.Popen(
                support.program("sbind.exe", "connect", ADDRESS),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            try:
                client.stdin.write(b"hello\n")
                client.stdin.flush()
                self.assertEqual(client.stdout.readline().strip(), b"hello")
                self.sc("stop", NAME)
                self.assertEqual(client.stdout.read(), b"")
            finally:
                client.kill()
                client.wait()
                client.stdin.close()
                client.stdout.close()
            self.await_service(False)

    def test_it_ends_when_it_is_full(self):
        """More clients come than the service serves at once. All of them are idle."""
        self.remove()
        self.addCleanup(self.remove)
        self.sc("create", NAME, f"binPath={self.program()} {ADDRESS}")
        self.sc("start", NAME)
        self.await_service(True)
        clients = self.start(*support.program("tests/win32/clients.exe",
                                              ADDRESS, "idle", "66"))
        support.system.wait_until(lambda: b"66 idle" in clients.out,
                                  "66 clients")
        self.sc("stop", NAME)
        self.await_service(False)
        self.assertEqual(clients.wait().status, 0)

    def test_in_a_console(self):
        server = self.start(*support.program("examples/service.exe",
                                             "--console", ADDRESS))
        self.assertEqual(server.listening()[0].strip(), ADDRESS)
        self.assertTrue(self.echo("hello"))
        server.kill()

    def test_by_hand_it_says_how_to_start_it(self):
        done = self.run_program(*support.program("examples/service.exe"))
        self.assertEqual(done.status, 1, done)
        self.assertIn(b"--console", done.err)


if __name__ == "__main__":
    support.main()
