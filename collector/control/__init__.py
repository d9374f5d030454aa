"""Control: what people may have a device do, who may, when, and how it ended.

`catalogue` is the closed list of commands; `rules` decides, without I/O, whether one may be given
now; `desk` keeps the order that makes a try safe: begun in the audit, decided, written once by
the source's control port, read back, concluded. Nothing is queued and nothing is written twice.
"""
