"""A Fronius device with a simulated Solar API, its Modbus on or off, and the source on it."""

from contextlib import asynccontextmanager
from random import Random
from types import SimpleNamespace

from collector.simulator.meters import fronius
from collector.simulator.meters.fronius_solar import SmartMeter, SolarApi
from collector.simulator.meters.point import Point
from collector.simulator.physics.battery import BatterySpec
from collector.simulator.physics.direct import Field, FieldSpec
from collector.simulator.physics.load import LoadSpec
from collector.simulator.physics.sun import Sun
from collector.simulator.server_http import HttpServer
from collector.simulator.server_modbus import ModbusServer
from tests.modbus.fronius_bench import Bench
from tests.support.ports import free_port

SERIAL, METER = "28061234", "19120001"


class Plant:
    """A solar field with its smart meter, stepped by hand, and its two ways to be read."""

    def __init__(self, hour=13.0, *, gen24=True, battery=False, serial=SERIAL):
        store = BatterySpec(kwh=11.5, first_soc_pct=50.0) if battery else None
        load = LoadSpec(base_w=4000, show_w=1000)
        self.field = Field(FieldSpec(pv_w=12000, load=load, battery=store), 1, "f")
        self.sun = Sun(Random(1))
        self.hour = hour
        self.made = Point(self.field.pv, Random(3), 5000.0)
        self.grid = Point(self.field.grid, Random(4), 777.0)
        self.inverter = fronius.Inverter(
            point=self.made, array=self.field.array, serial=serial, throttled=lambda: False
        )
        if self.field.battery is not None:
            self.inverter.store = fronius.Store(battery=self.field.battery, serial="P030T1")
        self.api = SolarApi(
            inverters={"1": self.inverter},
            meters={"0": SmartMeter(point=self.grid, serial=METER)},
            gen24=gen24,
        )
        make = fronius.gen24 if gen24 else fronius.datamanager
        number = 200 if gen24 else 240
        self.units = {
            1: make(self.inverter),
            number: fronius.smart_meter(self.grid, METER, number),
        }
        self.step(600)

    def step(self, seconds):
        """Let time pass at the same hour."""
        for _ in range(seconds // 2):
            self.sun.step(2, self.hour)
            self.field.step(2, self.hour, self.sun)


class SolarBench(Bench):
    """The device at a plant. Its Modbus listens when `modbus` is started."""

    def __init__(self, plant, http, port, name="d1", **more):
        self.plant = plant
        self.http = http
        self.modbus = ModbusServer(plant.units)
        self.modbus_port = more.pop("modbus_port", 0) or free_port()
        super().__init__(SimpleNamespace(port=self.modbus_port), name, solar_api_port=port, **more)

    async def modbus_on(self):
        """Somebody switches Modbus on."""
        await self.modbus.start(self.modbus_port)

    async def modbus_off(self):
        """Somebody switches Modbus off."""
        await self.modbus.stop()

    def note(self):
        """What is said of how it is read."""
        return self.image.roles[""].notes.get("solar api", "")


@asynccontextmanager
async def solar(plant=None, **more):
    """A bench whose Solar API serves and whose Modbus refuses."""
    plant = plant or Plant()
    http = HttpServer(plant.api.answer)
    port = await http.start(0)
    bench = SolarBench(plant, http, port, **more)
    try:
        yield bench
    finally:
        await http.stop()
        await bench.modbus_off()
