"""The work on reports: committed with the end of a participation, done in a process of its own.

**Job** (`jobs`): at most one for each report, written in the transaction that makes it necessary.
What is asked for while it waits joins it. It goes through the stages *provisional* (at once, of
what is known up to the newest tick) and *final* (the last minute stored and split, counters
decided), and is gone when both are committed.

**Making** (`runner`, `making`): the job's folder below `reports/.jobs` is written piece by piece
beside the event loop; a process of lowest priority computes; what it wrote is checked file by file,
made durable, put into its place by one rename, or by one exchange with the files that it replaces,
and committed with its place in the outbox. A crash at any point leaves the job; the next start
brings files back to what the rows say (`recover`) and works on.

**Revisions** (`commit`): a draft takes the place of the provisional files of its revision. Later
changes (corrections, times, late data) ask for the report once more, after a quiet minute; only if
its inputs differ a next revision comes of it. Then earlier drafts are superseded; a released
revision stays released until a newer one is. A release (`releasing`) sets HTML and PDF anew, which
say so.

**Event** (`parts`): its report is made of its systems' files once nothing is to be done for any of
them, and made again when one gets a next revision.
"""

from collector.reports.asking import Wish
from collector.reports.desk import ReportDesk
from collector.reports.hooks import event_hooks
from collector.reports.means import Means
from collector.reports.members import Known
from collector.reports.runner import Runner, Standing

__all__ = ["Known", "Means", "ReportDesk", "Runner", "Standing", "Wish", "event_hooks"]
