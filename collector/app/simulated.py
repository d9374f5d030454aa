"""What a simulated site needs of people, done without them."""

import asyncio
from collections.abc import Callable
from typing import NoReturn

from collector.alarms import Alarms
from collector.model.kinds import AssetStatus
from collector.model.snapshot import Snapshot

PERSON = "simulation"
LOOK_S = 1.0


async def commission_all(
    alarms: Alarms, newest: Callable[[], Snapshot], ready: Callable[[], None]
) -> NoReturn:
    """Commission each asset once it lives, so that its alarms are raised. Raises StoreError."""
    seen: set[str] = set(alarms.commissioned)
    while True:
        for asset in newest().assets:
            if asset.id not in seen and asset.status is AssetStatus.LIVE:
                await alarms.commission(asset.id, person=PERSON)
                seen.add(asset.id)
        ready()
        await asyncio.sleep(LOOK_S)
