"""One run with a Fronius device by its Solar API: inverter, battery, smart meters."""

from collections.abc import Callable, Collection, Mapping
from itertools import islice
from typing import Any

from collector.errors import BadDevice, WrongDevice
from collector.model.kinds import AssetKind
from collector.model.reading import Identity
from collector.model.text import clean
from collector.sources.fronius import events
from collector.sources.fronius import readings as convert
from collector.sources.fronius.night import SWITCHES_OFF
from collector.sources.fronius.readings import Battery, Counter
from collector.sources.fronius.rest import at_rest
from collector.sources.fronius.solar import answers, identity
from collector.sources.fronius.solar.answers import Flow, Inverter
from collector.sources.fronius.solar.host import ApiError, NoApi
from collector.sources.fronius.solar.identity import Proof, Told
from collector.sources.fronius.solar.means import LAST_INVERTER, Means, number_of
from collector.sources.fronius.solar.meter import meters
from collector.sources.fronius.solar.metering import Metering
from collector.sources.fronius.solar.raw import SolarRaw
from collector.sources.fronius.sun import elevation_deg
from collector.sources.fronius.writer import Storage, Writer
from collector.sources.modbus.poll import Poller

INTERVAL_S = 10.0
"""Datamanagers suffer from more."""
TOPIC = "solar api"
FLOW = "GetPowerFlowRealtimeData.fcgi"
METERS = "GetMeterRealtimeData.cgi?Scope=System"
STORAGE = "GetStorageRealtimeData.cgi?Scope=System"
COMMON = (
    "GetInverterRealtimeData.cgi?Scope=Device&DeviceId={unit}&DataCollection=CommonInverterData"
)
PHASES = "GetInverterRealtimeData.cgi?Scope=Device&DeviceId={unit}&DataCollection=3PInverterData"
BY_API = (
    "Read by its Solar API because its Modbus is off: every {interval:g} s, no event flags. Switch "
    "Modbus on at Communication → Modbus, as a Modbus TCP slave (Datamanager: Settings → Modbus, "
    "data output via TCP).{more}"
)
UNPROVEN = " The API does not say who it is: what it counts begins anew after each pause."
ASLEEP = "Asleep, 0 W: by the word of its Solar API it is away, after it rested or in the dark."
MOST_BATTERIES = 8


