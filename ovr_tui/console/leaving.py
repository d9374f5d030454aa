"""How a console was left."""

from enum import StrEnum


class Leave(StrEnum):
    """What whoever started the console has to do now."""

    LEFT = "left"
    """Nothing: a collector that runs goes on."""
    STOP = "stop collector"
    """The person wants the hosted collector to end."""
