"""What meters keep themselves and post later (AXM-WEB2 of AccuEnergy). This text is its contract.

**What comes.** `multipart/form-data` with the fields `action`, `datasource` (`serial/model`) and a
file, or the file alone: JSON in either of two shapes (readings beside the device, or within it),
one object, a list of them or one a line; or CSV, a row for each interval. Values are texts; `----`
says that there is none. `axm` reads all of it and never raises but BadPost.

**Whose it is.** The meter is the device of the registry with the serial that the post names, by
its entry or its pinned identity. A post of another serial is refused as a whole.

**When it was.** A row's time is UTC seconds or ISO 8601; a time without a zone is one of the
node's zone, and where that says it twice or not at all the row is left out. A row from the future
is left out; when the meter's clock is just a little ahead the whole post is put off (503), for it
comes again. Rows older than the journal keeps are left out. Everything left out is counted and
told in the answer.

**Where it goes.** Into the journal in batches with their own times, in series of their own: the
names are those of the meter's raw series (`acuvim_…`), with the label `via="axm"`, so that no
sample of a poll is ever replaced by one of a log. No canonical series gets them: a sum over
`ovr_load_power_w` would count the flow twice. They never enter the snapshot. Minutes of the
meter's asset that had no good data are filled in the rollups, marked (`fill`).

**Once.** A row that was taken is remembered by its meter, its time and a digest of its values, and
left out when it comes again: a post that is repeated, in whole or in part, changes nothing. It is
remembered after it is in the journal: a power cut in between repeats the same samples, which
receivers drop. At most two million rows are remembered; the oldest go first.
"""

from collector.ingest.axm import BadPost, Post, Row, parse
from collector.ingest.keep import Ingest, Kept, Meter, NotNow, Past, UnknownMeter
from collector.ingest.minutes import Minute

__all__ = [
    "BadPost",
    "Ingest",
    "Kept",
    "Meter",
    "Minute",
    "NotNow",
    "Past",
    "Post",
    "Row",
    "UnknownMeter",
    "parse",
]
