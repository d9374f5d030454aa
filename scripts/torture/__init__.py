"""Pulling plugs: what was journaled is in the receiver afterwards, once, or this says what is not.

`python -m scripts.torture` kills a collector at random moments of its life, its VictoriaMetrics
too, and fills the disk below it. At each kill the journal's files are copied and read (`witness`);
at the end every sample that was ever committed is compared with VictoriaMetrics' own export
(`compare`). `--unsafe-settle` switches the rule off by which a sink waits before it believes a
receiver: then the same run has to find samples missing, and says so.

A SIGKILL leaves what the system has not written yet to the system: that a commit survives a power
cut is SQLite's `synchronous=FULL`, not proven here.
"""
