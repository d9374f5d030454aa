"""The table of claims against the derivation: nothing is read that it does not name."""

from typing import Any

import pytest

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
