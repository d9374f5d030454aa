"""A scripted show of two days, as a crew would run it: what happens to the plant, and what people
enter about it. `terms` is what was agreed, `crew` what people do, `script` when."""

from collector.simulator.event.play import Played, play
from collector.simulator.event.script import weekend

__all__ = ["Played", "play", "weekend"]
