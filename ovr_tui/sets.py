"""Terms of an event as people write them: generators of a baseline (`2x100`,
`night=60@22:00-06:00`), who pays (`food=Food court`) and how much (`stage-a=food:40`)."""

import re
from collections.abc import Sequence

from msgspec import structs

from collector.model.terms import Account, BaselineSet, Share

EXAMPLES = "100, 2x100, night=60@22:00-06:00"
_SET = re.compile(
    r"\A(?:(?P<name>[^=]+)=)?(?:(?P<count>\d{1,4})x)?(?P<kw>\d{1,6}(?:\.\d+)?)"
    r"(?:@(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d))?\Z"
)


def read_set(text: str) -> BaselineSet:
    """One set. Raises ValueError, in words."""
    found = _SET.match(text.strip())
    if not found:
        raise ValueError(f"{text}: expected a set like {EXAMPLES}")
    named = found["name"] or f"{found['kw']} kW"
    one = BaselineSet(name=named, rated_kw=float(found["kw"]), count=int(found["count"] or 1))
    if found["start"]:
        one = structs.replace(one, start=found["start"], end=found["end"])
    return one


def write_set(one: BaselineSet) -> str:
    """A set as it would be written."""
    count = f"{one.count}x" if one.count != 1 else ""
    named = f"{one.name}=" if one.name != f"{one.rated_kw:g} kW" else ""
    hours = f"@{one.start}-{one.end}" if (one.start, one.end) != ("00:00", "24:00") else ""
    return f"{named}{count}{one.rated_kw:g}{hours}"


def read_sets(text: str, known: Sequence[BaselineSet] = ()) -> tuple[BaselineSet, ...]:
    """Several, apart by commas; those of `known` that are written as they were stay as they are
    (with a curve of their own). Raises ValueError."""
    same = {write_set(one): one for one in known}
    return tuple(same.get(part) or read_set(part) for part in _parts(text))


def write_sets(sets: Sequence[BaselineSet]) -> str:
    """Several as they would be written."""
    return ", ".join(write_set(one) for one in sets)


def read_share(text: str) -> Share:
    """How much of what an asset measures an account pays. Raises ValueError, in words."""
    asset, _, rest = text.strip().partition("=")
    account, _, percent = rest.rpartition(":")
    try:
        number = float(percent)
    except ValueError:
        number = -1.0
    if not asset or not account or number < 0:
        raise ValueError(f"{text}: expected ASSET=ACCOUNT:PERCENT, like stage-a=food:40")
    return Share(asset=asset, account=account, percent=number)


def read_shares(text: str) -> tuple[Share, ...]:
    """Several, apart by commas. Raises ValueError."""
    return tuple(read_share(part) for part in _parts(text))


def write_shares(shares: Sequence[Share]) -> str:
    """Shares as they would be written."""
    return ", ".join(f"{one.asset}={one.account}:{one.percent:g}" for one in shares)


def read_accounts(text: str, known: Sequence[Account] = ()) -> tuple[Account, ...]:
    """Who pays, `id=name` apart by commas; those of `known` keep a tariff of their own."""
    before = {one.id: one for one in known}
    found = []
    for part in _parts(text):
        id_, _, name = (word.strip() for word in part.partition("="))
        found.append(structs.replace(before.get(id_, Account(id=id_)), name=name))
    return tuple(found)


def write_accounts(accounts: Sequence[Account]) -> str:
    """Accounts as they would be written."""
    return ", ".join(f"{one.id}={one.name}" if one.name else one.id for one in accounts)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
