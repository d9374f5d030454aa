"""A month of a counter in simulated time: whatever happens to the meter and to the collector, the
total never falls, is never more than what truly flowed, and lacks nothing but what was listed."""

import random
from collections.abc import Iterator

import pytest

from collector.site.continued import continued
from collector.site.counters import Bound, CounterState, advance
from collector.site.memory import Memory

RATED_KW = 100.0
MONTH_S = 30 * 86_400
POLL_S = 20
SAVED_S = 10
SEEDS = 1
KEY = ("d1", "load_energy_kwh")
RATED = Bound(per_s=RATED_KW / 3600, slack=1.0)
UNRATED = Bound(per_s=2000 / 3600, slack=1.0)


class Meter:
    """A meter with a register of some resolution, and what flows through it."""

    def __init__(self, dice: random.Random, resolution: float, modulus: float | None) -> None:
        self.dice = dice
        self.resolution = resolution
        self.modulus = modulus
        self.true = 0.0
        self.kw = 0.0
        self._register = dice.choice([0.0, 7.3, 800.0, 54_321.0])
        if modulus is not None:
            self._register = modulus - 200.0

    def flow(self, seconds: float) -> None:
        """Time passes; the load changes now and then, and is off for a third of it."""
        if self.dice.random() < 0.02:
            self.kw = max(0.0, self.dice.uniform(-0.5, 1.0)) * RATED_KW
        self.true += self.kw * seconds / 3600
        self._register += self.kw * seconds / 3600

    def begin_anew(self) -> None:
        """Its register restarts at nothing."""
        self._register = 0.0

    @property
    def raw(self) -> float:
        """What it shows."""
        shown = self._register if self.modulus is None else self._register % self.modulus
        return shown // self.resolution * self.resolution


class Month:
    """The counter rules beside the truth."""

    def __init__(
        self, seed: int, *, resolution: float, modulus: float | None, bound: Bound, serial: str
    ) -> None:
        self.dice = random.Random(seed)
        self.meter = Meter(self.dice, resolution, modulus)
        self.bound = bound
        self.serial = serial
        self.swaps = 0
        self.now_ms = 1_000_000
        self.state: CounterState | None = None
        self.saved: CounterState | None = None
        self.saved_ms = 0
        self.joined = False
        """The register was read on the present connection."""
        self.listed = 0.0
        self.unread = 0.0
        """What flowed between the last reading of a register and its end: nobody can know it."""
        self.at_reading = 0.0
        self.breaks = 0
        """Readings after which the register's resolution may be missed or gained once more."""
        self.happened: dict[str, int] = {}

    # -- time --------------------------------------------------------------------------------

    def sleep(self, seconds: float) -> None:
        """Time passes without a reading."""
        self.now_ms += int(seconds * 1000)
        while seconds > 0:
            step = min(seconds, 600.0)
            self.meter.flow(step)
            seconds -= step

    def read(self, shown: float | None = None) -> None:
        """One poll."""
        before = self.state.total if self.state is not None else 0.0
        step = advance(
            self.state,
            raw=self.meter.raw if shown is None else shown,
            unit=self.serial,
            path="p",
            now_ms=self.now_ms,
            bound=self.bound,
            modulus=self.meter.modulus,
            continued=self.joined,
        )
        self.joined = True
        self.state = step.state
        assert self.state is not None
        assert self.state.total >= before, "a total never falls"
        assert self.state.total <= self.meter.true - self.first + self.tolerance, step.event
        self.listed += step.missed or 0.0
        if shown is None:
            self.at_reading = self.meter.true
        if step.event or self.now_ms - self.saved_ms >= SAVED_S * 1000:
            self.saved, self.saved_ms = self.state, self.now_ms

    def polls(self, seconds: float) -> None:
        """The usual: a reading every few seconds."""
        for _ in range(max(1, int(seconds / POLL_S))):
            self.sleep(POLL_S * self.dice.uniform(0.2, 1.8))
            self.read()

    @property
    def tolerance(self) -> float:
        """What reading in steps can be off by."""
        return self.meter.resolution * (1 + self.breaks) + 1e-6

    # -- what happens ------------------------------------------------------------------------

    def silence(self) -> None:
        """Nothing is heard for up to eight hours; without a serial it may be another meter."""
        self.sleep(self.dice.choice([30, 90, 1800, 8 * 3600]))
        self.breaks += 1

    def reboot(self) -> None:
        """The device restarts, its register begins anew, it is not heard meanwhile."""
        self.unread += self.meter.true - self.at_reading
        self.meter.begin_anew()
        self.sleep(self.dice.choice([5, 45, 100]))
        self.breaks += 1
        self.joined = False

    def dip(self) -> None:
        """It shows less for some seconds."""
        part = self.dice.choice([0.0, 0.0, 0.3, 0.9])
        for _ in range(self.dice.randint(1, 3)):
            self.sleep(12)
            self.read(self.meter.raw * part)

    def misread(self) -> None:
        """It shows more, for less than a minute, or far too much for some minutes; then what is
        right."""
        more, most = self.dice.choice([(50.0, 4), (500.0, 4), (5000.0, 12), (1e7, 12)])
        for _ in range(self.dice.randint(1, most)):
            self.sleep(12)
            self.read(self.meter.raw + more)

    def night(self) -> None:
        """An inverter that shows nothing all night, while nothing flows."""
        kw, self.meter.kw = self.meter.kw, 0.0
        odds, self.meter.dice = self.meter.dice, _Never()
        for _ in range(200):
            self.sleep(30)
            self.read(0.0)
        self.meter.dice, self.meter.kw = odds, kw

    def swap(self) -> None:
        """Another meter, which has counted elsewhere, takes its place."""
        self.sleep(self.dice.choice([20, 600]))
        self.unread += self.meter.true - self.at_reading
        self.swaps += 1
        if self.serial:
            self.serial = f"S{self.swaps}"
        self.joined = False
        self.meter._register = self.dice.choice([0.0, 5000.0, 123_456.0])
        self.read()
        self.breaks += 1

    def restart(self) -> None:
        """The collector ends by a power cut: what was saved is up to ten seconds old, and the
        journal knows the newest total."""
        assert self.saved is not None
        assert self.state is not None
        memory = Memory({KEY: self.saved}, "", {}, {})
        self.state = continued(memory, {KEY: self.state.total}).counters[KEY]
        self.sleep(self.dice.choice([3, 40, 400]))
        self.joined = False
        self.breaks += 1

    def run(self, kinds: tuple[str, ...]) -> None:
        """A month, with something happening every few hours."""
        self.first = self.meter.true
        self.read()
        while self.now_ms < MONTH_S * 1000:
            self.polls(self.dice.uniform(600, 4 * 3600))
            kind = self.dice.choice(kinds)
            self.happened[kind] = self.happened.get(kind, 0) + 1
            getattr(self, kind)()
        self.polls(300)


