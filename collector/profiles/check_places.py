"""Where the values of a profile stand: registers, models, pointers, blocks, fingerprints."""

from collections.abc import Iterator

from collector.model.text import nearest
from collector.profiles.check import Ground
from collector.profiles.language import BlockTable, FingerprintTable, PointTable
from collector.profiles.profile import PLACE
from collector.profiles.types import (
    COIL_FUNCTIONS,
    SHAPES,
    UNSIGNED,
    function_of,
    span_of,
    width,
)

TOP = 65536
LONGEST = 125
_MODBUS_KEYS = (
    "address", "words", "model", "at", "fc", "len", "word_order", "byte_order", "scale_at",
    "barrier", "bit", "mask", "invalid_top",
)  # fmt: skip
_WITH_LENGTH = ("string", "bits", "nibbles")


def check_places(ground: Ground) -> None:
    """Every point, block and fingerprint can be read as it is written."""
    http = ground.table.transport == "http"
    for point in ground.table.point:
        if http:
            _http_point(ground, point)
        else:
            _modbus_point(ground, point)
        _rhythm(ground, point)
        _repeat(ground, point)
    _blocks(ground)
    for fingerprint in ground.table.fingerprint:
        _fingerprint(ground, fingerprint, http=http)


def _rhythm(ground: Ground, table: PointTable | BlockTable) -> None:
    if table.once and table.every_s is not None:
        ground.wrong(ground.at(table, "every_s"), "says otherwise than once", "keep one of them")


def _repeat(ground: Ground, point: PointTable) -> None:
    repeat = point.repeat
    if repeat is None:
        return
    if (repeat.count is None) == (repeat.count_from is None):
        ground.wrong(ground.at(point, "repeat"), "expected either count or count_from", "")
    if PLACE not in point.name:
        hint = f'like "{point.name}_{PLACE}"'
        ground.wrong(ground.at(point, "name"), "a point that repeats needs {n} in its name", hint)
    if point.words:
        ground.wrong(ground.at(point, "words"), "cannot repeat", "write a point for each")


def _http_point(ground: Ground, point: PointTable) -> None:
    for key in _MODBUS_KEYS:
        if getattr(point, key) not in (None, (), False):
            ground.wrong(ground.at(point, key), "is for Modbus", "")
    for key in ("every_s", "once"):
        if getattr(point, key):
            ground.wrong(ground.at(point, key), "is told by the request", "write it at [[request]]")
    if point.pointer is None:
        hint = 'like "/meters/0/power"'
        ground.wrong(ground.at(point), "pointer is missing", hint)
    if point.type not in (None, "string"):
        hint = 'leave it out, or write "string"'
        ground.wrong(ground.at(point, "type"), "JSON says itself what a value is", hint)
    if point.codes and point.type == "string":
        ground.wrong(ground.at(point, "codes"), "a text has no codes", "leave out type")
    _request(ground, point)
    if point.repeat is not None and PLACE not in (point.pointer or ""):
        ground.wrong(ground.at(point, "pointer"), "needs {n} where the array's index stands", "")


def _request(ground: Ground, table: PointTable | FingerprintTable) -> None:
    names = tuple(request.name for request in ground.table.request)
    if table.request is not None and table.request not in names:
        hint = nearest(table.request, names) if names else "write it, or leave this out"
        ground.wrong(ground.at(table, "request"), f'there is no request "{table.request}"', hint)


def _modbus_point(ground: Ground, point: PointTable) -> None:
    for key in ("request", "pointer", "codes"):
        if getattr(point, key) not in (None, {}):
            ground.wrong(ground.at(point, key), "is for HTTP", "")
    modelled = point.model is not None or point.at is not None
    given = (point.address is not None) + bool(point.words) + modelled
    if given != 1 or (point.model is None) != (point.at is None):
        hint = "address = 1024, or words = [667, 671], or model = 103 with at = 14"
        ground.wrong(ground.at(point), "expected one place", hint)
    if modelled and ground.table.sunspec is None:
        ground.wrong(ground.at(point, "model"), "needs [sunspec]", "write [sunspec] above")
    if point.scale_ref is not None and point.scale_at is not None:
        ground.wrong(ground.at(point, "scale_at"), "says otherwise than scale_ref", "keep one")
    if point.type is None:
        ground.wrong(ground.at(point), "type is missing", "like u16, s16, u32, f32, string")
        return
    _shape(ground, point)
    _inside(ground, point)


