"""`temperature/24`, `digitalinput/1` and `gps/0`: what hangs at a GX beside the power."""

from collector.simulator.gx.plan import GxPlan
from collector.simulator.gx.service import Row, Service, single

OPEN, CLOSED = 6, 7
"""`digitalinput` `State` of a door."""
DOOR, ROOM = 2, 3
"""`Type` of an input, `TemperatureType` of a sensor."""


def room(plan: GxPlan) -> Service:
    """The air in the container: a little below the cells'."""
    battery = plan.bess.battery
    rows = [Row("Temperature", single(lambda: battery.temperature_c - 3.0, 1), 30)]
    static = {
        "TemperatureType": ROOM, "Status": 0, "Humidity": None, "CustomName": "Container",
        "ProductName": "Generic temperature sensor", "ProductId": 41312, "Offset": 0.0,
        "Scale": 1.0,
    }  # fmt: skip
    return Service("temperature", 24, rows, static)


def door(plan: GxPlan) -> Service:
    """The container's door."""
    static = {
        "Type": DOOR, "Alarm": 0, "Count": 2, "ProductName": "Digital input", "ProductId": 41318,
        "Settings/InvertTranslation": 0,
    }  # fmt: skip
    rows = [Row("State", lambda: OPEN if plan.door_open else CLOSED)]
    return Service("digitalinput", 1, rows, static)


def gps(plan: GxPlan) -> Service:
    """A receiver on the roof; only where the plan says a position."""
    latitude, longitude = plan.position or (0.0, 0.0)
    static = {
        "Position/Latitude": latitude, "Position/Longitude": longitude, "Altitude": 210.0,
        "Fix": 1, "NrOfSatellites": 9, "Speed": 0.0, "Course": 0.0, "ProductName": "GPS",
    }  # fmt: skip
    return Service("gps", 0, [], static)
