"""Alarms: from what is so to what people are told.

- `scene`: everything that is judged, frozen; `evaluate` turns it into *conditions* (pure).
- `causes`: many silent devices behind one cause become one condition (pure).
- `life`, `book`: the life of one alarm, and of all, with time passed in (no I/O).
- `table`: alarms and their changes in `node.db`; `alarms` ties it together.

What is watched: an asset from when it is commissioned, or in an event, until it is released; the
node itself always. What cannot be judged now (a silent asset's charge) leaves an open alarm as it
is. Nothing alarms at once after a start: each condition has to last, and an alarm that was open
when the collector ended is the same alarm afterwards.
"""

from collector.alarms.alarms import Alarms
from collector.alarms.scene import Backlog, Scene

__all__ = ["Alarms", "Backlog", "Scene"]
