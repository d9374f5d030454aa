"""The language of profiles: one struct for each table, as it is written in TOML.

A profile says what is read from a Modbus or HTTP device and what it means. There is no word for
writing. `docs/profiles.md` explains it; what of it fits together is judged in `check.py`.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from collector.model.alarm import Severity
from collector.model.kinds import AssetKind
from collector.profiles import words as w

SCHEMA: Literal[1] = 1


class RoleTable(Struct, frozen=True, kw_only=True):
    """`[[role]]`: an asset beside the device's main one. It appears when the first of its points
    has a value."""

    role: w.RoleName
    kind: AssetKind
    name: w.Text | None = None


class ConditionTable(Struct, frozen=True, kw_only=True):
    """`when = {...}`: holds if the value of `point` fits every key that is written. `absent`: the
    point has no value."""

    point: w.PointName
    equals: float | str | None = None
    min: w.Factor | None = None
    max: w.Factor | None = None
    contains: w.Text | None = None
    bit: w.Bit | None = None
    absent: bool = False


class RepeatTable(Struct, frozen=True, kw_only=True):
    """`repeat = {...}`: the point stands `count` times, each `stride` registers further on (HTTP:
    in the array, at `{n}` of the pointer). `{n}` in name and measurement counts from `first`."""

    count: Annotated[int, Meta(ge=1, le=64, description="a number from 1 to 64")] | None = None
    count_from: w.PointName | None = None
    stride: Annotated[int, Meta(ge=1, le=4096, description="registers from 1 to 4096")] = 1
    first: Annotated[int, Meta(ge=0, le=1000, description="a number from 0 to 1000")] = 1


class ModbusTable(Struct, frozen=True, kw_only=True):
    """`[modbus]`: how the device is spoken to, and what holds for all its points.

    `units` are further unit ids that discovery tries. `exclusive`: the device serves one master;
    the connection is closed after each poll. `one_connection_per_host = false`: a connection of
    its own instead of the one that all units at an address share. `reconnect_on_error`: the
    connection is closed after a Modbus exception too (after silence it always is). `address_base`
    is taken from every address (1 or 40001, as the maker counts). Points are read together when at
    most `max_gap` registers lie between them, `max_count` at once, never across a `page` boundary
    or one of the `barriers`. `invalid` lists raw values that mean *no value*, by type;
    `invalid_top` so many of the top of each integer type's range.
    """

    port: w.Port = 502
    unit: w.UnitId = 1
    units: tuple[w.UnitId, ...] = ()
    timeout_s: w.Timeout = 1.0
    retries: Annotated[int, Meta(ge=0, le=5, description="a number from 0 to 5")] = 0
    message_spacing_ms: w.Milliseconds = 0
    connect_delay_ms: w.Milliseconds = 0
    min_interval_s: w.Seconds = 0.2
    reconnect_on_error: bool = False
    one_connection_per_host: bool = True
    exclusive: bool = False
    fc: w.Function = 3
    word_order: w.WordOrder = "big"
    byte_order: w.ByteOrder = "big"
    address_base: Annotated[
        int, Meta(ge=0, le=400_001, description="what is taken from each address: 0, 1, 40001 …")
    ] = 0
    max_gap: Annotated[int, Meta(ge=0, le=124, description="registers from 0 to 124")] = 16
    max_count: w.Registers = 125
    page: Annotated[int, Meta(ge=1, le=65536, description="registers from 1 to 65536")] | None = (
        None
    )
    barriers: tuple[w.Address, ...] = ()
    invalid: dict[w.PointType, tuple[int, ...]] = {}
    invalid_top: Annotated[int, Meta(ge=0, le=256, description="a number from 0 to 256")] = 0


class SunSpecTable(Struct, frozen=True, kw_only=True):
    """`[sunspec]`: the device has a chain of SunSpec models; points name `model` and `at`. The
    chain must have one of `models` (left out: any), else this is no device of this profile."""

    base: tuple[w.Address, ...] = (40000, 50000, 0)
    models: tuple[w.ModelId, ...] = ()


class HttpTable(Struct, frozen=True, kw_only=True):
    """`[http]`: JSON over HTTP, only ever asked by GET. `auth` says how the registry's `username`
    and `password` are sent; `header` names the header that carries the password for
    `auth = "header"`. `path` is short for one `[[request]]`."""

    path: w.Path | None = None
    port: w.Port | None = None
    tls: bool = False
    auth: Literal["none", "basic", "digest", "bearer", "header"] = "none"
    header: w.HeaderName = "X-Api-Key"
    headers: dict[w.HeaderName, w.Text] = {}
    timeout_s: w.Timeout = 10.0
    min_interval_s: w.Seconds = 1.0


class RequestTable(Struct, frozen=True, kw_only=True):
    """`[[request]]`: one HTTP request of several; points name it by `request` (left out: the
    first). `optional`: 404 means that this device has none, and it is not asked again."""

    name: w.PointName
    path: w.Path
    every_s: w.Seconds | None = None
    once: bool = False
    optional: bool = False


class IdentityTable(Struct, frozen=True, kw_only=True):
    """`[identity]`: the points that say who the device is, read on every connect. `serial` pins
    it: the values of these points, joined with `-`. `model` and `firmware` are for people; a
    new firmware forgets which registers were missing."""

    serial: tuple[w.PointName, ...] = ()
    model: w.PointName | None = None
    firmware: w.PointName | None = None


class FingerprintTable(Struct, frozen=True, kw_only=True):
    """`[[fingerprint]]`: one read by which the device is known; all of them must fit. Modbus:
    `address` (or `model` and `at`) with `type` and `len`. HTTP: `request` and `pointer`.
    `exception` expects a Modbus exception of this number (0: any)."""

    address: w.Address | None = None
    model: w.ModelId | None = None
    at: w.Offset | None = None
    type: w.PointType = "u16"
    len: w.Registers | None = None
    fc: w.Function | None = None
    request: w.PointName | None = None
    pointer: w.Pointer | None = None
    equals: float | str | None = None
    min: w.Factor | None = None
    max: w.Factor | None = None
    contains: w.Text | None = None
    exception: (
        Annotated[int, Meta(ge=0, le=11, description="a Modbus exception, 0 for any")] | None
    ) = None


class BlockTable(Struct, frozen=True, kw_only=True):
    """`[[block]]`: exactly these registers in one request. Points inside (of the same function)
    are read with it; what stands outside every block is put together by itself."""

    name: w.PointName
    address: w.Address
    count: Annotated[int, Meta(ge=1, le=2000, description="registers (125) or coils (2000)")]
    fc: w.Function | None = None
    every_s: w.Seconds | None = None
    once: bool = False
    optional: bool = False


class PointTable(Struct, frozen=True, kw_only=True):
    """`[[point]]`: one value. Where it stands, how it is decoded, what it means.

    value = (register · `scale` ÷ `divide` · 10^`scale_ref` · `factor_from`) + `offset`, with its
    sign changed by `invert`; outside `min`…`max` it is none. `scale_at` is short for a point of
    type `sunssf` at that address (with `model`: at that offset). It is the raw series
    `<profile>_<name>`, and in the catalogue's unit the reading `measurement` of the asset `role`.
    Points of one name are alternatives: each has a `when` or a `model`, the first with a value
    counts. `codes` gives numbers to the texts of a JSON document: `{ "running" = 3 }`.
    """

    name: w.PointName
    address: w.Address | None = None
    words: tuple[w.Address, ...] = ()
    model: w.ModelId | None = None
    at: w.Offset | None = None
    request: w.PointName | None = None
    pointer: w.Pointer | None = None
    codes: w.Codes = {}
    type: w.PointType | None = None
    len: w.Registers | None = None
    bit: w.Bit | None = None
    mask: Annotated[int, Meta(ge=1, le=2**63 - 1, description="a mask like 0xFF00")] | None = None
    fc: w.Function | None = None
    word_order: w.WordOrder | None = None
    byte_order: w.ByteOrder | None = None
    scale: w.Factor = 1.0
    divide: w.Factor = 1.0
    offset: w.Factor = 0.0
    scale_ref: w.PointName | None = None
    scale_at: w.Address | None = None
    factor_from: tuple[w.PointName, ...] = ()
    invert: bool = False
    unit: w.Unit | None = None
    invalid: tuple[int, ...] | None = None
    invalid_top: Annotated[int, Meta(ge=0, le=256, description="0 to 256")] | None = None
    min: w.Factor | None = None
    max: w.Factor | None = None
    enum: w.Words = {}
    states: w.Words = {}
    bits: w.Words = {}
    nibbles: tuple[str, ...] = ()
    severity: Severity | None = None
    levels: w.Levels = {}
    measurement: w.Text | None = None
    role: w.RoleName | None = None
    modulus: Annotated[float, Meta(gt=0, description="where the register starts anew")] | None = (
        None
    )
    monotonic: bool = False
    every_s: w.Seconds | None = None
    once: bool = False
    optional: bool = False
    barrier: bool = False
    when: ConditionTable | None = None
    repeat: RepeatTable | None = None


class BitOfTable(Struct, frozen=True, kw_only=True):
    """`bit = {point = "…", bit = 3}`."""

    point: w.PointName
    bit: w.Bit


class ComputedTable(Struct, frozen=True, kw_only=True):
    """`[[computed]]`: a value out of other points, by exactly one of `sum`, `product`,
    `difference` (A − B), `ratio` (A ÷ B), `bit` and `constant`. Without all its points it has no
    value; a sum with `any` takes those that have one. `absolute` leaves the sign out, before
    `invert`. Alternatives of one name as with points."""

    name: w.PointName
    sum: tuple[w.PointName, ...] = ()
    product: tuple[w.PointName, ...] = ()
    difference: tuple[w.PointName, ...] = ()
    ratio: tuple[w.PointName, ...] = ()
    bit: BitOfTable | None = None
    constant: w.Factor | None = None
    any: bool = False
    absolute: bool = False
    scale: w.Factor = 1.0
    divide: w.Factor = 1.0
    offset: w.Factor = 0.0
    invert: bool = False
    unit: w.Unit | None = None
    min: w.Factor | None = None
    max: w.Factor | None = None
    enum: w.Words = {}
    states: w.Words = {}
    measurement: w.Text | None = None
    role: w.RoleName | None = None
    modulus: Annotated[float, Meta(gt=0, description="where it starts anew")] | None = None
    monotonic: bool = False
    when: ConditionTable | None = None


class AlarmTable(Struct, frozen=True, kw_only=True):
    """`[[alarm]]`: the device complains of `text` while `point` fits: `bit` is set, nibble number
    `nibble` has one of `values`, the value is one of `values`, or lies within `min`…`max`."""

    point: w.PointName
    text: w.Text
    severity: Severity
    bit: w.Bit | None = None
    nibble: Annotated[int, Meta(ge=0, le=499, description="a nibble, from the first")] | None = None
    values: tuple[int, ...] = ()
    min: w.Factor | None = None
    max: w.Factor | None = None
    role: w.RoleName | None = None


class ProfileTable(Struct, frozen=True, kw_only=True):
    """A profile as it is written."""

    schema: Annotated[Literal[1], Meta(description=f"the number of this language, {SCHEMA}")]
    title: w.Text
    kind: AssetKind
    maker: w.Text | None = None
    models: tuple[w.Text, ...] = ()
    transport: Literal["modbus", "http"] = "modbus"
    notes: Annotated[str, Meta(max_length=4000, description="text for people")] = ""
    modbus: ModbusTable = ModbusTable()
    sunspec: SunSpecTable | None = None
    http: HttpTable | None = None
    identity: IdentityTable = IdentityTable()
    role: tuple[RoleTable, ...] = ()
    request: tuple[RequestTable, ...] = ()
    fingerprint: tuple[FingerprintTable, ...] = ()
    block: tuple[BlockTable, ...] = ()
    point: tuple[PointTable, ...] = ()
    computed: tuple[ComputedTable, ...] = ()
    alarm: tuple[AlarmTable, ...] = ()
