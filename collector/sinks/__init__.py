"""Sinks: journaled batches to receivers, at least once, until the receiver surely keeps them.

`state` knows what is owed; `deliver` runs one sink; `remote_write` makes requests; `bisect` gets a
request past a receiver that refuses a part; `epoch` sees a receiver's restarts.
"""

from collector.net.http import Http
from collector.sinks.deliver import Deliverer

__all__ = ["Deliverer", "Http"]
