"""A meter that is read by its SunSpec meter model: the AcuRev 1300, whose own map nobody documents.

Its chain begins at 4096 (manual of the AcuRev 1300). Models 201 to 204 hold integers with scale
factors, 211 to 214 floats; energies are Wh.
"""

from collections.abc import Mapping
from types import MappingProxyType

from collector.errors import BadDevice
from collector.sources.acuvim.reader import Poll
from collector.sources.acuvim.registers import Family, Wiring
from collector.sources.acuvim.settings import Settings
from collector.sources.fronius.models import LAYOUTS, METERS
from collector.sources.modbus.gateway import Turn
from collector.sources.modbus.sunspec import MapShift, Model, decode, read_models, walk

BASE = 4096
ACUREV_1300 = Family(
    name="AcuRev 1300",
    probe=BASE,
    blocks=(),
    spare=(),
    settings=None,
    wirings=MappingProxyType({}),
    energy_roll=1 << 32,
)

_PHASES = (("1", "A"), ("2", "B"), ("3", "C"))
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "frequency": "Hz", "p_total": "W", "q_total": "VAR", "s_total": "VA", "pf_total": "PF",
        "u12": "PPVphAB", "u23": "PPVphBC", "u31": "PPVphCA",
    }
    | {f"u{n}": f"PhVph{letter}" for n, letter in _PHASES}
    | {f"i{n}": f"Aph{letter}" for n, letter in _PHASES}
    | {f"p{n}": f"Wph{letter}" for n, letter in _PHASES}
    | {f"q{n}": f"VARph{letter}" for n, letter in _PHASES}
    | {f"s{n}": f"VAph{letter}" for n, letter in _PHASES}
    | {f"pf{n}": f"PFph{letter}" for n, letter in _PHASES}
)  # fmt: skip
_ENERGIES: Mapping[str, str] = MappingProxyType(
    {"ep_import": "TotWhImp", "ep_export": "TotWhExp"}
    | {f"ep{n}_import": f"TotWhImpPh{letter}" for n, letter in _PHASES}
    | {f"ep{n}_export": f"TotWhExpPh{letter}" for n, letter in _PHASES}
)
_WIRINGS: Mapping[int, Wiring] = MappingProxyType(
    {1: Wiring.SINGLE, 2: Wiring.NETWORK, 3: Wiring.STAR, 4: Wiring.DELTA}
)
"""By the last digit of the model."""


class SunSpecReader:
    """Reads as `collector.sources.acuvim.reader.Reader` does."""

    def __init__(self, unit: int, where: str, timeout_s: float) -> None:
        self.family = ACUREV_1300
        self._unit = unit
        self._where = where
        self._timeout_s = timeout_s
        self._model: Model | None = None

    def doubt(self) -> None:
        """Another connection: its models may stand elsewhere."""
        self._model = None

    async def poll(self, turn: Turn) -> Poll:
        """All of it or nothing. Raises what reading raises, and BadDevice without a meter model."""
        if self._model is None:
            self._model = await self._find(turn)
        model = self._model
        try:
            blocks = await read_models(turn, self._unit, [model], timeout_s=self._timeout_s)
        except MapShift:
            self._model = None
            raise
        return decode_meter(model.id, blocks[model.id])

    async def _find(self, turn: Turn) -> Model:
        chain = await walk(turn, self._unit, timeout_s=self._timeout_s, bases=(BASE,))
        for model in chain:
            if model.id in METERS:
                return model
        raise BadDevice(
            f"{self._where} has no SunSpec meter model (only "
            f"{', '.join(str(m.id) for m in chain) or 'none'}). Check the unit id."
        )


def decode_meter(model: int, block: bytes) -> Poll:
    """A meter model's registers, from its id on, as values by the names of an ACUVIM. Currents are
    sizes. Never raises."""
    told = decode(LAYOUTS[model], block)
    values = {name: told.values.get(point) for name, point in _NAMES.items()}
    for name, value in values.items():
        if value is not None and name.startswith("i"):
            values[name] = abs(value)
        elif value is not None and name.startswith("pf") and abs(value) > 1.0:
            values[name] = value / 100.0
    for name, point in _ENERGIES.items():
        wh = told.values.get(point)
        values[name] = None if wh is None else wh / 1000.0
    factor = told.factors.get("TotWh_SF") or 0
    settings = Settings(
        wiring=_WIRINGS[model % 10],
        pt=1.0,
        ct=1.0,
        kwh_per_count=10.0**factor / 1000.0,
        ieee=False,
        ct_primary_a=0,
        text=f"SunSpec model {model}, energies in 10^{factor} Wh",
    )
    return Poll(values, {}, settings)
