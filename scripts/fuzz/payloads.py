"""MQTT messages of a GX that has lost its mind. Pure."""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from collector.sources.victron.topics import PLATFORM, SERVICES, SETTINGS
from scripts.bench.gx_wire import paths

ODD_TEXTS = (
    "", " ", "\x00", "\u202eevil", "a" * 5000, "\U0001f50b" * 40, "NaN", "Infinity", "-1e400",
    "[red]bold[/red]", "\x1b[2J\x1b]0;owned\x07", "';DROP TABLE assets;--", "../../etc/passwd",
    "null", "e\u0301" * 30, "\ud7ff", "%s%n", "{{7*7}}", "<script>alert(1)</script>", "0x10",
)  # fmt: skip
NUMBERS = (
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e308", "-0.0", "5e-324", "9" * 400,
    "18446744073709551616", "-9223372036854775809", "0.1", "1E+2", "01", "+1", ".5", "1.", "0x1F",
    "1_000", "٣", "true", "false", "null",
)  # fmt: skip
"""As they stand in JSON, or should not."""
TYPES: tuple[Any, ...] = (
    [], {}, [1, 2], {"a": 1}, True, False, None, [[[]]], [{"value": 1}], {"value": 2}, "12.5",
)  # fmt: skip
OTHER_JSON = (
    b"[]", b"{}", b"12", b'"x"', b"null", b'{"Value":1}', b'{"value":1,"value":"x"}',
    b'[{"value":1}]', b'{"value"}', b'{"value":}', b"{'value':1}", b'\xef\xbb\xbf{"value":1}',
)  # fmt: skip
LIMIT = 262_144
"""The largest payload that is read."""
BRIDGES = ("vebus", "battery", "system", "genset", "grid", "tank", "solarcharger", "pvinverter")
MORE_PATHS = (
    "Serial", "ProductId", "ProductName", "CustomName", "Connected", "DeviceInstance", "State",
    "Mode", "Position", "Role", "Ac/Power", "Ac/L1/Power", "Ac/Energy/Forward", "Soc", "Level",
    "Capacity", "FluidType", "Alarms/LowBattery", "ErrorCode", "StatusCode", "NrOfPhases", "Type",
    "Mgmt/Connection", "Position/Latitude", "Fix", "Ac/Out/L1/P", "Ac/ActiveIn/ActiveInput",
    "Yield/System", "Yield/User", "Dc/0/Power", "History/ChargedEnergy", "Batteries",
    "Relay/0/State", "AutoStart", "RunningByConditionCode", "Engine/Load",
    "Engine/OperatingHours", "Temperature",
)  # fmt: skip

T = TypeVar("T")


class Message(NamedTuple):
    """One PUBLISH."""

    topic: str
    payload: bytes
    retain: bool = False


