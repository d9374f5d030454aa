"""The collector that is killed, and what it said before."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from collector.config.paths import Home
from collector.wire import HealthAnswer
from scripts.bench.local import health
from scripts.torture.plan import AGE_S

END_S = 60.0


class Victim:
    """One collector after another on the same home, each in a process of its own.

    `acknowledged` is the newest batch that any of them called durable; `back_s` holds how long
    each one that lived long enough took from its start to its first own batch; `faults` what none
    of them may do.
    """

    def __init__(self, home: Home, scratch: Path, settle_s: float) -> None:
        self.acknowledged = 0
        self.back_s: list[float] = []
        self.faults: list[str] = []
        self.log = scratch / "collector.log"
        self.summary = scratch / "summary.json"
        self._home = home
        self._settle_s = settle_s
        self._process: subprocess.Popen[bytes] | None = None
        self._began_s = 0.0
        self._away = False

    def start(self) -> None:
        """Begin a life."""
        argv = [sys.executable, "-m", "scripts.torture.launch", str(self._settle_s), str(AGE_S)]
        words = ["--home", str(self._home.config.parent), "collect", "--summary", str(self.summary)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*argv, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._began_s = time.monotonic()
        self._away = True

    @property
    def ended(self) -> int | None:
        """The exit status, if it ended by itself."""
        return None if self._process is None else self._process.poll()

    def look(self) -> HealthAnswer | None:
        """What it says of itself now; None when it does not answer."""
        seen = health(self._home)
        if seen is None or self._process is None or seen.pid != self._process.pid:
            return None
        if self._away and seen.journal.samples:
            self.back_s.append(time.monotonic() - self._began_s)
            self._away = False
        self.acknowledged = max(self.acknowledged, seen.journal.head)
        return seen

    def kill(self) -> None:
        """SIGKILL. That it had ended before is a fault."""
        assert self._process is not None  # it was started
        if self._process.poll() is not None:
            self.faults.append(f"a collector ended by itself: {self.said()}")
        self._process.kill()
        self._process.wait()
        self._process = None

    def end(self) -> None:
        """SIGTERM, and its orderly end."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(END_S)
        if status:
            self.faults.append(f"a collector ended with status {status}: {self.said()}")
        self._process = None

    def said(self) -> str:
        """The last line of its log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return lines[-1] if lines else "(it said nothing)"

    def own_faults(self) -> list[str]:
        """What the log calls a fault of ours."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if "fault of ours" in line or "Traceback" in line]
