"""The MQTT behaviour of a GX (Venus OS, dbus-flashmq) over its services. No I/O: messages go in
through `received`, time through `tick`, and come out through `send`.

Alive means: somebody sent a keepalive in the last 60 s. Only then changes, heartbeats and full
publishes go out; a read request is answered and a vanished service is announced always.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from collector.simulator.gx.service import Service

ALIVE_S = 60.0
HEARTBEAT_TICKS = 3
FULL_PUBLISHES_PER_S = 3

Send = Callable[[str, bytes, bool], None]
"""Takes topic, payload and whether the broker shall retain it."""


class Gx:
    """One GX. `tick` wants to be called once a second, or told of several; `gone` is kept true for
    systemcalc.

    `hung` is a GX whose TCP connection stands while nothing comes any more. `clock` is monotonic
    seconds, `wall` the GX's idea of UTC in seconds.
    """

    def __init__(
        self,
        portal_id: str,
        services: Iterable[Service],
        *,
        gone: set[str],
        send: Send,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self.portal_id = portal_id
        self.services = {service.name: service for service in services}
        self.gone = gone
        self.hung = False
        self.published = 0
        self.ignored = 0
        self._prefix = f"N/{portal_id}/"
        self._out = send
        self._clock = clock
        self._wall = wall
        self._alive_until = float("-inf")
        self._tokens = FULL_PUBLISHES_PER_S
        self._tick = 0
        self._later: list[tuple[float, Service]] = []

    @property
    def alive(self) -> bool:
        """Whether somebody keeps it publishing."""
        return self._clock() < self._alive_until

    # --- its life ---------------------------------------------------------------------------

    def connected(self) -> None:
        """The broker is up: what is said before anybody asks."""
        self._out(f"{self._prefix}keepalive", b"1", False)
        self._out(f"{self._prefix}system/0/Serial", encode(self.portal_id, None), True)

    def reboot(self, delays_s: dict[str, float]) -> None:
        """Start afresh: nobody keeps it alive, what is kept in RAM is zero, and the services
        named in `delays_s` are found that much later."""
        self._alive_until = float("-inf")
        self._later = []
        for service in self.services.values():
            if service.volatile:
                service.reset_counters()
            delay = delays_s.get(service.name, 0.0)
            service.present = delay <= 0
            self.gone.discard(service.name)
            if delay > 0:
                self.gone.add(service.name)
                self._later.append((self._clock() + delay, service))

    def lose(self, name: str) -> None:
        """A service vanishes from D-Bus: an empty payload on each of its topics."""
        service = self.services[name]
        if not service.present:
            return
        service.present = False
        self.gone.add(name)
        for path in service.values:
            self._send(f"{name}/{path}", b"")

    def find(self, name: str) -> None:
        """A vanished service is back."""
        service = self.services[name]
        if service.present:
            return
        service.present = True
        self.gone.discard(name)
        service.renew()
        if self.alive:
            self._publish_all(service)

    def tick(self, seconds: int = 1) -> None:
        """So many seconds have passed, of which only the last one is shown."""
        self._tick += seconds
        self._tokens = FULL_PUBLISHES_PER_S
        if self.hung:
            return
        due = [service for at, service in self._later if at <= self._clock()]
        if due:
            self._later = [item for item in self._later if item[1] not in due]
            for service in due:
                self.find(service.name)
        for service in self.services.values():
            if service.each_second is not None:
                for _ in range(seconds):
                    service.each_second()
        if not self.alive:
            return
        for service in self.services.values():
            if service.present:
                for path in service.renew(self._tick, seconds):
                    self._publish(service, path)
        if self._tick % HEARTBEAT_TICKS < seconds:
            self._send("heartbeat", b'{"value":%d}' % int(self._wall()))

    # --- what others send -------------------------------------------------------------------

    def received(self, topic: str, payload: bytes) -> None:
        """A message on the broker; what is not for this GX or not understood has no effect."""
        if self.hung:
            return
        verb, _, rest = topic.partition("/")
        portal, _, tail = rest.partition("/")
        if portal != self.portal_id or verb not in ("R", "W"):
            return
        if verb == "W":
            self._write(tail, payload)
        elif tail in ("keepalive", "system/0/Serial"):
            self._keepalive(payload)
            if tail != "keepalive":
                self._read(tail)
        else:
            self._read(tail)

    def _keepalive(self, payload: bytes) -> None:
        self._alive_until = self._clock() + ALIVE_S
        if b"suppress-republish" in payload:
            return
        if self._tokens <= 0:
            self.ignored += 1
            return
        self._tokens -= 1
        for service in self.services.values():
            if service.present:
                service.renew()
                self._publish_all(service)
        self._send("full_publish_completed", completed(echo_of(payload), int(self._wall())))

    def _read(self, tail: str) -> None:
        kind, _, rest = tail.partition("/")
        instance, _, sub = rest.partition("/")
        service = self.services.get(f"{kind}/{instance}")
        if service is None or not service.present:
            self.ignored += 1
            return
        service.renew()
        paths = service.tree(sub)
        self.ignored += not paths
        for path in paths:
            self._publish(service, path)

    def _write(self, tail: str, payload: bytes) -> None:
        kind, _, rest = tail.partition("/")
        instance, _, path = rest.partition("/")
        service = self.services.get(f"{kind}/{instance}")
        said = parse(payload)
        usable = isinstance(said, dict) and "value" in said and not isinstance(said["value"], dict)
        if service is None or not service.present or not usable:
            self.ignored += 1
            return
        value = None if said["value"] == [] else said["value"]
        if service.write(path, value):
            if self.alive:
                self._publish(service, path)
        else:
            self.ignored += 1

    # --- what it sends ----------------------------------------------------------------------

    def _publish_all(self, service: Service) -> None:
        for path in service.values:
            self._publish(service, path)

    def _publish(self, service: Service, path: str) -> None:
        payload = encode(service.values[path], service.limits.get(path))
        retain = service.name == "system/0" and path == "Serial"
        self._send(f"{service.name}/{path}", payload, retain=retain)

    def _send(self, tail: str, payload: bytes, *, retain: bool = False) -> None:
        if self.hung:
            return
        self.published += 1
        self._out(self._prefix + tail, payload, retain)


def encode(value: Any, limits: tuple[float, float] | None) -> bytes:
    """A payload as dbus-flashmq writes it: compact, keys sorted, limits where D-Bus has them."""
    if limits is None:
        if type(value) is float or type(value) is int:
            return b'{"value":%s}' % repr(value).encode()
        body: dict[str, Any] = {"value": value}
    else:
        body = {"max": limits[1], "min": limits[0], "value": value}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def completed(echo: str | None, unix: int) -> bytes:
    """The payload that ends a full publish."""
    if echo is None:
        return b'{"value":%d}' % unix
    return json.dumps(
        {"full-publish-completed-echo": echo, "value": unix}, separators=(",", ":")
    ).encode()


def echo_of(payload: bytes) -> str | None:
    """What a keepalive's payload wants repeated in `full_publish_completed`, if anything."""
    said = parse(payload)
    options = said.get("keepalive-options") if isinstance(said, dict) else None
    for option in options if isinstance(options, list) else []:
        echo = option.get("full-publish-completed-echo") if isinstance(option, dict) else None
        if isinstance(echo, str):
            return echo
    return None


def parse(payload: bytes) -> Any:
    """JSON, or None for what is none: the GX only writes a line into its log."""
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None