def _shape(ground: Ground, point: PointTable) -> None:
    kind = point.type
    if kind is None:
        return
    coil = function_of(point, ground.table.modbus) in COIL_FUNCTIONS
    if coil != (kind == "bit" and point.bit is None):
        hint = 'coils and discrete inputs (fc 1, 2) are of type "bit"; in a register, a bit has bit'
        ground.wrong(ground.at(point, "type"), "does not fit the function", hint)
    if point.bit is not None and (kind != "bit" or point.bit > 15):
        ground.wrong(ground.at(point, "bit"), 'expected 0 to 15, with type = "bit"', "")
    if point.mask is not None and kind not in UNSIGNED:
        ground.wrong(ground.at(point, "mask"), "is for unsigned whole numbers", "")
    if point.len is not None and kind not in _WITH_LENGTH:
        ground.wrong(ground.at(point, "len"), f"is for {', '.join(_WITH_LENGTH)}", "")
    if kind == "string" and point.len is None and not point.words:
        ground.wrong(ground.at(point), "len is missing", "how many registers the text takes")
    if kind == "bits" and (point.len or 1) > 4:
        ground.wrong(ground.at(point, "len"), "at most 4 registers of bits at once", "")
    if point.words and SHAPES[kind].width not in (0, len(point.words)):
        message = f"{kind} takes {SHAPES[kind].width} registers, {len(point.words)} are named"
        ground.wrong(ground.at(point, "words"), message, "the high word first")


def _inside(ground: Ground, point: PointTable) -> None:
    """Addresses are registers, and no value is cut by a page or barrier."""
    modbus = ground.table.modbus
    for address in point.words:
        if not 0 <= address - modbus.address_base < TOP:
            _no_register(ground, point, "words", address)
    found = span_of(point, modbus)
    if found is None:
        return
    start, end = found
    if start < 0 or end > TOP:
        _no_register(ground, point, "address", start + modbus.address_base)
    for edge in edges(modbus.barriers, modbus.address_base, modbus.page, start, end):
        message = f"is cut at {edge + modbus.address_base}, across which nothing is read"
        ground.wrong(ground.at(point, "address"), message, "see page and barriers")
    for block in ground.table.block:
        if (block.fc or modbus.fc) != function_of(point, modbus):
            continue
        first = block.address - modbus.address_base
        if start < first < end or start < first + block.count < end:
            message = f'lies half inside the block "{block.name}"'
            ground.wrong(ground.at(point, "address"), message, "blocks hold whole values")


def edges(
    barriers: tuple[int, ...], base: int, page: int | None, start: int, end: int
) -> Iterator[int]:
    """The registers after `start` and before `end` at which a request must begin anew."""
    yield from (b - base for b in barriers if start < b - base < end)
    if page:
        yield from range((start // page + 1) * page, end, page)


def _no_register(ground: Ground, point: PointTable, key: str, address: int) -> None:
    base = ground.table.modbus.address_base
    hint = f"registers go from {base} to {TOP - 1 + base} here (address_base is {base})"
    ground.wrong(ground.at(point, key), f"{address} is no register", hint)


def _blocks(ground: Ground) -> None:
    modbus = ground.table.modbus
    taken: list[tuple[int, int, int, str]] = []
    for block in ground.table.block:
        _rhythm(ground, block)
        function = block.fc or modbus.fc
        start = block.address - modbus.address_base
        if start < 0 or start + block.count > TOP:
            ground.wrong(ground.at(block, "address"), "goes beyond the registers", "")
        if function not in COIL_FUNCTIONS and block.count > LONGEST:
            ground.wrong(ground.at(block, "count"), f"Modbus gives at most {LONGEST} at once", "")
        for other, first, end, name in taken:
            if other == function and start < end and first < start + block.count:
                ground.wrong(ground.at(block, "address"), f'overlaps the block "{name}"', "")
        taken.append((function, start, start + block.count, block.name))


def _fingerprint(ground: Ground, mark: FingerprintTable, *, http: bool) -> None:
    expects = (mark.equals, mark.min, mark.max, mark.contains, mark.exception)
    if all(each is None for each in expects):
        hint = "equals, min, max, contains or exception"
        ground.wrong(ground.at(mark), "expects nothing", hint)
    if http:
        if mark.pointer is None:
            ground.wrong(ground.at(mark), "pointer is missing", "")
        _request(ground, mark)
        for key in ("address", "model", "at", "exception"):
            if getattr(mark, key) is not None:
                ground.wrong(ground.at(mark, key), "is for Modbus", "")
        return
    modelled = mark.model is not None and mark.at is not None
    if (mark.address is not None) == modelled:
        ground.wrong(ground.at(mark), "expected one place", "address, or model with at")
    if mark.address is not None:
        start = mark.address - ground.table.modbus.address_base
        if start < 0 or start + width(mark.type, mark.len) > TOP:
            ground.wrong(ground.at(mark, "address"), f"{mark.address} is no register", "")
    if modelled and ground.table.sunspec is None:
        ground.wrong(ground.at(mark, "model"), "needs [sunspec]", "")
    if mark.type == "string" and mark.len is None:
        ground.wrong(ground.at(mark), "len is missing", "how many registers the text takes")
