"""Lockouts: who works at an asset, so that nobody commands it. Kept in `node.db`."""

from collections.abc import Callable, Iterable
from functools import partial

from msgspec import structs

from collector.control import table
from collector.errors import NotPossible
from collector.model.control import Lockout
from collector.model.snapshot import AssetView
from collector.model.text import clean
from collector.store import NodeDb

NAME_CELLS, REASON_CELLS = 64, 200


class Lockouts:
    """Those that stand, by asset. `twins` names the assets that are the same thing as an asset: who
    has locked one of them has locked it. Methods that change something raise StoreError."""

    def __init__(self, db: NodeDb, twins: Callable[[str], Iterable[str]]) -> None:
        self._db = db
        self._twins = twins
        self._standing: dict[str, Lockout] = {}

    async def open(self) -> None:
        """Read those that stand."""
        found = await self._db.run("read lockouts", table.lockouts)
        self._standing = {lockout.asset: lockout for lockout in found}

    def own(self, asset: str) -> Lockout | None:
        """The one that was set at this very asset."""
        return self._standing.get(asset)

    def of(self, asset: str) -> Lockout | None:
        """The one that forbids commands at an asset: its own, or one of its twins'."""
        if not self._standing:
            return None
        known = (asset, *self._twins(asset))
        return next((self._standing[each] for each in known if each in self._standing), None)

    async def lock(self, asset: str, *, name: str, reason: str, person: str, at_ms: int) -> Lockout:
        """Lock an asset. In force before it is kept: it only ever forbids. Raises NotPossible when
        it is locked already, for whoever has locked it first would not know."""
        if asset in self._standing:
            one = self._standing[asset]
            raise NotPossible(f"{asset} is locked out already by {one.name}: {one.reason}")
        lockout = Lockout(
            asset=asset,
            name=clean(name, NAME_CELLS) or person,
            reason=clean(reason, REASON_CELLS),
            at_ms=at_ms,
            person=person,
        )
        self._standing[asset] = lockout
        try:
            await self._db.run("keep a lockout", partial(table.lock, lockout=lockout))
        except BaseException:
            del self._standing[asset]
            raise
        return lockout

    async def unlock(self, asset: str) -> None:
        """Remove the lockout of an asset. Raises NotPossible when there is none."""
        if asset not in self._standing:
            raise NotPossible(f"{asset} is not locked out")
        await self._db.run("remove a lockout", partial(table.unlock, asset=asset))
        self._standing.pop(asset, None)

    def mark(self, assets: tuple[AssetView, ...]) -> tuple[AssetView, ...]:
        """The assets, those that are locked out with what forbids them."""
        if not self._standing:
            return assets
        return tuple(structs.replace(view, lockout=self.of(view.id)) for view in assets)
