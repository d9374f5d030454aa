"""Every path that Victron's documents know, said by a GX at a real broker: what the table of claims
names is in the snapshot in the right unit, the rest is a raw series, and nothing crashes."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from collector.model.catalogue import KEYS
from collector.model.series import snake
from collector.sources.victron.claims import CLAIMS, NOTED, WHOLE, Claim, spelled_out
from collector.sources.victron.faults import can_complain
from collector.sources.victron.topics import is_noise
from tests.support.mosquitto import Mosquitto
from tests.victron.rows import CONTEXT, PLAIN, Rig, Row, rig, rows

Brokers = Callable[..., Mosquitto]

ALL = [each for claim in CLAIMS for each in spelled_out(claim)]

LEFT_OUT = (
    ("platform", "Vebus/Devices/"),
    ("platform", "Firmware/Online/"),
    ("settings", "Settings/DynamicEss/Schedule/"),
)
"""Not read, beside daily histories and device trees: how backups are put back, what firmware could
be had, and 48 slots of a market's schedule."""

WRONG: tuple[object, ...] = (
    "a text", "", True, None, [], [1, {"a": 1}], {"a": 1}, -1, 1e15,
)  # fmt: skip
TOLD: tuple[object, ...] = (1, 0, 2, 7, 10, -7200, 640, "Float")
"""Of these values at least one is worth a word at each path that is noted."""
TALKATIVE: dict[str, dict[str, object]] = {
    "generator": {"State": 1},
    "temperature": {"Temperature": 20},
    "digitalinput": {"State": 6},
}
"""What a service has to say before more of it is told."""
NONE = "no asset"


def left_out(row: Row) -> bool:
    """Whether a path is nobody's need, by design."""
    named = any(row.service == kind and row.path.startswith(at) for kind, at in LEFT_OUT)
    return named or is_noise(row.path)


def by_service() -> dict[str, list[Row]]:
    """The rows of each service, and the claims' paths that no row has."""
    found: dict[str, set[Row]] = {}
    for row in rows():
        found.setdefault(row.service, set()).add(row)
    for claim in ALL:
        known = found.setdefault(claim.service, set())
        if claim.path not in {row.path for row in known}:
            known.add(Row(claim.service, claim.path, text=False))
    return {service: sorted(each) for service, each in found.items()}


def claims_of(service: str) -> dict[str, list[Claim]]:
    """By path."""
    found: dict[str, list[Claim]] = {}
    for claim in ALL:
        if claim.service == service:
            found.setdefault(claim.path, []).append(claim)
    return found


async def everywhere(brokers: Brokers, work: Callable[[Rig, list[Row]], Awaitable[None]]) -> None:
    """Do `work` with each service's rows, some services at a time, each at a broker of its own."""
    free = [brokers() for _ in range(4)]
    slots = asyncio.Semaphore(len(free))

    async def one(service: str, told: list[Row]) -> None:
        async with slots:
            broker = free.pop()
            async with rig(service, broker.port) as made:
                await work(made, told)
            free.append(broker)

    jobs: list[Coroutine[Any, Any, None]] = [one(*item) for item in by_service().items()]
    await asyncio.gather(*jobs)


async def test_each_row(mosquitto: Brokers) -> None:
    """Said alone, a whole number and a fraction: each row is a raw series with its value, and a
    reading, a counter's growth, or a complaint, where the claims say so."""
    missing: list[str] = []

    async def work(made: Rig, told: list[Row]) -> None:
        claimed = claims_of(made.service)
        for row in told:
            if row.text or left_out(row) or f"{made.service}/0/{row.path}" in kept(made.service):
                continue
            for claim in claimed.get(row.path, [None]):
                problem = await say_row(made, row, claim)
                if problem:
                    missing.append(f"{row.service} {row.path}: {problem}")

    await everywhere(mosquitto, work)
    assert not missing, "\n".join(missing)


def kept(service: str) -> dict[str, object]:
    """What the rig says all the time, and would not be the same any more."""
    plain = {f"{service}/0/{path}": value for path, value in PLAIN.items()}
    return plain | CONTEXT.get(service, {})


async def say_row(made: Rig, row: Row, claim: Claim | None) -> str:
    """Say a row and look where it is; what is wrong, or ""."""
    tail = f"{row.service}/0/{row.path}"
    name = f"victron_{row.service}_{snake(row.path)}"
    values: tuple[float, ...] = (3, 2.5)
    if claim is not None and claim.states is not None:
        values = tuple(claim.states)
    elif claim is not None and KEYS[claim.key].type == "state":
        values = (3, 1)
    problem = ""
    await made.beside(row.path)
    for value in values:
        await made.say(tail, value)
        await made.step()
        if not made.holds(name, float(value)):
            problem = problem or f"raw series {name} does not hold {value}"
        if claim is not None:
            problem = problem or compare(made, claim, role_of(made, claim), value)
    if can_complain(row.service, row.path) and row.path != "Status":
        problem = problem or await complained(made, tail, row)
    await made.send(tail, "")
    await made.beside(row.path, again=True)
    await made.step()
    if not math.isnan(made.raw.get((name, "0"), math.nan)):
        problem = problem or "its raw series does not end"
    return problem


