"""Rollups: what each asset did in each UTC minute. This text is their specification.

**Row** (`collector.model.rollup`): one asset from one cut to the next, as integers. Cuts are at
each UTC minute, where a system joins or leaves (to the millisecond), where an asset gets another
kind or system, and at the end of a run. What had no good time has no row.

**Time.** A reading holds from the tick at which it is taken, that instant included, until the next
tick, that excluded: the tick of :00 belongs to the minute that begins. The last tick of a run, and
one after which none came for 10 s, holds for its own second. How long a tick held is the difference
of tick times, corrected by the monotonic clock in whole seconds (`pace`): rows that were not cut
within a second have whole seconds only.

**Gaps.** A reading that is stale, bad or absent is a gap from that tick on. Nothing grows in it but
the distance of a counter's ends, which are instants: what adjoining rows have in common at a cut is
the end of one and the beginning of the other. So gap energy is in counters and never in integrals.
A state that follows a gap was not seen to be entered.

**One definition, two ways.** Rows are a function of the canonical samples of the ticks. Live they
are reckoned from readings (`rollups`), afterwards from the journal (`replay`), by the same tracks.
They agree bit for bit, but for what samples do not say (see `replay`).

**Storing.** Rows go to `node.db` in order, a minute in one transaction, with a mark: before it
nothing is missing. At the start, and whenever rows were lost on the way, what lies between the mark
and the live rows is made from the journal (`remake`) before live rows follow. An asset's rows that
lie beyond the mark (split off early) stay as they are. Doing it again changes nothing. A join or
leave that is told after its minute was stored splits that row from the journal (`recut`).

**Keeping.** Rows older than the retention expire in small steps, unless a *hold* keeps them
(`holds`): from the beginning of a participation until the cloud has confirmed all its records
(`records`), or a person has released it.
"""

from collector.rollups.fills import Fill
from collector.rollups.reads import History
from collector.rollups.rollups import Rollups
from collector.rollups.tables import Row
from collector.rollups.track import Subject

__all__ = ["Fill", "History", "Rollups", "Row", "Subject"]
