"""Numbers, units and times as people of a place read them.

Words are English; separators come from the report's locale (Babel, CLDR), the order of a date from
its territory. Hours go from 0 to 24 everywhere, as on the screens and in the times of UTC beside
them. Digits are always 0-9: they must be found again in the JSON.
"""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from babel.numbers import format_decimal

from collector.model.report_document import Paper

UNKNOWN = "—"
"""What stands where a figure is not known; a note says why."""
NB = "\N{NO-BREAK SPACE}"
# Where paper is Letter: CLDR, supplemental data, "US-Letter" of paperSize.
_LETTER = frozenset(
    ["BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"]
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Reader:
    """How figures are written for one locale and one time zone.

    `locale` is like `en_US` or `de-DE`; one that Babel does not know is read as `en_001` (English,
    metric paper). An unknown zone is read as UTC, and named so.
    """

    def __init__(self, locale: str, zone: str) -> None:
        self.locale = _parsed(locale)
        territory = self.locale.territory or "001"
        self._words = _english(territory)
        self.paper: Paper = "us-letter" if territory in _LETTER else "a4"
        self.zone = _zone(zone)
        self.zone_name = self.zone.key

    def number(self, value: float | None, decimals: int = 0) -> str:
        """`value` with exactly that many decimals and a true minus sign; `—` for none."""
        if value is None:
            return UNKNOWN
        return _decimal(value, decimals, self.locale)

    def quantity(self, value: float | None, unit: str, decimals: int = 0) -> str:
        """A number and its unit that stay on one line."""
        if value is None:
            return UNKNOWN
        return f"{self.number(value, decimals)}{NB}{unit}"

    def percent(self, value: float | None, decimals: int = 1) -> str:
        """A share that is given in per cent."""
        return self.quantity(value, "%", decimals)

    def date(self, ms: int) -> str:
        """`Sat, Sep 5, 2026` in the event's zone, in the order of the territory."""
        return str(format_skeleton("yMMMEd", self.local(ms), locale=self._words))

    def day(self, ms: int) -> str:
        """`Sat, Sep 5`."""
        return str(format_skeleton("MMMEd", self.local(ms), locale=self._words))

    def day_of(self, iso: str) -> str:
        """`2026-09-05` as `Sat, Sep 5`; what is no day as it is."""
        try:
            day = datetime.fromisoformat(f"{iso[:10]}T12:00:00")
        except ValueError:
            return iso[:10]
        return str(format_skeleton("MMMEd", day, locale=self._words))

    @property
    def day_first(self) -> bool:
        """Whether a date has the day before the month."""
        pattern = str(self._words.date_formats["medium"].pattern)
        return pattern.find("d") < pattern.find("M")

    def clock(self, ms: int, *, seconds: bool = False) -> str:
        """The time of day: `21:40`, `21:40:07`."""
        return f"{self.local(ms):{'%H:%M:%S' if seconds else '%H:%M'}}"

    def moment(self, ms: int | None, *, seconds: bool = False) -> str:
        """`Sat, Sep 5, 21:40 PDT`: with the zone's abbreviation that held then."""
        if ms is None:
            return UNKNOWN
        return f"{self.day(ms)}, {self.clock(ms, seconds=seconds)}{NB}{self.abbreviation(ms)}"

    def full(self, ms: int) -> str:
        """To the second, with year and offset: `Sat, Sep 5, 2026, 09:12:00 PDT (UTC−07:00)`."""
        name, offset = self.abbreviation(ms), self.offset(ms)
        zone = f"{name} ({offset})" if name != offset else offset
        return f"{self.date(ms)}, {self.clock(ms, seconds=True)}{NB}{zone}"

    def utc(self, ms: int) -> str:
        """`2026-09-05 16:12:00 UTC`."""
        return f"{(_EPOCH + timedelta(milliseconds=ms)):%Y-%m-%d %H:%M:%S}{NB}UTC"

    def abbreviation(self, ms: int) -> str:
        """`PDT`; the offset where the zone's data has no letters for it."""
        name = self.local(ms).tzname() or ""
        return name if name.isalpha() else self.offset(ms)

    def offset(self, ms: int) -> str:
        """`UTC−07:00`."""
        seconds = int((self.local(ms).utcoffset() or timedelta()).total_seconds())
        sign = "\N{MINUS SIGN}" if seconds < 0 else "+"
        hours, minutes = divmod(abs(seconds) // 60, 60)
        return f"UTC{sign}{hours:02d}:{minutes:02d}"

    def span(self, from_ms: int, to_ms: int) -> str:
        """How long: `3 d 4 h 12 min`; below a minute in seconds."""
        return duration(to_ms - from_ms)

    def local(self, ms: int) -> datetime:
        """That time in the event's zone."""
        return (_EPOCH + timedelta(milliseconds=ms)).astimezone(self.zone)

    def changes(self, from_ms: int, to_ms: int) -> bool:
        """True if the zone's clocks are put forward or back within the window."""
        return self.offset(from_ms) != self.offset(to_ms - 1)


def duration(ms: int) -> str:
    """`3 d 4 h 12 min`, `43 s`: the two or three greatest parts, never rounded up."""
    seconds = max(0, ms) // 1000
    if seconds < 60:
        return f"{seconds}{NB}s"
    days, rest = divmod(seconds // 60, 1440)
    hours, minutes = divmod(rest, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    return " ".join(f"{count}{NB}{name}" for count, name in parts if count)


@lru_cache(8192)
def _decimal(value: float, decimals: int, locale: Locale) -> str:
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = format_decimal(exact, pattern, locale=locale, numbering_system="latn")
    if not any(digit in "123456789" for digit in text):
        text = text.lstrip("-")
    return text.replace("-", "\N{MINUS SIGN}").replace("\N{LEFT-TO-RIGHT MARK}", "")


@lru_cache(64)
def _parsed(name: str) -> Locale:
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_001")


@lru_cache(64)
def _english(territory: str) -> Locale:
    """English as it is written there; `en_150` (Europe) where CLDR has none of its own."""
    try:
        return Locale.parse(f"en_{territory}")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_150")


@lru_cache(64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