def role_of(made: Rig, claim: Claim) -> str:
    """The role of the asset that a claim is about."""
    roles = [role for role in made.assets if (role == "") == (claim.asset == WHOLE)]
    return roles[0] if roles else NONE


def compare(made: Rig, claim: Claim, role: str, value: float) -> str:
    """What is wrong with a reading after the GX said `value`, or ""."""
    told = made.value(role, claim.key)
    if KEYS[claim.key].type == "counter":
        register = made.image.roles[role].counters.get(claim.key) if role != NONE else None
        if register is None or register.raw != value * claim.factor:
            return f"the register of {claim.key} does not hold {value}"
        return "" if told is not None else f"{claim.key} has no total"
    states = claim.states
    wanted = value * claim.factor if states is None else float(states[int(value)])
    if told is None or not math.isclose(told, wanted, rel_tol=1e-9):
        return f"{claim.key} of {role!r} is {told}, not {wanted} at {value}"
    return ""


async def complained(made: Rig, tail: str, row: Row) -> str:
    """Whether a value of 2 at a path of complaints is one."""
    value: object = "maker:e-23" if row.path.startswith("Error/") else 1
    await made.say(tail, value)
    await made.step()
    facts = {notice.fact for notice in made.image.notices or ()}
    return "" if tail in facts else f"no complaint at {value}: {facts}"


async def test_growth_of_counters(mosquitto: Brokers) -> None:
    """Each register that is claimed moves the program's own total by what it moved, in the unit of
    the measurement."""
    wrong: list[str] = []

    async def work(made: Rig, _rows: list[Row]) -> None:
        for path, claims in claims_of(made.service).items():
            for claim in claims:
                if KEYS[claim.key].type != "counter":
                    continue
                tail = f"{made.service}/0/{path}"
                totals = []
                await made.beside(path)
                for raw in (1000, 1000.5, 1001):
                    await made.say(tail, raw)
                    await made.step()
                    told = made.value(role_of(made, claim), claim.key)
                    totals.append(math.nan if told is None else told)
                if not math.isclose(totals[2] - totals[0], claim.factor, abs_tol=1e-3):
                    wrong.append(f"{tail}: {totals}")
                await made.send(tail, "")
                await made.beside(path, again=True)

    await everywhere(mosquitto, work)
    assert not wrong, "\n".join(wrong)


async def test_words(mosquitto: Brokers) -> None:
    """What is claimed to be told in words is: what is said at the GX's assets changes with it."""
    silent: list[str] = []

    async def work(made: Rig, _rows: list[Row]) -> None:
        for path in sorted(NOTED.get(made.service, ())):
            await with_main(made)
            before = said(made)
            for value in TOLD:
                await made.say(f"{made.service}/0/{path}", value)
                await made.step()
                if said(made) != before:
                    break
            else:
                silent.append(f"{made.service}/{path}")
            await made.send(f"{made.service}/0/{path}", "")
            await made.begin()

    await everywhere(mosquitto, work)
    assert not silent, "\n".join(silent)


async def with_main(made: Rig) -> None:
    """A battery system, so that there is an asset to tell something at, and what is said aloud
    beside most paths."""
    await made.say("system/0/Dc/Battery/Soc", 50)
    for tail, value in TALKATIVE.get(made.service, {}).items():
        await made.say(f"{made.service}/0/{tail}", value)
    await made.step()


def said(made: Rig) -> set[str]:
    """All that is said at the GX's assets."""
    return {text for view in made.assets.values() for text in view.remarks}


async def test_any_value_at_each_row(mosquitto: Brokers) -> None:
    """Texts, truth values, null, lists, objects, huge numbers and empty payloads at each row: the
    source goes on, nothing of ours fails, and a right value is right afterwards."""

    async def work(made: Rig, told: list[Row]) -> None:
        for value in WRONG:
            for row in told:
                await made.say(f"{row.service}/0/{row.path}", value)
            await made.step()
        for row in told:
            await made.send(f"{row.service}/0/{row.path}", "")
        await made.step()
        ours = {reason for reason in made.image.drops if "fault" in reason}
        assert not ours, (made.service, made.image.drops)
        await made.begin()
        await made.say("system/0/Dc/Battery/Soc", 43)
        await made.step()
        await made.step()
        assert made.value("", "battery_soc_pct") == 43.0, (made.service, made.assets)

    await everywhere(mosquitto, work)
