"""A profile at work: its source against a real Modbus server, on a site whose clocks the test
turns."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import structs

from collector.config.problems import Problem
from collector.model.kinds import DeviceKind
from collector.profiles.load import parse
from collector.profiles.profile import Profile
from collector.sources.modbus.gateway import Gateways
from collector.sources.profile.source import ProfileSource
from tests.modbus.live import Running, Turned, raw, running, values
from tests.support.modbus import Server
from tests.support.sites import Clocked, device

HEAD = 'schema = 1\ntitle = "Test"\nkind = "{kind}"\n'


def written(body: str, kind: str = "load") -> str:
    """A profile's text: what every one begins with, then `body`."""
    return HEAD.format(kind=kind) + body


def told(text: str) -> list[str]:
    """What is said of a profile that stands in `p.toml`."""
    problems: list[Problem] = []
    profile = parse(text, "p", "p.toml", problems.append)
    assert (profile is None) == bool(problems)
    return [str(problem) for problem in problems]


def sound(text: str, name: str = "probe") -> Profile:
    """The profile in `text`, which must be sound."""
    problems: list[str] = []
    profile = parse(text, name, f"{name}.toml", lambda problem: problems.append(str(problem)))
    assert profile is not None, "\n".join(problems)
    return profile


class Bench:
    """A device that is read by the profile `text` at `server`."""

    def __init__(self, config: Path, server: Server, text: str, **more) -> None:
        folder = config / "profiles"
        folder.mkdir(exist_ok=True)
        sound(text)
        (folder / "probe.toml").write_text(text)
        self.config = config
        self.server = server
        more.setdefault("timeout_s", 0.3)
        entry = device(kind=DeviceKind.MODBUS, profile="probe", **more)
        self.device = structs.replace(entry, port=server.port)
        self.time = Turned()
        self.site = Clocked(self.device)
        self.gateways = Gateways()

    @property
    def image(self):
        """The device's image."""
        return self.site.image()

    @property
    def notes(self):
        """Hints at the main asset."""
        return self.image.roles[""].notes

    def pins(self):
        """Facts that are kept of the device, by name."""
        kept = self.site.site.identities.pins
        return {name.partition(" ")[2]: pin.serial for name, pin in kept.items()}

    def source(self) -> ProfileSource:
        """A new source."""
        return ProfileSource(self.device, self.gateways, self.config, self.time.clock)

    @asynccontextmanager
    async def live(self) -> AsyncIterator[Running]:
        """Running, and polled at least once."""
        async with running(self.source(), self.image) as run:
            await run.until(lambda: run.ready)
            yield run

    async def polls(self, run, count=1):
        """Wait for that many more polls."""
        due = self.image.messages + count
        await run.until(lambda: self.image.messages >= due)

    def got(self, role=""):
        """Readings by catalogue key."""
        return values(self.site, role)

    def raw(self):
        """Raw series without the profile's prefix."""
        return {name.removeprefix("probe_"): value for (name, _), value in raw(self.site).items()}
