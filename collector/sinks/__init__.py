"""Sinks: journaled batches to receivers, at least once, until the receiver surely keeps them.

`state` knows what is owed; `deliver` runs one sink; `remote_write` makes requests; `bisect` gets a
request past a receiver that refuses a part; `epoch` sees a receiver's restarts; `http` is the only
module that knows httpx.
"""

from collector.sinks.deliver import Deliverer
from collector.sinks.http import Http

__all__ = ["Deliverer", "Http"]
