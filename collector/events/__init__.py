"""Events on the node: jobs, which systems take part in them and when, and what people add.

What an event is follows from its changes, which are only ever added (`collector.model.event`,
`collector.model.event_history`): so what two nodes know is merged by putting it together. Here are
what may be done and what not (`rules`, `checks`: pure, with time passed in), the rows (`tables`,
`said_tables`), what a participation keeps of rollups (`holding`), and the books that write all of
it, each deed in one transaction of `node.db` with its records for the cloud, its hold and what
reports make of it (`hooks`).
"""

from collector.events.book import EventBook
from collector.events.hooks import Hooks
from collector.events.said import SaidBook

__all__ = ["EventBook", "Hooks", "SaidBook"]
