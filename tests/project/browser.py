# SPDX-License-Identifier: MIT OR Apache-2.0
"""Drives a headless Chromium over a pipe, with Chromium's own protocol. For site.py."""
import base64
import json
import os
import subprocess
import tempfile
import time

KEYS = {"Tab": 9, "Enter": 13, "Space": 32, "Backspace": 8}
TEXT = {"Enter": "\r", "Space": " "}
WAIT = 20 # seconds


class Browser:
    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory()
        to_browser, self.write = os.pipe()
        self.read, from_browser = os.pipe()
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}', program,
             "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--remote-debugging-pipe", "--no-first-run", "--disable-extensions",
             "--disable-background-networking", "--disable-component-update",
             "--proxy-server=127.0.0.1:9", "--hide-scrollbars",
             "--user-data-dir=" + self.profile.name, "about:blank"],
            pass_fds=(to_browser, from_browser), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.number, self.rest, self.session = 0, b"", None
        self.faults, self.requests, self.loaded = [], [], False
        page = next(t for t in self.call("Target.getTargets")["targetInfos"]
                    if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"],
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        os.close(self.write)
        os.close(self.read)
        for _ in range(50): # its children write into the profile for a moment more
            try:
                self.profile.cleanup()
                return
            except OSError:
                time.sleep(0.1)

    def message(self):
        while b"\0" not in self.rest:
            more = os.read(self.read, 1 << 16)
            if not more:
                raise EOFError("the browser has ended")
            self.rest += more
        line, self.rest = self.rest.split(b"\0", 1)
        found = json.loads(line)
        self.note(found.get("method"), found.get("params", {}))
        return found

    def note(self, method, said):
        if method == "Runtime.exceptionThrown":
            self.faults.append(said["exceptionDetails"].get("exception", {}).get(
                "description", "an exception"))
        elif method == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning"):
            self.faults.append(str(said["args"]))
        elif method == "Log.entryAdded" and said["entry"]["level"] in ("error", "warning"):
            self.faults.append(said["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loaded = True

    def call(self, method, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.write, json.dumps(request).encode() + b"\0")
        while True:
            found = self.message()
            if found.get("id") == self.number:
                if "error" in found:
                    raise RuntimeError(f"{method}: {found['error']['message']}")
                return found["result"]

    def open(self, url):
        self.loaded = False
        self.call("Page.navigate", url=url)
        while not self.loaded:
            self.message()

    def ask(self, expression):
        """The value of an expression of JavaScript."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                          awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(str(found["exceptionDetails"]))
        return found["result"].get("value")

    def until(self, expression):
        end = time.monotonic() + WAIT
        while not self.ask(expression):
            if time.monotonic() > end:
                raise TimeoutError(expression)
            time.sleep(0.05)

    def screen(self, width, scheme="light", height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])

    def press(self, key, shift=False):
        for kind in ("keyDown", "keyUp"):
            more = {"text": TEXT[key]} if kind == "keyDown" and key in TEXT else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=TEXT.get(key, key)
                      if key == "Space" else key, code=key, windowsVirtualKeyCode=KEYS[key],
                      modifiers=8 if shift else 0, **more)

    def select_all(self):
        self.call("Input.dispatchKeyEvent", type="keyDown", key="a", code="KeyA", modifiers=2,
                  windowsVirtualKeyCode=65, commands=["selectAll"])
        self.call("Input.dispatchKeyEvent", type="keyUp", key="a", code="KeyA", modifiers=2,
                  windowsVirtualKeyCode=65)

    def type(self, text):
        """A key for each character."""
        for c in text:
            self.call("Input.dispatchKeyEvent", type="keyDown", key=c, text=c)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=c)

    def photograph(self, path):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 2400),
                "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", clip=clip,
                         captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
