"""Handlers of looking for devices, and of testing one."""

from functools import partial

from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response

from collector import wire
from collector.model.assets import Device
from collector.model.discovery import Search
from collector.model.text import clean, nearest
from collector.serve import bodies
from collector.serve.answers import Refused, answer
from collector.serve.audited import audited, caller_of, deed, optional
from collector.serve.feed import Feed

EVERYWHERE = "the local networks"


class Finding:
    """Start a search, tell how far it is, end it; test a device."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def discover(self, request: Request) -> Response:
        """A search begins."""
        body = await optional(request, wire.DiscoverRequest)
        desk = self._feed.discovery
        person = caller_of(request).person

        async def begin() -> wire.DiscoverAnswer:
            search = desk.start(body.targets, person=person, confirmed=body.confirm)
            return self._told(search)

        what = deed(request, "discover", ", ".join(body.targets) or EVERYWHERE)
        return answer(await audited(self._feed.audit, what, begin), 202)

    async def discovery(self, _: Request) -> Response:
        """How far the newest search is."""
        return answer(self._told(self._feed.discovery.state))

    async def cancel_discovery(self, request: Request) -> Response:
        """The search ends; when none runs, that stands."""
        desk = self._feed.discovery
        if desk.state.state == "running":
            await audited(self._feed.audit, deed(request, "cancel discover"), desk.cancel)
        return answer(self._told(desk.state))

    def _told(self, search: Search) -> wire.DiscoverAnswer:
        return wire.DiscoverAnswer(search=search, networks=self._feed.discovery.networks())

    async def test_device(self, request: Request) -> Response:
        """Why does a device not answer, or does it answer right? Step by step."""
        body = await bodies.decode(request, wire.TestRequest)
        device = await self._device(body)
        what = deed(request, "test device", device.id, after=f"{device.host}:{device.port}")
        act = partial(self._feed.diagnosis.test, device, force=body.force)
        return answer(wire.TestAnswer(diagnosis=await audited(self._feed.audit, what, act)))

    async def _device(self, body: wire.TestRequest) -> Device:
        """The device that is meant. Raises Refused for an id that is nobody's, and ConfigError."""
        registry = self._feed.registry
        if isinstance(body.device, str):
            known = {device.id: device for device in registry.in_force.devices}
            device = known.get(body.device)
            if device is None:
                raise Refused(
                    404,
                    "no_such_device",
                    f"no device '{clean(body.device)}'",
                    nearest(body.device, tuple(known)) if known else "there are no devices yet",
                )
        else:
            device = await registry.described(body.device)
        return structs.replace(device, password=body.password) if body.password else device
