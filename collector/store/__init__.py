"""`node.db`: everything the node must remember besides samples.

Exactly one connection, on one thread (SQLite before 3.51.3 can damage a WAL database with two);
WAL and `synchronous=FULL`, so what `NodeDb.run` has returned for survives a power cut. Packages
above own their tables: each has a file in `schema/` and plain functions over the connection, so
that one transaction can hold what belongs together (a record and its place in the outbox).

A damaged file never stops the collector: it is moved to `node.db.corrupt.<UTC time>`, a new one
begins, and every row that can still be read is carried over, table by table, but for rollups: they
are made again from the journal.
"""

from collector.store.node_db import NodeDb

__all__ = ["NodeDb"]
