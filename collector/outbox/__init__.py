"""The outbox: business records to the cloud API, at least once, until the cloud surely has them.

**Promises**

1. `put` runs inside the transaction that changes the record: both are durable, or neither is.
2. Records of one kind are sent in the order in which they were put. Of kinds that say so
   (`collector.model.outbox.KINDS`) a newer revision takes the place of one that still waits; of
   the others each revision is sent.
3. A record leaves `node.db` when the cloud has answered that it is stored, or known: at once, for
   its table of origin is what people look things up in. Before that it is tried for ever.
4. A record is set aside (*refused*: shown, `resend`, `forget`) only when it cannot succeed as it
   is: the API says so of this record, or refuses it twice with another record taken in between, or
   a file of it is missing or changed. Everything else (network, TLS, 401, 403, 404, 409, 429, 5xx,
   nonsense) keeps the record, with a back-off of up to a minute and what Retry-After asks.
5. Nothing of one kind holds up another: small kinds take turns on one lane, kinds with files or
   much data on a second one that rests after each request.
6. Without `[cloud]` records wait for one that is set later. What people decided is kept for ever;
   of alarms' changes the last 20,000 wait, of the node's status the last one. Rollups wait without
   a copy: their packet is made from the rollups themselves when its turn comes.

**Revisions** rise with each record and follow the clock, so that they go on rising when an earlier
copy of `node.db` is put back. With the installation's id, made once for a file, they make each
record's revision unique in the world.

`table` holds the rows, `shown` lists them for people, `door` speaks the protocol that
docs/cloud-api.md defines, `attach` brings files, `lane` and `turns` send, `outbox` runs it all,
`status` makes the bodies of
records about the node and its alarms.
"""

from collector.outbox.outbox import Outbox
from collector.outbox.status import node_status, put_alarm
from collector.outbox.table import Packet, put

__all__ = ["Outbox", "Packet", "node_status", "put", "put_alarm"]