class Mad:
    """Makes messages of the GX `portal`; `others` are portal ids that are not its own."""

    def __init__(self, rng: random.Random, portal: str) -> None:
        self._rng = rng
        self._root = f"N/{portal}"
        self._known = [f"{self._root}/{path}" for path in paths()]
        self._special = [f"{self._root}/{name}" for name in ("heartbeat", "keepalive")]
        self._special += [f"{self._root}/full_publish_completed"]
        topics: list[tuple[int, Callable[[], str]]] = [
            (60, lambda: rng.choice(self._known)), (25, self._plausible), (5, self._setting),
            (3, lambda: rng.choice(self._special)), (7, self._odd_topic),
        ]  # fmt: skip
        payloads: list[tuple[float, Callable[[], bytes]]] = [
            (24, self._number), (14, self._odd_number), (10, self._text), (8, self._wrong_type),
            (8, self._broken), (7, self._noise), (6, lambda: b""), (5, self._other_json),
            (5, self._nested), (4, self._not_utf8), (3, self._echo), (0.05, self._large),
            (0.002, self._huge),
        ]  # fmt: skip
        self._topics, self._topic_weights = _split(topics)
        self._payloads, self._payload_weights = _split(payloads)

    def message(self) -> Message:
        """The next one."""
        (topic,) = self._rng.choices(self._topics, self._topic_weights)
        (payload,) = self._rng.choices(self._payloads, self._payload_weights)
        return Message(topic(), payload(), self._rng.random() < 0.01)

    # -- topics ------------------------------------------------------------------------------

    def _plausible(self) -> str:
        rng = self._rng
        service = rng.choice(BRIDGES) if rng.random() < 0.7 else rng.choice(SERVICES)
        instance = rng.choice(
            (str(rng.randrange(600)), "0", "main", "ttyUSB0", str(rng.randrange(4)))
        )
        return f"{self._root}/{service}/{instance}/{rng.choice(MORE_PATHS)}"

    def _setting(self) -> str:
        rng = self._rng
        if rng.random() < 0.4:
            tail = rng.choice(PLATFORM).replace("#", rng.choice(("Model", "0/Active", "x/y/z")))
            return f"{self._root}/platform/0/{tail}"
        tail = rng.choice(SETTINGS).replace("#", rng.choice(("AutoStart", "Soc/StartValue")))
        return f"{self._root}/settings/0/Settings/{tail}"

    def _odd_topic(self) -> str:
        """What a broker still passes on, and no GX would say."""
        rng = self._rng
        service = rng.choice(BRIDGES)
        return rng.choice(
            (
                f"{self._root}/{service}/{rng.choice(('x' * 70, '-1', '1e9', ' ', 'ü', '٣'))}/Soc",
                f"{self._root}/{service}/0//Ac//Power",
                f"{self._root}/{service}/0/Ac/Power/",
                f"{self._root}/{service}/{rng.randrange(1 << 40)}/Soc",
                f"{self._root}/{service}/0/" + "a/" * 60 + "z",
                f"{self._root}/{service}/0/" + "p" * rng.randint(300, 1000),
                f"{self._root}/{service}/0/Noise{rng.randrange(1 << 30)}",
                f"{self._root}/{service}/0/\u202e{chr(rng.randrange(0xA1, 0xD7FF))}",
                f"{self._root}/{service}/0/$SYS/[bold]x",
            )
        )

    # -- payloads ----------------------------------------------------------------------------

    def _number(self) -> bytes:
        rng = self._rng
        usual = (rng.uniform(-1e3, 1e3), rng.uniform(-1e9, 1e9), float(rng.randrange(12)))
        value = rng.choice((*usual, -1.0, 0.0, 2.0**31, 1e18))
        return b'{"value":%s}' % json.dumps(value).encode()

    def _odd_number(self) -> bytes:
        return b'{"value":%s}' % self._rng.choice(NUMBERS).encode()

    def _text(self) -> bytes:
        return json.dumps({"value": self._rng.choice(ODD_TEXTS)}).encode()

    def _wrong_type(self) -> bytes:
        value: object = self._rng.choice(TYPES)
        return json.dumps({"value": value, "min": self._rng.choice((0, "x", None))}).encode()

    def _other_json(self) -> bytes:
        return self._rng.choice(OTHER_JSON)

    def _broken(self) -> bytes:
        whole = b'{"max":10,"min":0,"value":%d}' % self._rng.randrange(1000)
        cut = bytearray(whole[: self._rng.randrange(1, len(whole))])
        if self._rng.random() < 0.5:
            cut[self._rng.randrange(len(cut))] = self._rng.randrange(256)
        return bytes(cut)

    def _noise(self) -> bytes:
        return self._rng.randbytes(self._rng.randint(1, 200))

    def _not_utf8(self) -> bytes:
        return b'{"value":"' + self._rng.randbytes(12).replace(b'"', b"") + b'"}'

    def _nested(self) -> bytes:
        deep = self._rng.choice((50, 500, 1_100, 5_000))
        way = self._rng.randrange(3)
        if way == 0:
            return b'{"value":' + b"[" * deep + b"]" * deep + b"}"
        if way == 1:
            return b'{"value":' * deep + b"1" + b"}" * deep
        return b"[" * deep

    def _echo(self) -> bytes:
        value: Any = self._rng.choice(
            ("", "x" * 300, 5, None, [], str(self._rng.randrange(1 << 30)))
        )
        return json.dumps({"full-publish-completed-echo": value, "value": 1}).encode()

    def _large(self) -> bytes:
        size = self._rng.choice((20_000, LIMIT - 12, LIMIT - 11, LIMIT, LIMIT + 1))
        return b'{"value":"' + b"x" * size + b'"}'

    def _huge(self) -> bytes:
        return b'{"value":[' + b"1," * 4_000_000 + b"1]}"


def _split(pairs: Sequence[tuple[float, T]]) -> tuple[list[T], list[float]]:
    return [made for _, made in pairs], [weight for weight, _ in pairs]
