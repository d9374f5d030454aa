"""The table of claims against the derivation: nothing is read that it does not name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.catalogue import KEYS
from collector.sources.victron.assets import DERIVE
from collector.sources.victron.claims import (
    CLAIMS,
    DECIDES,
    NOTED,
    PAIRS,
    WHOLE,
    Claim,
    spelled_out,
)
from collector.sources.victron.derive import genset
from collector.sources.victron.derive.inverter import Unit
from collector.sources.victron.derive.main import Parts, main
from collector.sources.victron.faults import can_complain, fault
from collector.sources.victron.ids import PREFIX
from collector.sources.victron.remarks import SAYS
from collector.sources.victron.roles import INVERTERS, KINDS

ALL: list[Claim] = [each for claim in CLAIMS for each in spelled_out(claim)]


class Read(dict[str, Any]):
    """A service's values that remember what was asked for; every path holds `value`."""

    def __init__(self, value: float | None) -> None:
        super().__init__()
        self.value = value
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return self.value

    def __contains__(self, key: object) -> bool:
        return False


def derive_all(values: dict[str, Read]) -> None:
    """Let the derivation read everything that it reads."""
    for kind, derive in DERIVE.items():
        derive(values[kind])
    genset.genset(values["genset"], values["generator"])
    genset.genset(values["dcgenset"], values["generator"], direct_current=True)
    genset.genset(None, values["generator"])
    for kind in INVERTERS:
        unit = Unit(kind, values[kind], values["settings"], values["system"])
        main(
            Parts(
                system=values["system"],
                inverters=[unit],
                battery=values["battery"],
                chargers=[values["solarcharger"]],
                pv_inverters=[values["pvinverter"]],
                panels=[values["multi"], values["inverter"]],
                thermometers=[values["temperature"]],
                meters=frozenset(),
            )
        )
    for kind, say in SAYS.items():
        say(values[kind])


@pytest.mark.parametrize("value", [None, 0.0, 1.0, 2.0, 240.0, -7200.0])
def test_nothing_is_read_that_is_not_claimed(value: float | None) -> None:
    """Whatever stands there, each path that is read is a measurement, a word, or decides one."""
    kinds = {*DERIVE, *INVERTERS, *SAYS, "genset", "dcgenset", "generator", "settings"}
    values = {kind: Read(value) for kind in kinds}
    derive_all(values)
    claimed: dict[str, set[str]] = {}
    for claim in ALL:
        claimed.setdefault(claim.service, set()).add(claim.path)
    for kind, read in values.items():
        known = claimed.get(kind, set()) | DECIDES.get(kind, set()) | NOTED.get(kind, set())
        assert read.asked - known - PAIRS == set(), kind


ANY = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.lists(st.integers(), max_size=2),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-5, 300).map(float),
)
"""What the tree of a GX can hold at a path."""


@given(st.data())
def test_whatever_stands_there(data: st.DataObject) -> None:
    """Derivation, words and complaints take any values: they raise at none, words are texts,
    readings are numbers of the catalogue, and enums are numbers that enums can have."""
    kind = data.draw(st.sampled_from(sorted({*DERIVE, *SAYS})))
    paths = {claim.path for claim in ALL if claim.service == kind}
    paths |= DECIDES.get(kind, set()) | NOTED.get(kind, set()) | PAIRS
    values = data.draw(st.dictionaries(st.sampled_from(sorted(paths)), ANY))
    if kind in SAYS:
        assert isinstance(SAYS[kind](values), str)
    for path in (path for path in values if can_complain(kind, path)):
        found = fault(kind, path, values[path])
        assert found is None or found.text
    if kind in DERIVE:
        for key, value in DERIVE[kind](values).readings.items():
            assert value is None or isinstance(value, float)
            if KEYS[key].type == "state":
                assert value is None or (value.is_integer() and 0 <= value < 1024)


def test_claims_are_of_the_catalogue() -> None:
    """Each claim is a measurement that an asset of that kind can have."""
    for claim in ALL:
        kind = "bess" if claim.asset == WHOLE else KINDS[claim.service].value
        assert kind in KEYS[claim.key].kinds, claim
        assert claim.states is None or set(claim.states.values()) <= set(KEYS[claim.key].states)


def test_each_asset_has_a_name_and_claims() -> None:
    """A service that is an asset has a role, and a power or a level that it is there for."""
    assert KINDS.keys() == PREFIX.keys()
    assert {claim.service for claim in ALL if claim.asset != WHOLE} == KINDS.keys() - {"battery"}
