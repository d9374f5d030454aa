"""What each figure of record stands on."""

from typing import Literal

from msgspec import Struct

from collector.model.said import Clamp, Correction


class Evidence(Struct, frozen=True, kw_only=True):
    """One flow of record of one unit: the meter, its registers at both ends, and the method.

    `deviation_pct` is integral against register; over 2 %, and more than one step of the register
    or half a minute explains, it is `flagged` and blocks release.
    `raw_…` are of the device's register in its own unit, `own_…` kWh of our own total.
    """

    asset: str
    name: str
    flow: str
    unit: str
    make: str
    model: str
    serial: str
    accuracy_class: str
    wiring: str
    certified: bool
    from_ms: int
    to_ms: int
    raw_opening: float | None
    raw_closing: float | None
    own_opening_kwh: float | None
    own_closing_kwh: float | None
    register_kwh: float | None
    integral_kwh: float | None
    deviation_pct: float | None
    method: Literal["register", "integral", "manual", "none"]
    flagged: bool
    kwh: float | None
    uncertainty_kwh: float | None
    verified_ms: int | None = None
    verified_by: str = ""
    clamps: tuple[Clamp, ...] = ()


class Effect(Struct, frozen=True, kw_only=True):
    """What one correction did to one figure."""

    correction: Correction
    figure: str
    unit: str
    before: float | None
    after: float | None
