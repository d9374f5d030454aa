"""Handlers of the registry: looked at, replaced, taken back, imported, with its secrets."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response

from collector import wire
from collector.config.csv_import import TEMPLATE, merged, read_csv
from collector.config.gx_tables import gx_tables
from collector.errors import NotPossible
from collector.serve import bodies
from collector.serve.answers import JSON, Refused, answer, encoded
from collector.serve.audited import audited, caller_of, deed, optional, subject
from collector.serve.feed import Feed
from collector.serve.registry import difference, matches
from collector.serve.routes_registry import CSV_KIND

AHEAD_MS = 60_000
OLDER_FILE = Path("gx_systems.json")
"""What people know that file as."""


class Registering:
    """What people do with the registry."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def registry(self, _: Request) -> Response:
        """The registry's tables."""
        found = await self._feed.registry.read()
        return answer(found, headers={"etag": found.etag})

    async def put_registry(self, request: Request) -> Response:
        """Another registry."""
        if_match = _if_match(request)
        body = await bodies.decode(request, wire.RegistryRequest)
        before = await self._expected(if_match)
        if body.at_ms is not None and body.at_ms > self._feed.now_ms() + AHEAD_MS:
            raise NotPossible("a change is in force from now on or from an earlier time")
        return await self._replaced(request, before, body)

    async def import_registry(self, request: Request) -> Response:
        """Devices from CSV."""
        if_match = _if_match(request)
        raw = await bodies.read(request)
        dry_run = request.query_params.get("dry_run", "false") == "true"
        if request.headers.get("content-type", "").startswith(JSON):
            return await self._older(request, if_match, raw, dry_run=dry_run)
        rows = read_csv("the table", raw.decode("utf-8-sig", "replace"))
        before = await self._expected(if_match)
        tables = merged(before.registry, rows)
        body = wire.RegistryRequest(registry=tables, reason="CSV import", dry_run=dry_run)
        return await self._replaced(request, before, body)

    async def _older(
        self, request: Request, if_match: str, raw: bytes, *, dry_run: bool
    ) -> Response:
        """The GX systems of the older stack's file, whose passwords are kept first."""
        found = gx_tables(OLDER_FILE, raw)
        before = await self._expected(if_match)
        if not dry_run:
            for name, password in found.secrets.items():
                person = caller_of(request).person
                act = partial(self._feed.registry.set_secret, name, password, person=person)
                await audited(self._feed.audit, deed(request, "secret", name), act)
        tables = found.merged(before.registry, logins=not dry_run)
        body = wire.RegistryRequest(
            registry=tables, reason="import of gx_systems.json", dry_run=dry_run
        )
        kept = tuple(f"the password of {name} is kept" for name in found.secrets)
        return await self._replaced(request, before, body, (*found.notes, *kept))

    async def template(self, _: Request) -> Response:
        """A CSV to fill in."""
        return encoded(TEMPLATE.encode(), kind=CSV_KIND)

    async def undo(self, request: Request) -> Response:
        """The registry as it was before its last change."""
        body = await optional(request, wire.UndoRequest)
        if body.dry_run:
            before = await self._feed.registry.lenient()
            told = await self._feed.registry.earlier()
            return answer(structs.replace(told, changes=difference(before.registry, told.registry)))
        return await self._done(request, "registry undo", self._feed.registry.undo, body.reason)

    async def apply(self, request: Request) -> Response:
        """The file comes into force as it is."""
        body = await optional(request, wire.ReasonRequest)
        return await self._done(request, "registry apply", self._feed.registry.apply, body.reason)

    async def put_secret(self, request: Request) -> Response:
        """A password or token is kept."""
        name = subject(request, "name")
        body = await bodies.decode(request, wire.SecretRequest)
        act = partial(
            self._feed.registry.set_secret, name, body.value, person=caller_of(request).person
        )
        await audited(self._feed.audit, deed(request, "secret", name), act)
        return answer(wire.SecretAnswer(name=name))

    async def _expected(self, if_match: str) -> wire.RegistryAnswer:
        """The registry as it stands, which must be the one that the change was made for."""
        before = await self._feed.registry.read()
        if not matches(if_match, before.etag):
            raise Refused(
                412,
                "registry_changed",
                "the registry is not the one that this change was made for",
                "read it again, then repeat the change",
                {"etag": before.etag},
            )
        return before

    async def _replaced(
        self,
        request: Request,
        before: wire.RegistryAnswer,
        body: wire.RegistryRequest,
        notes: tuple[str, ...] = (),
    ) -> Response:
        keeper, tables = self._feed.registry, body.registry
        told = difference(before.registry, tables)
        if body.dry_run:
            found = await keeper.check(tables)
            return answer(structs.replace(found, changes=told, notes=(*found.notes, *notes)))
        act = partial(
            keeper.replace,
            tables,
            before.etag,
            person=caller_of(request).person,
            reason=body.reason,
            at_ms=body.at_ms,
        )
        what = deed(request, "registry", "registry.toml", before.etag, told)
        done = await audited(self._feed.audit, what, act)
        answered = structs.replace(done, changes=told, notes=(*done.notes, *notes))
        return answer(answered, headers={"etag": done.etag})

    async def _done(
        self,
        request: Request,
        action: str,
        act: Callable[..., Awaitable[wire.RegistryAnswer]],
        reason: str,
    ) -> Response:
        before: dict[str, Any] = (await self._feed.registry.lenient()).registry
        run = partial(act, person=caller_of(request).person, reason=reason)
        what = deed(request, action, "registry.toml", after=reason)
        done = await audited(self._feed.audit, what, run)
        told = difference(before, done.registry)
        return answer(structs.replace(done, changes=told), headers={"etag": done.etag})


def _if_match(request: Request) -> str:
    if_match = request.headers.get("if-match")
    if if_match is None:
        raise Refused(
            428,
            "if_match_needed",
            "replacing the registry takes the header If-Match",
            "read it first: GET /v1/registry gives its ETag",
        )
    return if_match
