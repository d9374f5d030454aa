"""What happens when: the lives of the collector, and the deaths of its receiver."""

import random
from dataclasses import dataclass
from enum import Enum

SETTLE_S = 60.0
"""As the product has it (`collector.sinks.state.SETTLE_S`)."""
AGE_S = 240.0
"""Settled batches of this age go, so that tidying has something to do; far longer than a life."""


class Moment(Enum):
    """Where in its life a collector is killed."""

    START = "while it starts"
    COMMIT = "about a tick's commit"
    ANY = "at any moment"
    LATE = "after something has settled"


SHARES = {Moment.START: 0.25, Moment.COMMIT: 0.25, Moment.ANY: 0.38, Moment.LATE: 0.12}
SPANS = {
    Moment.START: (0.0, 2.5),
    Moment.COMMIT: (2.0, 13.0),
    Moment.ANY: (2.0, 14.0),
    Moment.LATE: (SETTLE_S + 10, SETTLE_S + 40),
}
COMMIT_S = 0.08
"""A tick is frozen, packed and kept within about so long after the whole second."""
DOWN_S = 15.0


@dataclass(frozen=True)
class ReceiverDeath:
    """The receiver is killed `at_s` after the start of a life, and is back after `down_s`."""

    at_s: float
    down_s: float


@dataclass(frozen=True)
class Life:
    """One life of the collector: killed `after_s` after its start, in the way of `moment`;
    `beyond_s` is what a kill about a commit adds to the whole second."""

    moment: Moment
    after_s: float
    beyond_s: float = 0.0
    deaths: tuple[ReceiverDeath, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A whole run. `assets`: a third of them GX, the others meters; `disk_mb` 0: no small disk.
    `cap_mb` is the journal's, and with it the size of its reserve for a full disk: a 64th, in
    portions of 4 MiB."""

    lives: tuple[Life, ...]
    assets: int = 150
    settle_s: float = SETTLE_S
    disk_mb: int = 768
    cap_mb: int = 600

    @property
    def gx(self) -> int:
        """How many of the assets are GX."""
        return max(1, self.assets // 3)

    @property
    def meters(self) -> int:
        """How many are meters."""
        return self.assets - self.gx


def random_lives(seed: int, kills: int, receiver_kills: int) -> tuple[Life, ...]:
    """Lives of all sorts, and deaths of the receiver anywhere in them, half of them in long lives,
    where a sink comes to believe the receiver; by `seed` the same ones."""
    chance = random.Random(seed)
    moments = [
        moment for moment, share in SHARES.items() for _ in range(max(1, round(share * kills)))
    ]
    moments = (moments + [Moment.ANY] * kills)[:kills]
    chance.shuffle(moments)
    lasting = [chance.uniform(*SPANS[moment]) for moment in moments]
    deaths: list[list[ReceiverDeath]] = [[] for _ in range(kills)]
    late = [index for index, moment in enumerate(moments) if moment is Moment.LATE]
    half = -(-receiver_kills // 2) if late else 0
    chosen = chance.choices(late or [0], k=half)
    chosen += chance.choices(range(kills), weights=lasting, k=receiver_kills - half)
    for index in chosen:
        down_s = chance.choice((0.0, 0.0, chance.uniform(0, DOWN_S)))
        deaths[index].append(ReceiverDeath(chance.uniform(0, lasting[index]), down_s))
    return tuple(
        Life(
            moment=moment,
            after_s=after_s,
            beyond_s=chance.uniform(0, COMMIT_S),
            deaths=tuple(sorted(found, key=lambda death: death.at_s)),
        )
        for moment, after_s, found in zip(moments, lasting, deaths, strict=True)
    )
