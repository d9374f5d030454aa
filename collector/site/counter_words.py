"""What the log says when a counter did something else than count: for people, and what to do."""

import structlog

from collector.model.catalogue import split_key
from collector.model.text import quantity
from collector.site.counters import ANOTHER, FIRST, RESET, ROLLOVER, UNPROVEN
from collector.site.energy import Happened
from collector.site.refused import LEAST

log = structlog.get_logger("site")

_SENTENCES = {
    ANOTHER: "{asset}: another unit counts its {measurement}, or another register; it goes on from "
    "what is shown now.",
    UNPROVEN: "{asset}: what its {measurement} counted while it was not heard is not added, for "
    "nothing proves that the same meter answers. If it does: Devices, y.",
    ROLLOVER: "{asset}: the register of its {measurement} has begun at 0 again; nothing is lost.",
    RESET: "{asset}: the register of its {measurement} was set back; the total goes on.",
}


def tell(asset: str, happened: Happened) -> None:
    """Say it, unless there is nothing to it: a first reading, or nothing that was missed."""
    event, named = happened.event, {"asset": asset, "measurement": happened.measurement}
    if event == FIRST or (event == UNPROVEN and not _missed(happened)):
        log.debug("{asset}: its {measurement} is counted from here on.", **named)
    elif event in _SENTENCES:
        log.info(_SENTENCES[event], **named)
    elif happened.refused:
        text = (
            "{asset}: not all is added to its {measurement}, Devices (y) asks whether it shall be"
        )
        log.warning(text, **named, cause=event.removeprefix("refused: "))
    else:
        log.info("{asset}: its {measurement}", **named, cause=event)


def noted(happened: Happened) -> str:
    """What the asset says of it: `load energy: refused: +100 kWh is more than the rating`."""
    name, phase = split_key(happened.measurement)
    return f"{f'{quantity(name)} {phase}'.rstrip()}: {happened.event}"


def _missed(happened: Happened) -> bool:
    """Whether a person is asked about it."""
    return happened.missed is not None and happened.missed.amount >= LEAST