class SolarRun:
    """One run. The main asset is the inverter that the entry's `unit` names, or the smart meter
    that is at this Modbus unit."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._image = means.image
        self._device = means.device
        self._unit = number_of(means.device.unit)
        self._main = Writer(means.image, "")
        self._storage = Storage(means.image, self._main, means.device.name or means.device.id)
        self._raw = SolarRaw(means.image)
        self._metering = Metering(means, self._raw)
        self._told: Told | None = None
        self._refused: set[str] = set()
        """Requests that this device does not have."""
        self._battery = True
        """It may have one: ask."""

    @property
    def told(self) -> Collection[str]:
        """The keys that the main asset had values of."""
        return self._main.told

    async def forever(self, ready: Callable[[], None]) -> None:
        """Poll until cancelled. Raises what keeps it from going on."""
        poller = Poller(
            self._image,
            "",
            interval_s=max(INTERVAL_S, self._device.interval_s),
            timeout_s=self._means.limit_s,
            clock=self._means.clock,
        )
        try:
            await poller.run(self.once, ready)
        finally:
            self._means.api.release(self._device.id)

    async def once(self) -> bool:
        """One poll; False when the device said nothing that is to be used."""
        if self._device.unit > LAST_INVERTER:
            return await self._meter_alone()
        api, limit_s = self._means.api, self._means.limit_s
        told = await identity.ask(api, self._unit, limit_s, self._told)
        self._admit(told)
        flow = answers.flow(await self._ask(FLOW, "site"))
        good = await self._inverter(flow)
        await self._store(flow)
        for meter in meters(await self._ask(METERS)):
            role = self._metering.role(meter, gen24=told.gen24)
            if role is not None:
                self._metering.write(meter, role)
        return good

    async def _ask(self, request: str, part: str = "") -> Mapping[str, Any]:
        """The answer to a request that not every device has; nothing where there is none: what has
        to be answered says whether the API lives."""
        if request in self._refused:
            return {}
        try:
            data = await self._means.api.get(request, self._means.limit_s)
        except ApiError as error:
            if error.lasting:
                self._refused.add(request)
            else:
                self._image.drop(error.reason, str(error))
            return {}
        except NoApi as error:
            self._image.drop(error.reason, str(error))
            return {}
        if part == "site":
            site = data.get("Site")
            self._raw.write(part, "", self._main.serial, site if isinstance(site, dict) else {})
        return data

    # -- who it is ---------------------------------------------------------------------------

    def _admit(self, told: Told) -> None:
        """Before anything of the inverter is used. Raises WrongDevice."""
        if told == self._told:
            return
        proven = self._prove(told) is Proof.PROVEN
        self._told = told
        known = self._image.expected() or identity.serial(told)
        self._main.serial = known or told.serial or told.unique
        self._main.declare(self._device.asset_kind or AssetKind.PV, model="Fronius inverter")
        if not proven:
            self._main.serial = ""  # whose registers these are cannot be said
        self._tell(proven=proven)

    def _prove(self, told: Told) -> Proof:
        """Is it the device that is expected? Raises WrongDevice."""
        image, expected = self._image, self._image.expected()
        proof = identity.prove(told, expected, identity.kept(image))
        serial = expected or identity.serial(told)
        if proof is Proof.OTHER:
            other = told.serial or told.unique
            if expected:
                image.identify(Identity(serial=other, maker="Fronius", model="device"))
            raise WrongDevice(
                f"{self._means.api.where} is {clean(other)} by its Solar API, and another one was "
                "met there: look where that one is now"
            )
        if proof is Proof.PROVEN:
            if serial:
                image.identify(Identity(serial=serial, maker="Fronius", model="device"))
            identity.keep(image, told)
        return proof

    def _tell(self, *, proven: bool) -> None:
        interval = max(INTERVAL_S, self._device.interval_s)
        more = "" if proven else UNPROVEN
        self._image.note("", TOPIC, BY_API.format(interval=interval, more=more))

    # -- the inverter ------------------------------------------------------------------------

    async def _inverter(self, flow: Flow) -> bool:
        api, limit_s = self._means.api, self._means.limit_s
        try:
            common = await api.get(COMMON.format(unit=self._unit), limit_s)
        except ApiError as error:
            if not error.away:
                raise
            return self._asleep() if self._sleeps() else self._away(error)
        phases = await self._ask(PHASES.format(unit=self._unit))
        told = answers.inverter(common, phases, flow.inverter_w.get(self._unit))
        self._raw.write("inverter", self._unit, self._main.serial, _flat(common) | dict(phases))
        if told.values["W"] is None and told.values["St"] in (answers.PRODUCING, None):
            if self._sleeps():
                return self._asleep()
            self._image.drop("no values", f"{api.where}: inverter {self._unit} tells no power")
            return False
        self._write(told, flow)
        return True

    def _write(self, told: Inverter, flow: Flow) -> None:
        battery_w = flow.battery_w if self._hybrid(flow) else None
        readings = convert.inverter(told.model, told.values, battery_w)
        self._main.put(readings, sparse=True)
        if told.wh is not None:
            kwh = told.wh / 1000.0
            self._main.count([Counter("pv_energy_kwh", kwh, "solar.TOTAL_ENERGY", None)])
        self._means.rest.heard(self._means.clock.mono(), resting=at_rest(told.values, None))
        self._means.complaints.say("", events.code("", told.error))
        if self._told is not None and not self._told.gen24 and battery_w is None:
            self._image.pin(SWITCHES_OFF, "yes")
        self._image.present("", True)
        self._image.note("", "asleep", "")

    def _sleeps(self) -> bool:
        means = self._means
        place = means.place()
        sun = None if place is None else elevation_deg(means.clock.wall(), place)
        return means.rest.believed(means.clock.mono(), sun)

    def _asleep(self) -> bool:
        self._main.asleep()
        self._image.present("", True)
        self._image.note("", "asleep", ASLEEP)
        return True

    def _away(self, error: ApiError) -> bool:
        """The API runs and does not reach the inverter, which does not sleep: it is gone."""
        self._means.complaints.say("", ())
        self._image.note("", "asleep", "")
        self._image.present("", False, f"out of reach: {error}")
        return True

    def _hybrid(self, flow: Flow) -> bool:
        """Whether the battery of the site is this inverter's."""
        return len(flow.inverter_w) <= 1 or self._unit in flow.soc_pct

    async def _store(self, flow: Flow) -> None:
        """The battery: there when the power flow or the list of batteries says so."""
        if not self._hybrid(flow) or (flow.battery_w is None and not self._battery):
            return
        data = await self._ask(STORAGE)
        store = answers.storage(data, flow.battery_w)
        self._battery = store is not None or flow.battery_w is not None
        if not self._battery:
            self._storage.write(None)
            return
        readings = {"battery_power_w": flow.battery_w} if store is None else store.readings
        if readings.get("battery_soc_pct") is None:
            readings["battery_soc_pct"] = flow.soc_pct.get(self._unit)
        for number, entry in islice(data.items(), MOST_BATTERIES):
            controller = entry.get("Controller") if isinstance(entry, Mapping) else None
            if isinstance(controller, Mapping):
                self._raw.write("storage", str(number), self._main.serial, controller)
        model, serial = (store.model, store.serial) if store is not None else ("", "")
        self._storage.write(Battery(readings, []), model=model, serial=serial)

    # -- smart meters ------------------------------------------------------------------------

    async def _meter_alone(self) -> bool:
        """The main asset is a smart meter."""
        for meter in meters(await self._means.api.get(METERS, self._means.limit_s)):
            if self._metering.alone(meter):
                told = Told(meter.serial, "", gen24=False)
                if told != self._told:
                    self._tell(proven=self._prove(told) is Proof.PROVEN)
                    self._told = told
                self._metering.write(meter, "")
                return True
        raise BadDevice(f"{self._means.api.where} has no smart meter for unit {self._unit}.")


def _flat(common: Mapping[str, Any]) -> dict[str, Any]:
    status = common.get("DeviceStatus")
    return dict(common) | (dict(status) if isinstance(status, Mapping) else {})
