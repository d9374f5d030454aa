"""Two meters whose addresses are exchanged, lost, swapped by a person's word, and read again after
restarts and power cuts: no kilowatt-hour is counted twice or under the other's name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.errors import WrongDevice
from collector.model.kinds import AssetKind
from collector.model.reading import Identity
from collector.site.continued import continued
from collector.site.counters import published
from collector.site.memory import Memory
from tests.support.sites import Clocked, device

NAMES = ("d1", "d2")
SAVED_TICKS = 10
INTEGRAL_KWH = 0.6
"""What an integral may be off by: the power within a second, at some seconds."""


class TwoMeters:
    """Both count the same power, of which `true` is the whole; `at` says which answers where."""

    def __init__(self, *, proven: bool, registers: bool) -> None:
        self.registers = registers
        self.serials = {name: f"S-{name}" if proven else "" for name in NAMES}
        self.register = {"d1": 100.0, "d2": 101.5}
        self.at = {name: name for name in NAMES}
        self.true = 0.0
        self.site = Clocked(*map(device, NAMES))
        self.saved = self.site.site.memory()
        self.connect()
        self.run(1, 10)

    def connect(self) -> None:
        """Each source connects and asks who answers."""
        for name, meter in self.at.items():
            image, watch = self.site.image(name), self.site.site.watches[name]
            image.reset()
            try:
                image.identify(Identity(serial=self.serials[meter]))
            except WrongDevice:
                image.left()
                watch.turn("wrong device")
                continue
            image.declare("", AssetKind.LOAD)
            watch.turn("running")

    def flow(self, seconds: int, kw: float) -> None:
        """Energy flows, whoever looks."""
        self.true += kw * seconds / 3600
        for name in NAMES:
            self.register[name] += kw * seconds / 3600

    def run(self, seconds: int, kw: float) -> None:
        """Polls and ticks."""
        for _ in range(seconds):
            self.flow(1, kw)
            for name, meter in self.at.items():
                if self.site.site.watches[name].state == "running":
                    image = self.site.image(name)
                    image.put("", "load_power_w", kw * 1000)
                    if self.registers:
                        raw = self.register[meter]
                        image.put_counter("", "load_energy_kwh", raw, path="p")
                    image.alive()
            self.site.tick()
            if self.site.site.unsaved or not self.site.site.tick_no % SAVED_TICKS:
                self.site.site.unsaved = False
                self.saved = self.site.site.memory()

    def happen(self, kind: str, seconds: int, kw: float) -> None:
        """Something that happens to the meters, their lines or the collector."""
        if kind == "exchange":
            self.at = {"d1": self.at["d2"], "d2": self.at["d1"]}
        if kind == "silence":
            self.flow(seconds, kw)
            self.site.tick(seconds)
        elif kind in ("restart", "cut"):
            self.flow(seconds, kw)
            now_s = self.site.now_s + seconds
            memory = self.site.site.memory() if kind == "restart" else self.after_a_cut()
            self.site = Clocked(*map(device, NAMES), memory=memory)
            self.site.now_s = now_s
            self.connect()
        elif kind == "swap":
            name = NAMES[seconds]
            self.site.site.identities.replace(name, self.serials[self.at[name]])
            self.site.site.rebase(name)
            self.connect()
        elif kind != "run":
            self.connect()
        self.run(seconds if kind == "run" else 2, kw)

    def after_a_cut(self) -> Memory:
        """What is known after a power cut: what was saved some seconds before, and the journal's
        newest totals."""
        counters = self.site.site.counters
        newest = {key: published(state.total) for key, state in counters.items()}
        return continued(self.saved, newest)

    def total(self, name: str) -> float:
        """What was counted under a name."""
        state = self.site.site.counters.get((name, "load_energy_kwh"))
        return state.total if state else 0.0


happenings = st.lists(
    st.one_of(
        st.tuples(st.just("run"), st.integers(1, 70), st.sampled_from([0, 30, 100])),
        st.tuples(st.just("silence"), st.integers(2, 5000), st.sampled_from([0, 30])),
        st.tuples(
            st.sampled_from(["restart", "cut"]), st.integers(1, 3000), st.sampled_from([0, 30])
        ),
        st.tuples(st.just("swap"), st.integers(0, 1), st.just(10)),
        st.tuples(st.sampled_from(["exchange", "reconnect"]), st.just(0), st.just(10)),
    ),
    max_size=8,
)


@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize("registers", [True, False])
@settings(max_examples=25)
@given(events=happenings)
def test_nothing_twice_and_nothing_under_the_other_name(proven, registers, events):
    """Both meters count one and the same energy, so no name can ever have more than that, whoever
    answers at its address, and whether or not they can say who they are."""
    meters = TwoMeters(proven=proven, registers=registers)
    for event in events:
        meters.happen(*event)
        for name in NAMES:
            assert meters.total(name) <= meters.true + (1e-6 if registers else INTEGRAL_KWH)
    exchanged = meters.at["d1"] == "d2"
    if proven and not any(kind == "swap" for kind, *_ in events):
        states = {meters.site.site.watches[name].state for name in NAMES}
        assert states == {"wrong device" if exchanged else "running"}
