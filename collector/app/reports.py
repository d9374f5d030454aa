"""Reports on a running node: what it knows of its assets, and who makes and keeps them."""

import os
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from functools import partial
from pathlib import Path

import structlog
from msgspec import Struct, field

from collector.app.told import known_of
from collector.config.node import NodeConfig
from collector.config.paths import Home
from collector.events import EventBook
from collector.model.refused import RefusedCount
from collector.model.report_input import Brand
from collector.reports import Means, ReportDesk, Runner, event_hooks, jobs
from collector.reports.due import Now
from collector.reports.table import Db
from collector.rollups import Rollups, Row
from collector.site.site import Site
from collector.site.store import Store
from collector.store import NodeDb
from collector.supervisor import Watch

MOST_LOGO = 512 << 10
LOGOS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""What a logo may be, by how its file begins: pictures that carry no program."""
PROCESSES = 2
"""They give way to everything else, so that they may have a small machine's cores."""

log = structlog.get_logger("reports")


class Reports(Struct, frozen=True, kw_only=True):
    """Who makes reports, and who answers about them."""

    runner: Runner
    desk: ReportDesk
    watch: Watch = field(default_factory=partial(Watch, "reports"))


def open_reports(
    home: Home,
    node: NodeConfig,
    node_db: NodeDb,
    site: Site,
    rollups: Rollups,
    events: EventBook,
    newest_ms: Callable[[], int],
    wall: Callable[[], float] = time.time,
) -> Reports:
    """The work on a node's reports, asked for by the book of events from now on. `newest_ms` is
    the newest tick (UTC ms), `wall` UTC seconds."""
    processes = min(PROCESSES, os.cpu_count() or 1)
    brand = Branding(home.config, node)

    async def rows(
        assets: Sequence[str], from_ms: int, to_ms: int, live: bool
    ) -> AsyncGenerator[list[Row], None]:
        async for piece in rollups.rows(assets, from_ms, to_ms, with_open=live, long=True):
            yield piece

    means = Means(
        db=node_db,
        state=home.state,
        rows=rows,
        known=lambda: known_of(node, site, brand.now()),
        newest_ms=newest_ms,
        wall=lambda: int(wall() * 1000),
        now=lambda: Now(undecided=undecided(site), cuts=rollups.cuts()),
        processes=processes,
        spare=2 * processes,
    )
    runner = Runner(means)
    events.hooks = event_hooks(runner.asked)
    return Reports(runner=runner, desk=ReportDesk(means, runner))


def undecided(site: Site) -> frozenset[str]:
    """Assets of which a counter fell just now, and may come back or begin anew."""
    return frozenset(
        asset for (asset, _), counter in site.counters.items() if counter.dip_ms is not None
    )


class Branding:
    """The company's name and its logo, a file beside node.toml that is read when it changes."""

    def __init__(self, config: Path, node: NodeConfig) -> None:
        self._company = node.report.company
        self._path = config / node.report.logo if node.report.logo else None
        self._seen: tuple[int, int] = (0, 0)
        self._brand = Brand(company=self._company)

    def now(self) -> Brand:
        """As it is now; what cannot be used is left out, which is told once."""
        if self._path is None:
            return self._brand
        try:
            found = self._path.stat()
            if (found.st_mtime_ns, found.st_size) != self._seen:
                self._seen = (found.st_mtime_ns, found.st_size)
                self._brand = self._read(self._path, found.st_size)
        except OSError as error:
            if self._seen != (-1, -1):
                log.warning(
                    "Reports have no logo, {file} cannot be read",
                    file=str(self._path),
                    cause=str(error),
                )
            self._seen = (-1, -1)
            self._brand = Brand(company=self._company)
        return self._brand

    def _read(self, path: Path, size: int) -> Brand:
        content = path.read_bytes() if size <= MOST_LOGO else b""
        kind = next((kind for start, kind in LOGOS.items() if content.startswith(start)), "")
        if not kind:
            log.warning(
                "Reports have no logo: {file} must be PNG or JPEG of at most 512 kB.",
                file=str(path),
            )
            return Brand(company=self._company)
        return Brand(company=self._company, logo=content, logo_type=kind)


def tell_of_late_data(rollups: Rollups, store: Store) -> None:
    """Reports hear of data that come after their time: minutes that a meter's own log fills, and
    energy that a person accepts afterwards."""

    def filled(db: Db, asset: str, from_ms: int, to_ms: int) -> None:
        now_ms = time.time_ns() // 1_000_000
        jobs.touch(
            db,
            now_ms,
            "a meter's log has filled gaps",
            assets=(asset,),
            from_ms=from_ms,
            to_ms=to_ms,
        )

    def decided(db: Db, one: RefusedCount) -> None:
        jobs.touch(
            db,
            one.decided_ms or one.at_ms,
            "it was decided about refused energy",
            assets=(one.asset,),
            from_ms=one.at_ms,
            to_ms=one.at_ms + 1,
        )

    rollups.filled = filled
    store.on_decided = decided


def reports_problem(reports: Reports) -> str:
    """What is wrong about reports and for a person to see to; "" for nothing."""
    if reports.watch.state == "backoff":
        return f"reports are not made: {reports.watch.cause}"
    return reports.runner.standing.problem
