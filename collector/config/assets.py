"""`[[asset]]`: what the registry adds to an asset, and how assets measure related flows."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from collector.config.columns import checked
from collector.config.tables import Key, Name, TableReader
from collector.config.toml_lines import Path as KeyPath
from collector.model.assets import AssetSettings, Link, Ratings
from collector.model.kinds import AssetKind, LinkType
from collector.model.text import clean, nearest

ASSET_ID = re.compile(r"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9][a-z0-9._-]{0,63})?\Z")

AssetId = Annotated[
    str,
    Meta(
        pattern=ASSET_ID.pattern,
        extra={"plain": True},
        description='an asset, "<device>" or "<device>.<role>"',
    ),
]
Rating = Annotated[float, Meta(gt=0, le=1_000_000, description="a number above 0")]


def _curve_wrong(points: tuple[tuple[float, float], ...]) -> tuple[str, str]:
    """Why the points are no fuel curve, and a hint."""
    if len(points) == 1:
        return "has one point", "a curve takes two or more points [kW, litres an hour]"
    if points and min(points[0]) < 0:
        return "begins below 0", "kW and litres an hour are 0 or more"
    for one, two in itertools.pairwise(points):
        if two[0] <= one[0] or two[1] <= one[1]:
            shown = f"[{two[0]:g}, {two[1]:g}]"
            hint = "kW and litres an hour rise from point to point: a misprint in the data sheet?"
            return f"does not rise at {shown}", hint
    return "", ""


Points = Annotated[
    tuple[tuple[float, float], ...], checked(_curve_wrong, "a list of points [kW, litres an hour]")
]


Others = Annotated[
    tuple[AssetId, ...],
    Meta(max_length=50, extra={"plain": True}, description="a list of assets"),
]


class AssetTable(Struct, frozen=True, kw_only=True):
    """`[[asset]]` as it is written."""

    id: AssetId
    name: Name = ""
    kind: AssetKind | None = None
    system: Key | None = None
    same_as: AssetId | None = None
    behind: AssetId | None = None
    apart_from: Others = ()
    unit_no: Name = ""
    rated_kva: Rating | None = None
    rated_kw: Rating | None = None
    battery_kwh: Rating | None = None
    inverter_kva: Rating | None = None
    nominal_v: Rating | None = None
    ct_primary_a: Rating | None = None
    tank_l: Rating | None = None
    fuel_curve: Points = ()
    account: Name = ""
    accuracy_class: Name = ""
    certificate: Name = ""


def read_assets(
    reader: TableReader, raw: object, devices: Sequence[str]
) -> tuple[dict[str, AssetSettings], tuple[Link, ...]]:
    """Settings by asset id, and the links. `devices` are all ids that the registry knows; the
    roles of a device are found only when it is read, so any role of a known device is right."""
    settings: dict[str, AssetSettings] = {}
    links: list[tuple[int, Link]] = []
    seen: dict[str, int] = {}
    for index, table in enumerate(reader.tables(AssetTable, ("asset",), raw, lenient=True)):
        if table is None:
            continue
        path: KeyPath = ("asset", index)
        first = seen.setdefault(table.id, index)
        if first != index:
            line = reader.doc.line(("asset", first, "id"))
            message = f'"{table.id}" stands twice' + (f" (line {line})" if line else "")
            reader.wrong((*path, "id"), message, "join the two tables")
            continue
        _known(reader, (*path, "id"), table.id, devices)
        settings[table.id] = _settings(table)
        links += [(index, link) for link in _links(reader, path, table, devices)]
    _no_circle(reader, links)
    return settings, tuple(link for _, link in links)


def _known(reader: TableReader, path: KeyPath, asset: str, devices: Sequence[str]) -> bool:
    device = asset.partition(".")[0]
    if device in devices:
        return True
    hint = nearest(device, tuple(devices)) if devices else "there are no devices yet"
    reader.wrong(path, f'there is no device "{device}"', hint)
    return False


def _links(
    reader: TableReader, path: KeyPath, table: AssetTable, devices: Sequence[str]
) -> Iterator[Link]:
    named = ((LinkType.SAME_AS, table.same_as), (LinkType.BEHIND, table.behind))
    apart = ((LinkType.APART, other) for other in table.apart_from)
    for kind, other in (*named, *apart):
        if other is None:
            continue
        place = (*path, kind.value)
        if other == table.id:
            reader.wrong(place, "is the asset itself", "name the other asset")
        elif _known(reader, place, other, devices):
            yield Link(asset=table.id, type=kind, other=other)
    if table.same_as is not None and table.same_as == table.behind:
        message = f"is {table.same_as}, as same_as is"
        reader.wrong((*path, "behind"), message, "the same flow, or a part of it: one of the two")
    if table.same_as is not None and table.same_as in table.apart_from:
        message = f"names {table.same_as}, as same_as does"
        reader.wrong((*path, "apart_from"), message, "one flow, or two: one of the two")


def _no_circle(reader: TableReader, links: Sequence[tuple[int, Link]]) -> None:
    """No asset may, over any links, be measured by or fed from itself."""
    after: dict[str, list[tuple[int, Link]]] = {}
    for index, link in links:
        if link.type is not LinkType.APART:
            after.setdefault(link.asset, []).append((index, link))
    done: set[str] = set()
    for start in after:
        _walk(reader, after, start, done)


def _walk(
    reader: TableReader,
    after: Mapping[str, list[tuple[int, Link]]],
    start: str,
    done: set[str],
) -> None:
    """Follow all links from `start` once, telling each that leads back onto the way so far."""
    if start in done:
        return
    way, ahead = [start], [iter(after.get(start, ()))]
    while way:
        index, link = next(ahead[-1], (0, None))
        if link is None:
            done.add(way.pop())
            ahead.pop()
        elif link.other in way:
            shown = " → ".join((*way[way.index(link.other) :], link.other))
            place = ("asset", index, link.type.value)
            reader.wrong(place, f"goes in a circle: {shown}", "remove one of these links")
        elif link.other not in done:
            way.append(link.other)
            ahead.append(iter(after.get(link.other, ())))


def _settings(table: AssetTable) -> AssetSettings:
    return AssetSettings(
        name=clean(table.name),
        kind=table.kind,
        system=table.system or "",
        unit_no=clean(table.unit_no),
        ratings=Ratings(
            rated_kva=table.rated_kva,
            rated_kw=table.rated_kw,
            battery_kwh=table.battery_kwh,
            inverter_kva=table.inverter_kva,
            nominal_v=table.nominal_v,
            ct_primary_a=table.ct_primary_a,
            tank_l=table.tank_l,
        ),
        fuel_curve=table.fuel_curve,
        account=clean(table.account),
        accuracy_class=clean(table.accuracy_class),
        certificate=clean(table.certificate),
    )
