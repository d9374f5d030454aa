"""`ovr` with two figures changed that no configuration can change; started by the torture alone.

`python -m scripts.torture.launch SETTLE_S AGE_S WORDS…` runs `ovr WORDS…` in which sinks believe
a receiver after SETTLE_S (with 0: at once, looking every second), and the journal lets settled
batches go after AGE_S, so that a short run sees both.
"""

import sys

from collector.config.services import JournalSettings
from collector.sinks.deliver import Deliverer
from collector.sinks.pace import PACE, Pace
from ovr_tui import cli


def main() -> int:
    """Change the figures and run."""
    settle_s, age_s, *words = sys.argv[1:]
    defaults = Deliverer.__init__.__kwdefaults__
    if defaults is None or not isinstance(defaults.get("pace"), Pace):
        raise SystemExit("torture: a sink has no pace any more that could be changed")
    believe_s = float(settle_s)
    look_s = min(PACE.look_s, max(1.0, believe_s))
    defaults["pace"] = Pace(settle_s=believe_s, look_s=look_s)
    kept_s = float(age_s)
    JournalSettings.max_age_s = property(lambda _: kept_s)  # type: ignore[assignment,method-assign]
    return cli.main(words)


if __name__ == "__main__":
    sys.exit(main())
