"""Handlers of setting devices up: the profiles that there are, and pairing with a GX."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from collector import wire
from collector.errors import NotPossible
from collector.model import tables as edit
from collector.model.assets import Device
from collector.model.kinds import DeviceKind
from collector.model.text import clean, nearest
from collector.profiles.load import Shelf
from collector.serve import bodies
from collector.serve.answers import answer
from collector.serve.audited import audited, caller_of, deed
from collector.serve.feed import Feed
from collector.serve.registry import difference
from collector.sources.victron.pairing import client_id, login_keys, pair


class Pairing:
    """What takes more than the registry's tables to set a device up."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def profiles(self, _: Request) -> Response:
        """Every profile."""
        shelf = self._feed.registry.shelf()
        return answer(wire.ProfilesAnswer(profiles=await asyncio.to_thread(_told, shelf)))

    async def pair(self, request: Request) -> Response:
        """A GX makes a login for this node."""
        body = await bodies.decode(request, wire.PairRequest)
        device = self._gx(body.device)
        person = caller_of(request).person

        async def act() -> wire.PairAnswer:
            token = await pair(
                device.host,
                client_id(self._feed.snapshot.node),
                password=body.password,
                port=body.https_port,
            )
            keeper = self._feed.registry
            await keeper.set_secret(device.id, token.password, person=person)
            before = await keeper.read()
            tables = edit.set_device(
                before.registry, device.id, login_keys(device, token, device.id)
            )
            reason = body.reason or "paired"
            await keeper.replace(tables, before.etag, person=person, reason=reason)
            return wire.PairAnswer(
                device=device.id,
                username=token.name,
                fingerprint=token.fingerprint,
                changes=difference(before.registry, tables),
            )

        what = deed(request, "pair", device.id, after=f"{device.host}: {body.reason}")
        return answer(await audited(self._feed.audit, what, act))

    def _gx(self, name: str) -> Device:
        known = {device.id: device for device in self._feed.registry.in_force.devices}
        device = known.get(name)
        if device is None:
            hint = nearest(name, tuple(known)) if known else "there are no devices yet"
            raise NotPossible(f"there is no device {clean(name)} in the registry ({hint})")
        if device.kind is not DeviceKind.GX:
            raise NotPossible(f"{name} is no GX: only a GX pairs")
        return device


def _told(shelf: Shelf) -> tuple[wire.ProfileTold, ...]:
    """All profiles of a shelf; reads them from the disk."""
    return tuple(_one(shelf, name) for name in shelf.names())


def _one(shelf: Shelf, name: str) -> wire.ProfileTold:
    profile, problems = shelf.find(name)
    if profile is None:
        return wire.ProfileTold(name=clean(name), problem="; ".join(map(str, problems[:3])))
    table = profile.table
    return wire.ProfileTold(
        name=name,
        title=clean(table.title),
        maker=clean(table.maker or ""),
        models=tuple(clean(model) for model in table.models),
        device=DeviceKind(table.transport),
        asset=table.kind,
        shipped=profile.shipped,
    )
