#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Do sbind check --json and sbind explain --json say exactly what the commands say to a person,
in JSON of printable ASCII?

Promises: P42
"""
import json
import os
import re

import support
from support import SBIND, sbind

TEXTS = [
    b"tcp://127.0.0.1:80", b"tcp://[FE80::1%eth0]:0", b"tcp://LocalHost:1",
    b"tcp://*:80", b"tcp://", b"tcp://224.0.0.1:1", b"tcp://[::ffff:1.2.3.4]:1",
    b"unix:///run/app.sock", b"unix:///s", b"unix://relative/s", b"unix://@name",
    b"unix:///a//b", b"unix:///" + b"n" * 256, b"unix://@" + b"n" * 108,
    b"fd://", b"fd://*", b"fd://3", b"fd://70000", b"fd://web", b'fd://a"b',
    b"npipe://x", b"npipe:////srv/pipe/a", b"x", b"", b"tcp://h:080",
    b"unix:///\x01", b"unix:///\x7f", b"tcp://1.2.3.4:99999", b"unix:///tmp/%n%s\\\"",
    # UTF-8 of one to four octets, and octets that only look like UTF-8
    "unix:///\u00e9\u20ac\U0001f600\U0010ffff\u202e".encode(),
    b"unix:///\xc3", b"unix:///\xff/\xc3\xa9", b"unix:///\xc0\x80",
    "unix:///\u0080\u07ff\u0800\uffff\U00010000".encode(),
    b"unix:///\xed\xa0\x80", b"unix:///\xed\x9f\xbf\xee\x80\x80",
    b"unix:///\xed\xbf\xbf", b"unix:///\xc1\xbf",
    b"unix:///\xf4\x90\x80\x80", b"unix:///\xf0\x8f\xbf\xbf",
    b"unix:///\xe0\x9f\xbf", b"unix:///\x80", b"unix:///\xf5\x80\x80\x80",
    b"unix:///\xc2\x9b31m\x9b31m\x1b[31m", b"unix:///\xe2\x82/x",
    b"tcp://\xc3\xa9:1", b"fd://\xe9", b"\x1b[31m",
]
POLICIES = ((), ("--strict",), ("--loopback",), ("--within=/run",),
            ("--scheme=unix", "--portable"))


def octets(answer, key):
    """Checks how a text from outside is given: its plain form is the same text, or
    null."""
    found = bytes.fromhex(answer[key + "_hex"])
    try:
        assert answer[key] == found.decode(), (answer[key], found)
    except UnicodeDecodeError:
        assert answer[key] is None, answer[key]
    return found


def shown(text):
    """The output for a person."""
    return "".join(chr(c) if 0x20 <= c <= 0x7e else f"\\x{c:02x}" for c in text)


class Json(support.Case):
    def answers(self, *words, texts=TEXTS, within=()):
        done = support.run(*within, SBIND, *words, "--", *texts)
        self.assertEqual(done.err, b"")
        self.assertRegex(done.out, rb"\A[\x20-\x7e\n]*\Z")
        found = [json.loads(line) for line in done.out.decode().splitlines()]
        self.assertEqual([octets(a, "text") for a in found], texts)
        self.assertEqual(done.status, 0 if all(a["ok"] for a in found) else 1)
        return found

    def check_refusal(self, answer, err):
        """Compares the JSON of an error with the report of the same error."""
        first, *rest = err.decode().splitlines()
        self.assertEqual(first, f"sbind: {answer['message']} "
                         f"({answer['error']})")
        hints = [line for line in rest if line.startswith("  hint: ")]
        self.assertEqual(hints, ["  hint: " + answer["hint"]])
        carets = [line.index("^") - 2 for line in rest if
                  re.fullmatch(" *\\^", line)]
        before = octets(answer, "text")[:answer["offset"]]
        self.assertEqual(carets, [] if answer["offset"] is None
                         else [len(shown(before))])

    def test_check(self):
        for policy in POLICIES:
            for answer, text in zip(self.answers("check", "--json", *policy),
                                    TEXTS):
                done = sbind("check", *policy, "--", text)
                with self.subTest(policy, text=text):
                    self.assertEqual(done.status == 0, answer["ok"])
                    if answer["ok"]:
                        canonical = octets(answer, "canonical")
                        self.assertEqual(done.out.decode(),
                                         shown(canonical) + "\n")
                        self.assertTrue(canonical.startswith(
                            answer["scheme"].encode() + b"://"))
                    else:
                        self.check_refusal(answer, done.err)

    def test_explain(self):
        for passed in ((), ("sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=2 exec "$@"',
                            "sh")):
            found = self.answers("explain", "--json", within=passed)
            for answer, text in zip(found, TEXTS):
                done = support.run(*passed, SBIND, "explain", "--", text)
                with self.subTest(text, passed=bool(passed)):
                    self.assertEqual(done.status == 0, answer["ok"])
                    if answer["ok"]:
                        self.assertEqual(done.out.decode(),
                                         self.in_words(answer))
                    else:
                        self.check_refusal(answer, done.err)

    def in_words(self, answer):
        policies = dict(answer["policies"])
        never = policies.pop("within", None)
        lines = answer["listening"] + [
            f"policy --{rule} refuses it: {error}"
            for rule, error in policies.items()]
        if never is not None:
            lines += ["policy --within=DIR refuses it, whatever DIR is: " + never]
        if answer["within"] is not None or "within_hex" in answer:
            lines += ["policy --within=DIR accepts it when DIR is "
                      f"{shown(octets(answer, 'within'))} or above"]
        if not answer["policies"]:
            lines += ["no policy refuses it"]
        return "".join(line + "\n" for line in
                       [shown(octets(answer, "canonical"))] +
                       ["  " + line for line in lines])

    def test_explain_says_what_is_refused_anywhere(self):
        refused = [octets(a, "text") for a in self.answers("explain", "--json")
                   if a["ok"] and a["refused"]]
        self.assertEqual(refused, [
            b"tcp://", b"tcp://224.0.0.1:1", b"tcp://[::ffff:1.2.3.4]:1",
            b"unix:///" + b"n" * 256, b"unix://@" + b"n" * 108, b"fd://70000",
            b"npipe://x", b"npipe:////srv/pipe/a"])

    def test_the_environment_is_refused_as_before(self):
        bad = support.environment(LISTEN_PID="x", LISTEN_FDS="1")
        self.expect(sbind("check", "--json", "--strict", "fd://3", env=bad), 1,
                    out="", err="bad-listen-pid")
        self.assertEqual(os.listdir(self.directory), [])


if __name__ == "__main__":
    support.main()
