# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs an adapter: a program that answers each line with a line. Finds out what is
wrong with the adapter."""
import collections
import subprocess
import threading
import time

import tiers

BATCH = 256 # requests between two checks of the clock
STEP = 32   # answers that show that all of them are one request late or early


class Broken(Exception):
    """Raised if the adapter has stopped or hangs, or if it says too much or too
    little."""


def shown(request):
    """The request as error messages show it. A long request is cut in the middle."""
    text = request.decode("utf-8", "backslashreplace")
    return (text if len(text) <= 160 else
            text[:100] + " ... " + text[-50:]) or "an empty line"


class Adapter:
    def __init__(self, command, seconds):
        self.command, self.seconds = command, seconds
        self.deadline = None
        self.timed_out = False
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            raise Broken("cannot start %s: %s" % (
                command[0], error.strerror)) from None
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        """Ends an adapter that does not answer in time."""
        while self.process.poll() is None:
            deadline = self.deadline
            if deadline is not None and time.monotonic() > deadline:
                self.timed_out = True
                self.process.kill()
            time.sleep(0.05)

    def answers(self, requests):
        """Sends a list of requests, and yields the answers as they arrive. At first
        sends only the first request, and waits for its answer. An adapter that does not
        flush its output never gives this answer."""
        def feed():
            try:
                for at in range(0, len(requests), BATCH):
                    first = requests[at:at + 1] if at == 0 else []
                    if first:
                        self.send(first)
                        ready.wait()
                    self.send(requests[at + len(first):at + BATCH])
            except (OSError, ValueError):
                pass # it has ended; the reader sees that, too

        ready = threading.Event()
        threading.Thread(target=feed, daemon=True).start()
        self.deadline = time.monotonic() + self.seconds
        for at in range(len(requests)):
            answer = self.process.stdout.readline()
            ready.set()
            if at % BATCH == 0:
                self.deadline = time.monotonic() + self.seconds
            if not answer.endswith(b"\n"):
                raise Broken(self.end_of(requests[at], answer))
            yield answer[:-1]
        self.deadline = None

    def one_at_a_time(self, requests):
        """Sends the next request only after an answer, so that an error names the
        request which the adapter has not answered."""
        for each in requests:
            yield from self.answers([each])

    def send(self, requests):
        if requests:
            self.process.stdin.write(b"\n".join(requests) + b"\n")
            self.process.stdin.flush()

    def end_of(self, request, answer):
        asked = "; it was asked " + shown(request)
        if self.timed_out:
            return "no answer within %g s%s; is each answer flushed " \
                "(SPEC.md 7.1)?" % (self.seconds, asked)
        status = self.process.wait()
        return "the adapter ended with status %d%s%s" % (
            status, ", in the middle of a line" if answer else "", asked)

    def close(self):
        """Ends the input. Then the adapter must end by itself, with status 0."""
        try:
            self.process.stdin.close()
        except OSError:
            pass # it has ended already
        self.deadline = time.monotonic() + self.seconds
        rest = self.process.stdout.read()
        status = self.process.wait()
        if self.timed_out:
            raise Broken("does not end when its input does")
        if rest:
            raise Broken("says more than it was asked: %r" % rest[:60])
        if status != 0:
            raise Broken("ended with status %d" % status)

    def abandon(self):
        self.process.kill()
        self.process.wait()


# ---- Answers out of step -----------------------------------------------------

class Steps:
    """Notices answers that are out of step: each answer would be right for the previous
    request, or for the next request."""

    def __init__(self):
        self.recent = collections.deque(maxlen=2 * STEP) # (question, answer)
        self.wrong = 0 # how many answers in a row

    def take(self, question, answer):
        """Whether it is now certain that the answers are out of step."""
        self.recent.append((question, answer))
        self.wrong = 0 if answer == question.answer else self.wrong + 1
        return self.wrong and len(self.recent) >= STEP and self.shifted()

    def shifted(self):
        last = list(self.recent)[-STEP:]
        expected = [question.answer for question, _ in last]
        given = [answer for _, answer in last]
        return expected != given and len(set(expected)) > 2 and (
            expected[:-1] == given[1:] or expected[1:] == given[:-1])


def culprit(command, seconds, steps):
    """Names the request after which the answers are out of step. Sends the requests
    again, with an empty line after each one. The answer to an empty line is known, so
    the lines before it are the answer to the request."""
    questions = [question for question, _ in steps.recent]
    requests = b"".join(each.request + b"\n\n" for each in questions)
    try:
        said = subprocess.run(command, input=requests, timeout=seconds,
                              stdout=subprocess.PIPE).stdout
    except (OSError, subprocess.TimeoutExpired):
        said = b""
    lines = 0
    given = iter(said.splitlines())
    for each in questions:
        lines = sum(1 for _ in iter(lambda: next(given, tiers.BAD_REQUEST),
                                    tiers.BAD_REQUEST))
        if lines != 1:
            return "%s is answered with %s" % (
                shown(each.request), "%d lines" % lines if lines else "no line")
    return "the answers are out of step, before " + shown(questions[-1].request)
