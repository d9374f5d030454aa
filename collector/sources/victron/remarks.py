"""What services say that no measurement of the catalogue has a place for: one line each, at the
asset that it is about. Numbers are rounded, so that a line changes when something does."""

from collections.abc import Callable, Iterable, Mapping, MutableMapping

from collector.sources.base import DeviceImage
from collector.sources.victron import words
from collector.sources.victron.derive.battery import dc_power
from collector.sources.victron.derive.common import Values, code, first, num, product, text
from collector.sources.victron.derive.tank import is_fuel
from collector.sources.victron.roles import INVERTERS, Line
from collector.sources.victron.tree import Service
from collector.sources.victron.words import word

MOST = 40
"""Lines of one GX; more nobody reads."""


def watts(power: float | None) -> str:
    """A power for people: steps of 10 W, from 1 kW on of 0.1 kW."""
    if power is None:
        return ""
    return f"{power / 1000:.1f} kW" if abs(power) >= 1000 else f"{round(power, -1):.0f} W"


def degrees(value: float | None) -> str:
    """A temperature for people."""
    return "" if value is None else f"{value:.0f} °C"


def percent(value: float | None) -> str:
    """A part of a whole for people."""
    return "" if value is None else f"{value:.0f} %"


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _flag(values: Values, path: str, said: str, *, when: float = 1.0) -> str:
    return said if num(values, path) == when else ""


def system(values: Values) -> str:
    """Why charging or discharging is limited, and what flows at DC beside the battery."""
    flags = [_flag(values, f"SystemState/{each}", said) for each, said in words.REASONS.items()]
    loads, charger = num(values, "Dc/System/Power"), num(values, "Dc/Charger/Power")
    return _joined(
        *flags,
        f"DC loads {watts(loads)}" if loads else "",
        f"AC chargers {watts(charger)}" if charger else "",
    )


def vebus(values: Values) -> str:
    """AC inputs that are not used though there is power."""
    return _joined(
        *(_flag(values, f"Ac/State/IgnoreAcIn{k}", f"AC input {k} is ignored") for k in (1, 2)),
        _flag(values, "Bms/AllowToCharge", "the BMS forbids charging", when=0.0),
        _flag(values, "Bms/AllowToDischarge", "the BMS forbids discharging", when=0.0),
    )


def battery(values: Values) -> str:
    """What the BMS forbids, and how its cells and modules are."""
    state = num(values, "State")
    return _joined(
        word(words.BMS_STATE, state) if state in words.BMS_STATE else "",
        _flag(values, "Io/AllowToCharge", "the BMS forbids charging", when=0.0),
        _flag(values, "Io/AllowToDischarge", "the BMS forbids discharging", when=0.0),
        words.BALANCER.get(int(num(values, "Balancer/Status") or 0.0), ""),
        *(
            f"modules {said}: {count:g}"
            for path, said in (
                ("NrOfModulesOffline", "offline"),
                ("NrOfModulesBlockingCharge", "blocking charge"),
                ("NrOfModulesBlockingDischarge", "blocking discharge"),
            )
            if (count := num(values, f"System/{path}"))
        ),
        text(values, "Info/ChargeMode"),
    )


def genset(values: Values) -> str:
    """Whether a GX can start it."""
    off = "its remote start is off: the GX cannot start it"
    return _flag(values, "RemoteStartModeEnabled", off, when=0.0)


def generator(values: Values) -> str:
    """Why the engine runs, or is kept from it."""
    code = num(values, "RunningByConditionCode")
    runs = f"started {word(words.RUNNING_BY, code)}" if code in words.RUNNING_BY else ""
    kept = f"stopped because {word(words.STOPPED_BY, code)}" if code in words.STOPPED_BY else ""
    due = num(values, "ServiceCounter")
    return _joined(
        runs or kept,
        _flag(values, "QuietHours", "quiet hours"),
        _flag(values, "AutoStartEnabled", "automatic start is off", when=0.0),
        f"service is due since {-due / 3600:.0f} h" if due is not None and due < 0 else "",
    )


def tank(values: Values) -> str:
    """A sensor that fails; the level of what is no fuel."""
    status = num(values, "Status")
    if status:
        return f"sensor: {word(words.SENSOR, status)}"
    if is_fuel(values):
        return ""
    level = percent(num(values, "Level"))
    return f"{word(words.FLUID, num(values, 'FluidType')) or 'tank'} {level}" if level else ""


def temperature(values: Values) -> str:
    """A temperature sensor."""
    status = num(values, "Status")
    what = word(words.TEMPERATURE, num(values, "TemperatureType"))
    if status:
        return _joined(what, f"sensor: {word(words.SENSOR, status)}")
    humidity = percent(num(values, "Humidity"))
    measured = _joined(
        degrees(num(values, "Temperature")), f"humidity {humidity}" if humidity else ""
    )
    return f"{what} {measured}".strip() if measured else ""


