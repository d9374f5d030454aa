"""A long outage of a receiver, a second one while it catches up, and what came of it.

`python -m scripts.outage` records what a collector journals at the design's workload, writes so
many hours of it into a journal, and starts a collector on it whose receiver has been away all that
time, with all devices there. It measures how fast the past goes out, how far behind the newest
samples are in the receiver, and the collector's memory; at the end what the disturbed receiver
holds is compared with what an undisturbed one was given from the same journal.
"""
