#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs examples/echo_server in one process, and clients in another: 1,000 one after the other,
and then 50 at once. Every exchange has to come back complete, and the server has to count exactly
these clients.

Promises: P16 P31
"""
import support

SEQUENTIAL, PARALLEL = 1000, 50


class PingPong(support.Case):
    def exchanges(self, address):
        server = self.start(*support.program(
            "examples/echo_server.exe", address, str(SEQUENTIAL + PARALLEL)))
        where = server.listening()[0].rstrip("\r")
        done = self.run_program(*support.program(
            "tests/win32/clients.exe", where, str(SEQUENTIAL), str(PARALLEL)))
        self.assertEqual(done.status, 0, done)
        self.assertIn(b"%d exchanges" % (SEQUENTIAL + PARALLEL), done.out)
        self.assertEqual(server.wait().status, 0)

    def test_a_pipe(self):
        self.exchanges("npipe://ping-pong")

    def test_tcp(self):
        self.exchanges("tcp://127.0.0.1:0")

    def test_a_second_server_is_refused(self):
        self.start(*support.program("examples/echo_server.exe",
                                    "npipe://ping-pong")).listening()
        for name in ("npipe://ping-pong", "npipe://PING-pong"):
            self.expect(self.run_program(*support.program(
                "examples/echo_server.exe", name)), 1, err="address-in-use")
        self.expect(self.run_program(*support.program(
            "examples/echo_client.exe", "npipe://ping-pong", "still there?")),
            0, out=b"still there?\r\n")


if __name__ == "__main__":
    support.main()