def digital_input(values: Values) -> str:
    """A contact."""
    state = word(words.INPUT, num(values, "State"))
    what = word(words.INPUT_TYPE, num(values, "Type"))
    return f"{what}: {state}" if what and state else state


def ev_charger(values: Values) -> str:
    """What a charging station does."""
    session = num(values, "Session/Energy")
    return _joined(
        word(words.EV_STATUS, num(values, "Status")),
        word(words.EV_MODE, num(values, "Mode")),
        f"session {session:.1f} kWh" if session else "",
    )


def heat_pump(values: Values) -> str:
    """What a heat pump does."""
    target = degrees(num(values, "TargetTemperature"))
    return _joined(
        word(words.HEAT_PUMP, num(values, "State")),
        degrees(num(values, "Temperature")),
        f"target {target}" if target else "",
    )


def charger(values: Values) -> str:
    """A charger or converter at the battery: its state and what it delivers."""
    return _joined(word(words.CHARGER_STATE, num(values, "State")), watts(dc_power(values)))


def converter(values: Values) -> str:
    """A DC-DC converter: the same, and what it takes."""
    taken = first(num(values, "Dc/In/P"), product(num(values, "Dc/In/V"), num(values, "Dc/In/I")))
    return _joined(charger(values), f"takes {watts(taken)}" if taken else "")


def source(values: Values) -> str:
    """A shunt at a source of direct current."""
    return watts(dc_power(values))


def meteo(values: Values) -> str:
    """An irradiance sensor."""
    sun, wind = num(values, "Irradiance"), num(values, "WindSpeed")
    return _joined(
        "" if sun is None else f"sun {sun:.0f} W/m²",
        "" if wind is None else f"wind {wind:.0f} m/s",
        degrees(num(values, "ExternalTemperature")),
    )


def solar_charger(values: Values) -> str:
    """Why it is off."""
    reasons = int(code(values, "DeviceOffReason") or 0)
    return _joined(*(f"off: {said}" for bit, said in words.OFF_REASON.items() if reasons & bit))


SAYS: Mapping[str, Callable[[Values], str]] = {
    "system": system, "vebus": vebus, "battery": battery, "genset": genset, "dcgenset": genset,
    "generator": generator, "tank": tank, "temperature": temperature,
    "digitalinput": digital_input, "evcharger": ev_charger, "heatpump": heat_pump,
    "charger": charger, "dcdc": converter, "alternator": charger, "dcsource": source,
    "meteo": meteo, "solarcharger": solar_charger,
}  # fmt: skip
"""By kind of service what it has to say beside its readings."""

ITSELF = frozenset({"system", "vebus", "generator"})
"""Their line needs no name in front: they are the battery system, or the generator."""


SENSORS = frozenset({"temperature", "digitalinput", "tank"})
"""What they are called without a name of their own says nothing beside what they measure."""


class Remarks:
    """Keeps the remarks of a GX's services. `said` is what the image was told; it outlives the
    connection, so that what is not said on the next one is taken back."""

    def __init__(self, image: DeviceImage, said: MutableMapping[Line, str]) -> None:
        self._image = image
        self._said = said
        self._texts: dict[Service, str] = {}

    def update(
        self,
        changed: Iterable[Service],
        services: Iterable[Service],
        role_of: Callable[[Service], str | None],
        *,
        anew: bool,
    ) -> None:
        """After a tick in which `changed` changed. `role_of` says at which asset the line of a
        service stands; None: there is none. `anew`: there are other services or assets."""
        for service in changed:
            if service.kind in SAYS:
                told = remark(service)
                anew = anew or told != self._texts.get(service, "")
                self._texts[service] = told
        if anew:
            self._tell(services, role_of)

    def _tell(self, services: Iterable[Service], role_of: Callable[[Service], str | None]) -> None:
        wanted: dict[Line, str] = {}
        for service in services:
            told = self._texts.get(service, "")
            role = role_of(service) if told else None
            if role is not None and len(wanted) < MOST:
                wanted[Line(role, f"{service.kind}/{service.instance}")] = told
        for line in self._said.keys() - wanted.keys():
            self._image.remark(line.role, line.topic, "")
            del self._said[line]
        for line, told in wanted.items():
            if self._said.get(line) != told:
                self._image.remark(line.role, line.topic, told)
                self._said[line] = told


def remark(service: Service) -> str:
    """What a service says now; "" for nothing."""
    if not service.usable or not service.settled:
        return ""
    said = SAYS[service.kind](service.values)
    product = "" if service.kind in SENSORS else text(service.values, "ProductName")
    name = text(service.values, "CustomName") or product
    own = service.kind in ITSELF or (service.role is not None and service.kind not in INVERTERS)
    return said if own or not said or not name else f"{name}: {said}"
