"""How the console changes the registry: always what it is now, never what it was when a person
began to type."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from collector.errors import ApiError, NotPossible
from collector.wire import RegistryAnswer, RegistryRequest, SecretAnswer, SecretRequest
from ovr_tui.console.devices.book import Entry, Tables, asset_entry, device_entry
from ovr_tui.console.link import Reader

CHANGED = "registry_changed"
TRIES = 3

Edit = Callable[[Tables], dict[str, Any]]


class Meanwhile(ApiError):
    """Somebody else has changed the same keys while a person typed. `theirs` are the values that
    these have now; `answer` is the registry as it is."""

    def __init__(self, theirs: Mapping[str, object], answer: RegistryAnswer) -> None:
        super().__init__("somebody else has changed this meanwhile: look at both, then send again")
        self.theirs = dict(theirs)
        self.answer = answer


def segment(name: str) -> str:
    """A name as part of a path."""
    return quote(name, safe="")


async def read(reader: Reader) -> RegistryAnswer:
    """The registry as it is now."""
    return await reader.get("/v1/registry", RegistryAnswer)


async def change(
    reader: Reader,
    wanted: Edit,
    *,
    reason: str = "",
    at_ms: int | None = None,
    dry_run: bool = False,
) -> RegistryAnswer:
    """Make of the registry what `wanted` makes of its tables, whatever they are by now.

    Raises ApiError with all that is wrong, also where there is nothing to change.
    """
    for left in range(TRIES - 1, -1, -1):
        before = await read(reader)
        try:
            tables = wanted(before.registry)
        except NotPossible as error:
            raise ApiError(str(error)) from error
        body = RegistryRequest(registry=tables, reason=reason, at_ms=at_ms, dry_run=dry_run)
        try:
            return await reader.put("/v1/registry", RegistryAnswer, body, etag=before.etag)
        except ApiError as error:
            if error.code != CHANGED or not left:
                raise
    raise AssertionError("unreachable: the last try raises")


async def untouched(
    reader: Reader, find: Callable[[Tables], Entry], first: Entry, changes: Entry
) -> None:
    """Raises Meanwhile when somebody else has given one of the keys of `changes` another value than
    it had in `first`, unless it is the very value that is wanted."""
    answer = await read(reader)
    now = find(answer.registry)
    theirs = {
        key: now.get(key)
        for key, wish in changes.items()
        if now.get(key) != first.get(key) and now.get(key) != wish
    }
    if theirs:
        raise Meanwhile(theirs, answer)


def of_device(device: str) -> Callable[[Tables], Entry]:
    """Finds a device's entry in tables; raises ApiError when it is gone."""

    def find(tables: Tables) -> Entry:
        found = device_entry(tables, device)
        if found is None:
            raise ApiError(f"somebody else has removed {device} meanwhile")
        return found

    return find


def of_asset(asset: str) -> Callable[[Tables], Entry]:
    """Finds what tables say of an asset."""
    return lambda tables: asset_entry(tables, asset)


async def keep_secret(reader: Reader, name: str, value: str) -> None:
    """Keep a password under a name."""
    await reader.put(f"/v1/secrets/{segment(name)}", SecretAnswer, SecretRequest(value=value))
