"""Does a profile know what answers over HTTP? Only the pages of fingerprints are fetched."""

from collections.abc import Iterable
from typing import Any

from collector.discovery.by_profile import OTHERS
from collector.model.discovery import Found
from collector.model.kinds import DeviceKind
from collector.model.text import clean
from collector.net.http import Http, Unreachable
from collector.profiles.fingerprint import judged
from collector.profiles.language import PointTable
from collector.profiles.profile import Profile
from collector.sources.http.document import NoDocument, find, number, parse, text

LIMIT_S = 4.0
LONGEST = 65_536
MAX_PAGES = 12


async def ask_http(
    host: str, port: int, profiles: Iterable[Profile], *, limit_s: float = LIMIT_S
) -> list[Found]:
    """The device at this address, by the profile that has most fingerprints which all fit."""
    pages = _Pages(host, port, limit_s)
    fitting: list[Profile] = []
    try:
        for profile in profiles:
            marks = profile.table.fingerprint
            if profile.table.transport == "http" and marks and await _fits(pages, profile):
                fitting.append(profile)
        if not fitting:
            return []
        best, *rest = sorted(fitting, key=lambda each: -len(each.table.fingerprint))
        return [await _found(pages, best, rest, host, port)]
    finally:
        await pages.aclose()


async def _fits(pages: "_Pages", profile: Profile) -> bool:
    for mark in profile.table.fingerprint:
        told = find(await pages.get(_path(profile, mark.request)), mark.pointer or "")
        value = text(told) if mark.contains is not None or isinstance(told, str) else number(told)
        if value is None or not judged(mark, value):
            return False
    return True


async def _found(
    pages: "_Pages", profile: Profile, others: list[Profile], host: str, port: int
) -> Found:
    table = profile.table
    points = {point.name: point for point in table.point}

    async def said(name: str | None) -> str:
        point = points.get(name or "")
        return "" if point is None else await _text(pages, profile, point)

    serial = [await said(name) for name in table.identity.serial]
    hints = (OTHERS.format(names=", ".join(each.name for each in others)),) if others else ()
    return Found(
        kind=DeviceKind.HTTP,
        host=host,
        port=port,
        maker=clean(table.maker or ""),
        model=await said(table.identity.model) or clean(table.title),
        serial="-".join(part for part in serial if part),
        firmware=await said(table.identity.firmware),
        profile=profile.name,
        asset_kind=table.kind,
        ways=("http",),
        hints=hints,
    )


async def _text(pages: "_Pages", profile: Profile, point: PointTable) -> str:
    if point.pointer is None:
        return ""
    return clean(text(find(await pages.get(_path(profile, point.request)), point.pointer)) or "")


def _path(profile: Profile, request: str | None) -> str:
    """The page of a request; of the first when none is named."""
    named = {one.name: one.path for one in profile.table.request}
    if request is not None:
        return named.get(request, "")
    http = profile.table.http
    return next(iter(named.values()), http.path or "" if http else "")


class _Pages:
    """The pages of one server, each fetched once."""

    def __init__(self, host: str, port: int, limit_s: float) -> None:
        self._root = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._limit_s = limit_s
        self._http = Http()
        self._pages: dict[str, Any] = {}

    async def aclose(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def get(self, path: str) -> Any:
        """The document at `path`; None when there is none, or nothing of use came."""
        if path and path not in self._pages and len(self._pages) < MAX_PAGES:
            self._pages[path] = await self._fetched(path)
        return self._pages.get(path)

    async def _fetched(self, path: str) -> Any:
        try:
            answer = await self._http.read(
                self._root + path, {}, limit=LONGEST, within_s=self._limit_s
            )
            return parse(answer.body) if answer.status == 200 else None
        except (Unreachable, NoDocument):
            return None