class _Never(random.Random):
    """Dice for a load that stays as it is."""

    def random(self) -> float:
        return 1.0


HARMLESS = ("silence", "dip", "restart", "misread")
ALL = (*HARMLESS, "reboot", "night", "swap")


def months(kinds: tuple[str, ...], **how: object) -> Iterator[Month]:
    """Some months."""
    for seed in range(SEEDS):
        month = Month(seed, **how)  # type: ignore[arg-type]
        month.run(kinds)
        yield month


@pytest.mark.parametrize(("resolution", "modulus"), [(0.001, None), (1.0, None), (0.1, 10_000.0)])
def test_harmless_things_cost_nothing(resolution, modulus):
    """Silences of up to eight hours, dips, misreadings, power cuts and rollovers of a proven and
    rated meter: after a month the total is what truly flowed, to the register's resolution."""
    for month in months(HARMLESS, resolution=resolution, modulus=modulus, bound=RATED, serial="S0"):
        assert month.state is not None
        assert len(month.happened) == len(HARMLESS)
        assert month.meter.true > 5000
        assert month.meter.true - month.tolerance <= month.state.total


@pytest.mark.parametrize("bound", [RATED, UNRATED])
@pytest.mark.parametrize("serial", ["S0", ""])
def test_what_is_missing_is_listed(bound, serial):
    """Also with registers that begin anew, inverters that show nothing at night and meters that
    are swapped, proven or not: what is not in the total stands in the list of what was refused,
    but for what flowed after the last reading of a register that ended."""
    for month in months(ALL, resolution=0.01, modulus=None, bound=bound, serial=serial):
        assert month.state is not None
        assert len(month.happened) == len(ALL)
        found = month.state.total + month.listed + month.unread
        assert found >= month.meter.true - month.tolerance
