"""Changes of the registry by a command: through the running collector, else in the file."""

import os
from collections.abc import Callable
from typing import Any

from msgspec import structs

from collector.app.lock import holder
from collector.client import Client
from collector.config.paths import Home
from collector.config.secrets import set_secret
from collector.config.write import undo
from collector.model.tables import Tables
from collector.serve.registry import RegistryDesk, difference
from collector.wire import (
    ReasonRequest,
    RegistryAnswer,
    RegistryRequest,
    SecretAnswer,
    SecretRequest,
)
from ovr_tui.commands.ask import ask, segment

Edit = Callable[[Tables], dict[str, Any]]


def change(
    home: Home, edit: Edit, *, reason: str = "", at_ms: int | None = None, dry_run: bool = False
) -> RegistryAnswer:
    """Make of the registry what `edit` makes of its tables; with `dry_run` only say what.

    Raises ConfigError or ApiError with all that is wrong, NotPossible from `edit`.
    """
    if runs(home):
        return ask(home, lambda client: _asked(client, edit, reason, at_ms, dry_run))
    desk = RegistryDesk(home, os.environ)
    before = desk.read()
    tables = edit(before.registry)
    told = difference(before.registry, tables)
    done = desk.check(tables) if dry_run else desk.replace(tables, before.etag)[1]
    return structs.replace(done, changes=told)


def take_back(home: Home, *, reason: str = "") -> str:
    """Undo the last change; what that changed. Raises NotPossible, ConfigError, ApiError."""
    if runs(home):
        body = ReasonRequest(reason=reason)
        return ask(
            home, lambda client: client.post("/v1/registry/undo", RegistryAnswer, body)
        ).changes
    desk = RegistryDesk(home, os.environ)
    before = desk.lenient().registry
    undo(home)
    return difference(before, desk.read().registry)


def keep_secret(home: Home, name: str, value: str) -> None:
    """Keep a password or token in secrets.toml. Raises ConfigError, ApiError."""
    if runs(home):
        path, body = f"/v1/secrets/{segment(name)}", SecretRequest(value=value)
        ask(home, lambda client: client.put(path, SecretAnswer, body))
    else:
        set_secret(home, name, value)


def runs(home: Home) -> bool:
    """Whether a collector of this node runs, so that changes go through it."""
    return holder(home.state) is not None


async def _asked(
    client: Client, edit: Edit, reason: str, at_ms: int | None, dry_run: bool
) -> RegistryAnswer:
    before = await client.get("/v1/registry", RegistryAnswer)
    body = RegistryRequest(
        registry=edit(before.registry), reason=reason, at_ms=at_ms, dry_run=dry_run
    )
    return await client.put("/v1/registry", RegistryAnswer, body, etag=before.etag)
