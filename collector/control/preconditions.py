"""What must hold of the plant before a command, so that no load drops by it.

What is not known counts as what is worse. All functions return why not, in words, or "".
"""

from collector.model.control import ControlValue, Plant

UNDER_LOAD_W = 50.0
"""From here on something hangs at the output."""
ALONE = 240.0
"""AC_SOURCE: no AC input feeds the system."""
GENERATOR = 2.0
SUPPLIES = frozenset({1.0, 2.0, 3.0})
FEEDS = frozenset({1.0, 3.0})
"""Grid and shore."""


def nothing(value: ControlValue, plant: Plant) -> str:
    """No precondition."""
    del value, plant
    return ""


def mode(value: ControlValue, plant: Plant) -> str:
    """Off opens the output, with AC at the input or without; charger only passes AC through and
    makes none; inverter only leaves the AC input alone."""
    if value == "off" and _loaded(plant):
        return f"off drops the loads: {_load(plant)}; take them off first"
    if value == "charger-only" and plant.ac_source not in SUPPLIES and _loaded(plant):
        return (
            f"charger only drops the loads while no AC comes in: {_load(plant)}; "
            "connect AC or take the loads off first"
        )
    if value == "inverter-only":
        return _alone(plant, "without the AC input")
    return ""


def generator(value: ControlValue, plant: Plant) -> str:
    """A generator may stop when the battery can take over; at the grid it need not."""
    if value != "stop" or plant.ac_source in FEEDS:
        return ""
    return _alone(plant, "without the generator")


def generator_auto(value: ControlValue, plant: Plant) -> str:
    """Without automatic start nothing charges a battery that is nearly empty; and a generator that
    runs by it stops."""
    return generator("stop" if value == "off" else "start", plant)


def input_limit(value: ControlValue, plant: Plant) -> str:
    """What the input may not deliver the inverter must be able to."""
    if not isinstance(value, float):
        return "a current is a number"
    if plant.load_w is None:
        return "what the loads take is not known now"
    volts, phases = plant.input_v, plant.phases
    if not volts or not phases:
        return "neither the voltage at the input nor at the output is known now"
    carried = value * volts * phases
    missing = plant.load_w - (plant.inverter_w or 0.0)
    if carried >= missing:
        return ""
    rating = (
        f"the inverter adds {plant.inverter_w:.0f} W"
        if plant.inverter_w is not None
        else "what the inverter can add is not known (set inverter_kva in registry.toml)"
    )
    return (
        f"{value:g} A carry {carried:.0f} W, the loads take {plant.load_w:.0f} W and {rating}: "
        f"{missing / volts / phases:.1f} A or more are needed"
    )


def setpoint(value: ControlValue, plant: Plant) -> str:
    """There must be a grid to draw from; to release one is always right."""
    if value == "release":
        return ""
    if plant.ac_source not in FEEDS:
        return "no grid feeds the system now, so there is nothing to regulate"
    return ""


def _alone(plant: Plant, how: str) -> str:
    """Why battery and inverter cannot carry the loads alone."""
    if plant.load_w is None:
        return f"what the loads take is not known now: they may drop {how}"
    if plant.inverter_w is None:
        return "what the inverter can carry is not known: set inverter_kva in registry.toml"
    if plant.load_w > plant.inverter_w:
        return (
            f"the loads take {plant.load_w:.0f} W, the inverter carries {plant.inverter_w:.0f} W: "
            f"they drop {how}"
        )
    if plant.soc_pct is None:
        return f"the state of charge is not known now: the loads may drop {how}"
    if plant.soc_limit_pct is None:
        return "the limit of the state of charge is not known now"
    if plant.soc_pct < plant.soc_limit_pct:
        return (
            f"the battery is at {plant.soc_pct:.0f} %, below its limit of "
            f"{plant.soc_limit_pct:.0f} %: the loads may drop {how}"
        )
    return ""


def _loaded(plant: Plant) -> bool:
    return plant.load_w is None or plant.load_w > UNDER_LOAD_W


def _load(plant: Plant) -> str:
    if plant.load_w is None:
        return "what they take is not known now"
    return f"they take {plant.load_w / 1000:.1f} kW"
