"""Finding the devices of a site, only when a person asks.

Only addresses that were named, or the private networks that this node stands in; at a bounded
rate; by questions that only ask who somebody is; never an address of the exclusion list. A device
that the collector reads already is shown as it is known and is not asked again. During an event
only single hosts, after a confirmation.

`plan` says pure and simple which addresses; `search` asks them, one way of speaking in each other
module; `mark` compares with the registry; `propose` makes a table for the registry.
"""

from collector.discovery.desk import DiscoveryDesk, SearchRunning

__all__ = ["DiscoveryDesk", "SearchRunning"]
