"""The words that a profile is written in: types of its keys, each with its limits."""

from typing import Annotated, Literal

from msgspec import Meta

from collector.model.alarm import Severity

PointType = Literal[
    "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64",
    "acc16", "acc32", "acc64", "enum16", "enum32", "bits", "nibbles", "bit", "sunssf", "string",
]  # fmt: skip
"""How a value lies in registers. `accNN` and `enumNN` are unsigned, with SunSpec's sentinels where
the profile has `[sunspec]`; `bit` is a coil, or one bit of a register."""

WordOrder = Literal["big", "little"]
"""big: the high word comes first."""

ByteOrder = Literal["big", "little"]
"""little: the two bytes of each register are swapped."""

NAME = r"\A[a-z][a-z0-9_]{0,62}\Z"
PointName = Annotated[
    str,
    Meta(
        pattern=r"\A[a-z](?:[a-z0-9_]|\{n\}){0,62}\Z",
        description="a name: a-z, 0-9 and _, beginning with a letter ({n} where it repeats)",
    ),
]
RoleName = Annotated[
    str,
    Meta(
        pattern=r"\A[a-z0-9][a-z0-9-]{0,30}\Z",
        description="a role: a-z, 0-9 and -, at most 31 characters",
    ),
]
Text = Annotated[
    str, Meta(min_length=1, max_length=200, description="text, 200 characters at most")
]
Unit = Annotated[str, Meta(max_length=16, description='a unit like "kW"')]
Address = Annotated[
    int, Meta(ge=0, le=999_999, description="a register, as the maker's list writes it")
]
Offset = Annotated[int, Meta(ge=0, le=65535, description="an offset from the model's id register")]
ModelId = Annotated[int, Meta(ge=1, le=65534, description="the id of a SunSpec model")]
Function = Annotated[
    Literal[1, 2, 3, 4],
    Meta(description="1 coils, 2 discrete inputs, 3 holding or 4 input registers"),
]
Registers = Annotated[int, Meta(ge=1, le=125, description="a number of registers from 1 to 125")]
Seconds = Annotated[float, Meta(ge=0.2, le=86400, description="seconds from 0.2 to 86400")]
Timeout = Annotated[float, Meta(ge=0.1, le=120, description="seconds from 0.1 to 120")]
Milliseconds = Annotated[int, Meta(ge=0, le=10_000, description="milliseconds up to 10000")]
UnitId = Annotated[int, Meta(ge=0, le=255, description="a Modbus unit from 0 to 255")]
Port = Annotated[int, Meta(ge=1, le=65535, description="a port from 1 to 65535")]
Factor = Annotated[float, Meta(description="a number")]
Bit = Annotated[int, Meta(ge=0, le=63, description="a bit, 0 the lowest")]
Pointer = Annotated[
    str,
    Meta(
        pattern=r"\A(?:/(?:[^~/]|~[01])*)*\Z",
        max_length=200,
        description='a JSON pointer like "/meters/0/power"',
    ),
]
Path = Annotated[
    str,
    Meta(pattern=r"\A/[!-~]*\Z", max_length=300, description='a path like "/api/status?full=1"'),
]
HeaderName = Annotated[
    str, Meta(pattern=r"\A[A-Za-z0-9-]{1,60}\Z", description="the name of an HTTP header")
]
Words = dict[str, Text]
"""Numbers, or ranges of them (`"1-7"`), with what each means."""
Codes = Annotated[
    dict[str, Annotated[int, Meta(ge=-(2**53), le=2**53)]],
    Meta(description='texts, each with a whole number, like { "running" = 3 }'),
]
"""Texts of a device, each with the number that stands for it."""
Levels = dict[str, Severity]
"""Numbers, or ranges of them, with how bad each is."""
