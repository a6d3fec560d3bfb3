#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs the command as it is shipped. wine logs its calls, and the test checks arguments whose
effect wine does not enforce.

Promises: P16 P31 P32 P35 P36
"""
import re

import support

CALL = re.compile(
    rb'Call (?:KERNEL32|ws2_32)\.(CreateNamedPipeW|CreateFileW|WSASocketW'
    rb'|setsockopt|accept|WSAAccept)\((.*?)\) ret=')

REJECT_REMOTE, FIRST = 0x8, 0x00080000
OVERLAPPED, DUPLEX = 0x40000000, 3
SQOS_PRESENT, IDENTIFICATION = 0x00100000, 0x00010000
CREATE_PIPE_INSTANCE, GENERIC_WRITE, GENERIC_ALL = 0x4, 0x40000000, 0x10000000
SOL_SOCKET, REUSEADDR, EXCLUSIVEADDRUSE = 0xffff, 4, 0xfffffffb
NO_HANDLE_INHERIT = 0x80


def calls(log, name):
    """For each call of this name, the text of its arguments, and those arguments that are numbers.
    wine prints registers of 64 bits. The number is in the lower 32."""
    found = []
    for match in CALL.finditer(log):
        if match.group(1).decode() == name:
            words = re.sub(rb'[0-9a-f]+ L".*?"', b"", match.group(2)).split(b",")
            found.append((match.group(2), [int(word, 16) & 0xffffffff
                                           for word in words if word]))
    return found


class Relay(support.Case):
    def environment(self):
        return support.system.environment(WINEDEBUG="+relay")

    def listen(self, address):
        """The log of sbind listen, with one client."""
        server = self.start(*support.sbind("listen", address),
                            env=self.environment())
        where = support.system.wait_until(
            lambda: re.search(rb"(?m)^sbind: listening on (\S+)$", server.err),
            "sbind to listen", 60).group(1).decode()
        client = self.run_program(*support.sbind("connect", where),
                                  env=self.environment())
        self.assertEqual(client.status, 0)
        return server.wait(60).err, client.err

    def test_a_pipe(self):
        server, client = self.listen("npipe://relay")
        made = [a for text, a in calls(server, "CreateNamedPipeW")
                if rb"pipe\\relay" in text]
        self.assertGreaterEqual(len(made), 5)
        for i, (mode, pipe_mode, most, _, _, _, attributes) in enumerate(made):
            self.assertEqual(
                mode, OVERLAPPED | DUPLEX | (FIRST if i == 0 else 0))
            self.assertEqual(pipe_mode, REJECT_REMOTE)
            self.assertEqual(most, 255)
            self.assertNotEqual(attributes, 0)
        opened = [a for text, a in calls(client, "CreateFileW")
                  if rb"pipe\\relay" in text]
        self.assertEqual(len(opened), 1)
        access, share, attributes, _, flags, _ = opened[0]
        self.assertEqual(access & (CREATE_PIPE_INSTANCE | GENERIC_WRITE
                                   | GENERIC_ALL), 0)
        self.assertEqual((share, attributes), (0, 0))
        self.assertEqual(flags & 0x001f0000, SQOS_PRESENT | IDENTIFICATION)

    def test_tcp(self):
        server, client = self.listen("tcp://127.0.0.1:0")
        for log, count in (server, 2), (client, 1):
            sockets = calls(log, "WSASocketW")
            self.assertEqual(len(sockets), count)
            for _, arguments in sockets:
                self.assertTrue(arguments[5] & NO_HANDLE_INHERIT)
        for name in "accept", "WSAAccept":
            self.assertEqual(calls(server, name), [])
        names = [a[2] for _, a in calls(server, "setsockopt")
                 if a[1] == SOL_SOCKET]
        self.assertIn(EXCLUSIVEADDRUSE, names)
        self.assertNotIn(REUSEADDR, names)


if __name__ == "__main__":
    support.main()
