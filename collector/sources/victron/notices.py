"""What a GX complains of: its list of notifications, else the alarm paths of its services.

Venus OS with gui-v2 keeps `platform/0/Notifications/<slot>`: what the operator sees at the display.
Slots are used again, so an entry is known by who says it, what triggered it and when; of several
about one thing the newest speaks. Where there is no such list, the alarm paths and error numbers of
each service say it (`faults`). The list's informations ask nothing of anybody and are left out.
"""

from collections.abc import Callable, Iterable, Iterator

from collector.model.alarm import Notice, Severity
from collector.model.text import clean
from collector.sources.base import DeviceImage
from collector.sources.victron.derive.common import Values, num, text
from collector.sources.victron.faults import fault
from collector.sources.victron.tree import Service, Tree
from collector.sources.victron.words import INPUT_TYPE, word

SLOTS = 20
LISTED = "Notifications/NumberOfNotifications"
OF_TYPE = {0.0: Severity.WARNING, 1.0: Severity.ALARM}
INFORMATION = 2.0
PREFIX = "com.victronenergy."
"""Before the name of a service, where it is said as D-Bus has it."""
SUMMARY = "Alarms/Alarm"
"""Only says that one of the others is there."""

FACT_CELLS = 160


def listed(platform: Values, roles: "Roles") -> Iterator[Notice]:
    """The active notifications of the GX's list, each thing that is wrong once."""
    newest: dict[str, tuple[float, Notice]] = {}
    for slot in range(SLOTS):
        at = f"Notifications/{slot}/"
        if num(platform, f"{at}Active") and num(platform, f"{at}Type") != INFORMATION:
            notice, since = _entry(platform, at, roles), num(platform, f"{at}DateTime") or 0.0
            if notice.fact not in newest or newest[notice.fact][0] < since:
                newest[notice.fact] = since, notice
    yield from (notice for _, notice in newest.values())


def _entry(platform: Values, at: str, roles: "Roles") -> Notice:
    kind = num(platform, f"{at}Type")
    service = text(platform, f"{at}Service").removeprefix(PREFIX)
    trigger = text(platform, f"{at}Trigger")
    name, what = text(platform, f"{at}DeviceName"), text(platform, f"{at}Description")
    return Notice(
        role=roles.of(service.partition(".")[0]),
        fact=clean(f"{service}{trigger}" or what, FACT_CELLS),
        severity=Severity.WARNING if kind is None else OF_TYPE.get(kind, Severity.WARNING),
        text=clean(": ".join(part for part in (name, what) if part) or "unnamed alarm"),
        value=clean(text(platform, f"{at}Value")),
    )


def said_by(service: Service, role: str) -> tuple[Notice, ...]:
    """What one service complains of by its alarm paths."""
    found = tuple(_said_by(service, role))
    return tuple(n for n in found if not n.fact.endswith(SUMMARY)) or found


def _said_by(service: Service, role: str) -> Iterator[Notice]:
    name = text(service.values, "CustomName")
    if service.kind == "digitalinput":
        name = name or word(INPUT_TYPE, num(service.values, "Type"))
    product = text(service.values, "ProductName")
    for path in service.alarms:
        found = fault(service.kind, path, service.values.get(path), product)
        if found is not None:
            yield Notice(
                role=role,
                fact=clean(f"{service.kind}/{service.instance}/{path}", FACT_CELLS),
                severity=found.severity,
                text=clean(f"{name or product or service.kind}: {found.text}"),
            )


RoleOf = Callable[[Service], str | None]
"""At which asset people look for what a service says; None while there is none."""


class Roles:
    """Which asset a complaint is about of which only the kind of service is told: the one at which
    all services of that kind stand, else the main one."""

    def __init__(self, services: Iterable[Service], role_of: RoleOf, main: str) -> None:
        self._main = main
        self._by_kind: dict[str, set[str]] = {}
        for service in services:
            role = role_of(service) if service.usable else None
            if role is not None:
                self._by_kind.setdefault(service.kind, set()).add(role)

    def of(self, kind: str) -> str:
        """The role for a complaint of a service of `kind`."""
        found = self._by_kind.get(kind, set())
        return next(iter(found)) if len(found) == 1 else self._main


class Complaints:
    """Tells the image what the GX complains of, whenever that changes."""

    def __init__(self, tree: Tree, image: DeviceImage) -> None:
        self._tree = tree
        self._image = image
        self._said: dict[Service, tuple[Notice, ...]] = {}
        self._told: tuple[Notice, ...] | None = None

    def update(self, changed: Iterable[Service], role_of: RoleOf, main: str) -> None:
        """After a tick in which these services changed; `main` is the role of what a complaint is
        about that nobody else's is."""
        services = self._tree.services
        platform = services.get(("platform", "0"))
        lists = platform is not None and num(platform.values, LISTED) is not None
        concerned = [s for s in changed if s is platform or (s.alarms and not lists)]
        if self._told is None and not any(s.settled for s in services.values()):
            return
        if not concerned and self._told is not None:
            return
        if platform is not None and lists:
            self._said.clear()
            told = tuple(listed(platform.values, Roles(services.values(), role_of, main)))
        else:
            for service in concerned:
                role = role_of(service)
                self._said[service] = said_by(service, role or main) if service.usable else ()
            told = tuple(notice for said in self._said.values() for notice in said)
        if told != self._told:
            self._told = told
            self._image.complains(told)
