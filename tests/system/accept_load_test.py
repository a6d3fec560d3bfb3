#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""sbind listen as a super-server under load.

Promises: P51
"""
import signal

import support
from support import SBIND

ECHO = support.peer("accept_echo")
LOAD = support.peer("accept_load")
with open(SBIND, "rb") as program:
    CLIENTS = 1000 if b"__asan_init" in program.read() else 10000


class Load(support.Case):
    def test_nobody_is_lost(self):
        """Serves 10,000 clients over each kind of socket. 200 come at once, twice as many as may
        be served. Checks that no process is left."""
        path = self.path("s")
        p = self.listen("--accept", "--inetd", "--max-connections", "100",
                        "-H", "tcp://127.0.0.1:0", "-H", "unix://" + path,
                        "--", ECHO)
        port = str(support.port_of(p.listening(2)[0]))
        for kind, where in (("tcp", port), ("unix", path)):
            done = support.run(LOAD, kind, where, str(CLIENTS), "200",
                               timeout=140)
            self.expect(done, 0, out=f"{CLIENTS} served, 0 lost\n", err="")
        support.wait_until(lambda: support.family(p.pid) == [p.pid],
                           "every process to be taken leave of")
        done = p.kill(signal.SIGTERM)
        self.assertEqual(done.status, -signal.SIGTERM, done)
        self.assertEqual(done.err.count(b"\n"), 2, done)
        self.assertEqual(self.names(), [])


if __name__ == "__main__":
    support.main()
