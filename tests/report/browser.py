"""A headless Chromium spoken to over its debugging pipe (JSON messages, each ended by a zero byte)."""
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars",
         "--remote-debugging-pipe"]
PATIENCE_S = 120  # a machine may be busy; a page takes about a second


class Browser:
    def __init__(self):
        program = shutil.which("chromium")
        if program is None:
            sys.exit("The report's test opens it in Chromium, which is missing. Install it with: apt-get install chromium")
        self.profile = tempfile.TemporaryDirectory(prefix="report_profile_", ignore_cleanup_errors=True)
        to_child, self.outgoing = os.pipe()
        self.incoming, from_child = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4; the shell puts the pipe's ends there.
        command = f'exec "$0" "$@" 3<&{to_child} 4>&{from_child}'
        self.process = subprocess.Popen(
            ["bash", "-c", command, program, *FLAGS, f"--user-data-dir={self.profile.name}", "about:blank"],
            pass_fds=(to_child, from_child), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_child)
        os.close(from_child)
        self.buffer = b""
        self.last_id = 0
        self.events = []
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self):
        os.close(self.outgoing)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.incoming)
        self.profile.cleanup()

    def read_message(self):
        deadline = time.monotonic() + PATIENCE_S
        while b"\0" not in self.buffer:
            if not select.select([self.incoming], [], [], max(0, deadline - time.monotonic()))[0]:
                sys.exit(f"Chromium did not answer within {PATIENCE_S} s")
            data = os.read(self.incoming, 1 << 16)
            if not data:
                sys.exit("Chromium ended unexpectedly")
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.outgoing, data):]
        while True:
            answer = self.read_message()
            if answer.get("id") == self.last_id:
                if "error" in answer:
                    sys.exit(f"Chromium refused {method}: {answer['error']}")
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            sys.exit(f"the page threw {result['exceptionDetails']} in {expression}")
        return result["result"].get("value")

    def open(self, url, width, scheme="light"):
        """Loads the page at a window width, in the light or dark scheme, and forgets what happened before."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events = []
        self.call("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            message = self.read_message()
            if "method" in message:
                self.events.append(message)
        # Two frames, so that what observers do after the first layout is done too.
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def complaints(self):
        """Whatever the page wrote to its console or threw, and what its security policy refused."""
        out = []
        for event in self.events:
            if event["method"] in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
                out.append(json.dumps(event["params"])[:600])
        return out

    def requests(self):
        return [event["params"]["request"]["url"] for event in self.events
                if event["method"] == "Network.requestWillBeSent"]

    def move_mouse(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
