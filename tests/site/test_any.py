"""Whatever happens to a device, and in whatever order: nothing that is not live has a value."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.model.kinds import AssetKind, AssetStatus, DeviceKind, Quality
from collector.model.series import STALE_BITS, decode_series
from collector.site.image import RAW_REPEAT_TICKS
from collector.site.samples import CANON_REPEAT_TICKS
from tests.support.sites import Clocked, device

ROLES = ("", "x")
RAW = 5


class Watched:
    """A device, and what a receiver of its samples holds: each series' last value and its tick."""

    def __init__(self, kind: DeviceKind) -> None:
        self.site = Clocked(device(kind=kind))
        self.image = self.site.image()
        self.held: dict[bytes, tuple[float, int]] = {}
        self.connect(declared=True)
        self.turn("running")

    def connect(self, *, declared: bool) -> None:
        """A new connection, on which the device tells of its assets, or not yet."""
        self.image.reset()
        for role in ROLES if declared else ():
            self.image.declare(role, AssetKind.LOAD)
        self.cells = [self.image.cell(f"raw_{number}", {}) for number in range(RAW)]

    def turn(self, state: str) -> None:
        """The state of the source."""
        self.site.site.watches["d1"].turn(state)

    def say(self, role: str, key: str, value: float | None) -> None:
        """A reading."""
        self.image.put(role, key, value)
        self.image.alive(role)

    def raw(self, number: int, value: float | None) -> None:
        """A raw value."""
        if value is None:
            self.cells[number].clear()
        else:
            self.cells[number].set(value)

    def live(self, seconds: int) -> None:
        """It lives on; a polled one repeats itself."""
        for _ in range(seconds):
            self.image.alive()
            if self.image.device.kind is not DeviceKind.GX:
                for cell in self.cells:
                    if not math.isnan(cell.value):
                        cell.set(cell.value)
            self.tick()

    def present(self, role: str, *, there: bool) -> None:
        """The device says that an asset is there, or gone."""
        self.image.present(role, there, "gone")

    def fault(self, *, broken: bool) -> None:
        """Whether its values can be worked out."""
        self.image.before_tick((lambda: 1 / 0) if broken else None)

    def measures(self, kind: AssetKind) -> None:
        """The main asset turns out to be of a kind."""
        self.image.declare("", kind)

    def tick(self, seconds: float = 1.0) -> None:
        """A tick, of which everything is checked."""
        self.site.tick(seconds)
        self._receive()
        self._check()

    def _receive(self) -> None:
        taken = self.site.taken.samples
        bits = memoryview(taken.values.tobytes()).cast("Q")
        assert len(set(taken.series)) == len(taken), "one sample of a series in a tick"
        for series, value, pattern in zip(taken.series, taken.values, bits, strict=True):
            if pattern == STALE_BITS:
                assert series in self.held, "one marker, and only after a value"
                del self.held[series]
            else:
                assert math.isfinite(value)
                self.held[series] = (value, self.site.site.tick_no)

    def _check(self) -> None:
        good = {}
        for view in self.site.taken.assets:
            cells = self.image.roles[view.id.partition(".")[2]].cells
            for key, reading in view.readings.items():
                if view.status is not AssetStatus.LIVE:
                    assert reading.quality is Quality.STALE
                elif reading.quality is Quality.GOOD:
                    good[cells[key].series] = reading.value
        mine = {s: held for s, held in self.held.items() if decode_series(s)[0].startswith("ovr_")}
        assert {series: value for series, (value, _) in mine.items()} == good
        others = {s: held for s, held in self.held.items() if s not in mine}
        assert self.image.live or not others
        now = self.site.site.tick_no
        assert all(now - tick < CANON_REPEAT_TICKS for _, tick in mine.values())
        assert all(now - tick < RAW_REPEAT_TICKS for _, tick in others.values())


roles = st.sampled_from(ROLES)
values = st.sampled_from([None, 1.0, 2.0])
happenings = st.one_of(
    st.builds(
        lambda role, key, value: lambda w: w.say(role, key, value),
        roles,
        st.sampled_from(["load_power_w", "frequency_hz", "voltage_v.L1"]),
        values | st.just(math.nan),
    ),
    st.builds(
        lambda number, value: lambda w: w.raw(number, value),
        st.integers(0, RAW - 1),
        values | st.just(math.inf),
    ),
    st.builds(lambda role: lambda w: w.image.alive(role), roles | st.none()),
    st.builds(lambda seconds: lambda w: w.tick(seconds), st.sampled_from([1, 2, 5, 11, 130])),
    st.builds(lambda seconds: lambda w: w.live(seconds), st.sampled_from([2, 40, 300])),
    st.builds(
        lambda state: lambda w: w.turn(state),
        st.sampled_from(["running", "backoff", "wrong device"]),
    ),
    st.builds(lambda declared: lambda w: w.connect(declared=declared), st.booleans()),
    st.builds(lambda role, there: lambda w: w.present(role, there=there), roles, st.booleans()),
    st.builds(lambda broken: lambda w: w.fault(broken=broken), st.booleans()),
    st.builds(
        lambda kind: lambda w: w.measures(kind),
        st.sampled_from([AssetKind.LOAD, AssetKind.GRID, AssetKind.BESS]),
    ),
)


@settings(max_examples=80)
@given(st.sampled_from([DeviceKind.GX, DeviceKind.ACUVIM]), st.lists(happenings, max_size=30))
def test_receivers_hold_what_lives_and_nothing_else(kind, events):
    """After each tick a receiver holds exactly the good readings of live assets: what is not live
    was ended by one marker and is stale in the snapshot, and what is live was sampled within its
    30 or 240 ticks."""
    watched = Watched(kind)
    for event in events:
        event(watched)
    watched.tick()
