"""Recordings of real devices, through a real broker and the real source."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from collector.errors import NotConnected
from collector.model.kinds import AssetKind
from collector.model.series import snake
from collector.sources.victron.topics import SERVICES, is_noise
from tests.support.image import RecordingImage
from tests.support.mosquitto import Mosquitto
from tests.support.replay import Message, last_values, play, read
from tests.victron.conftest import PORTAL, Running, gx, running

Brokers = Callable[..., Mosquitto]


def mark(portal: str, name: str) -> Message:
    """A message that a test waits for."""
    return Message(0, f"N/{portal}/temperature/9999/{name}", b'{"value":1}')


async def heard(run: Running, port: int, messages: list[Message], end: Message) -> None:
    """Play `messages` and then `end` on one connection, which keeps their order; wait until the
    source has taken the last one, and take it back."""
    portal, path = end.topic.split("/")[1], end.topic.rpartition("/")[2].lower()
    series = f"victron_temperature_{path}{{instance=9999,portal_id={portal}}}"
    await play(port, [*messages, end])
    await run.until(lambda: run.image.raw().get(series) is not None)
    await play(port, [end._replace(payload=b"")])
    await run.until(lambda: run.image.raw()[series] is None)


async def subscribed(run: Running, port: int, portal: str = PORTAL) -> None:
    """Wait until the source listens: it hears what the broker has kept as soon as it does."""
    await run.until(lambda: run.image.derive is not None)
    await heard(run, port, [], mark(portal, "Start")._replace(retain=True))


@asynccontextmanager
async def replayed(
    mosquitto: Brokers, messages: list[Message], portal: str = PORTAL
) -> AsyncIterator[Running]:
    """A source pinned to `portal` that has heard all the messages."""
    broker = mosquitto()
    await play(broker.port, [kept_serial(portal)])
    async with running(gx(broker.port, portal_id=portal)) as run:
        await subscribed(run, broker.port, portal)
        await hear(run, broker.port, messages, portal)
        yield run


def kept_serial(portal: str) -> Message:
    """What a broker on a GX keeps: it answers at once who it is."""
    payload = f'{{"value":"{portal}"}}'.encode()
    return Message(0, f"N/{portal}/system/0/Serial", payload, retain=True)


async def hear(run: Running, port: int, messages: list[Message], portal: str = PORTAL) -> None:
    """Play the messages and wait until the source has taken the last of them."""
    await heard(run, port, messages, mark(portal, "End"))


def raw_of(image: RecordingImage, portal: str, tail: str) -> float | None:
    """The raw series of `service/instance/path`; None when it has no value or there is none."""
    service, instance, path = tail.split("/", 2)
    name = f"victron_{service}_{snake(path)}"
    return image.raw().get(f"{name}{{instance={instance},portal_id={portal}}}")


def assert_raw(image: RecordingImage, messages: list[Message], portal: str = PORTAL) -> int:
    """Every number that was recorded last is in the raw series, and nothing else is."""
    compared = 0
    for tail, value in last_values(messages, portal).items():
        service, _, path = tail.split("/", 2)
        if service not in SERVICES or is_noise(path):
            continue
        number = float(value) if isinstance(value, int | float) else None
        assert raw_of(image, portal, tail) == number, tail
        compared += number is not None
    assert sum(value is not None for value in image.raw().values()) == compared
    return compared


WHOLE = [
    ("ess_3phase_grid_pvinverter_mppt.jsonl", 200),
    ("offgrid_multi_bmv_with_generator.jsonl", 100),
    ("genset_fischerpanda_3phase.jsonl", 25),
    ("dcgenset_hatz_start_stop.jsonl", 20),
    ("multi_rs_single.jsonl", 60),
    ("derived_gx_reboot.jsonl", 300),
    ("derived_lost_device_pvinverter.jsonl", 200),
]


@pytest.mark.parametrize(("name", "least"), WHOLE)
async def test_raw_values(mosquitto: Brokers, recordings: Path, name: str, least: int) -> None:
    """After a whole recording the raw series hold exactly the numbers recorded last, nothing was
    dropped, and the heartbeats were signs of life."""
    messages = read(recordings / "victron" / name)
    async with replayed(mosquitto, messages) as run:
        assert assert_raw(run.image, messages) > least
        assert not run.image.drops
        assert len(run.image.clocks) == sum(m.topic.endswith("/heartbeat") for m in messages)
        assert run.image.clocks[-1] == 1000 * max(run.image.clocks) // 1000


async def test_three_phase_ess(mosquitto: Brokers, recordings: Path) -> None:
    """An ESS: battery system, grid meter, PV inverter and MPPT, each with its recorded values;
    solar power is the DC and the AC part together; the parts are behind, the grid is the same."""
    messages = read(recordings / "victron" / "ess_3phase_grid_pvinverter_mppt.jsonl")
    pv, mppt = "pvinverter-bp13100990016", "mppt-hq14143eayl"
    async with replayed(mosquitto, messages) as run:
        image = run.image
        await run.until(lambda: set(image.assets) >= {"", "grid", pv, mppt})
        system, grid = image.readings[""], image.readings["grid"]
        assert system["battery_soc_pct"] == 100.0
        assert system["battery_power_w"] == 370.239990234
        assert system["load_power_w"] == 24.0
        assert system["voltage_v.L1"] == 238.149993896
        assert "voltage_v.L2" not in system
        assert system["inverter_state"] == 4.0
        assert system["pv_power_w"] == pytest.approx(2531.8972778320312 + 255.399993896)
        assert "grid_power_w" not in system
        assert grid["grid_power_w"] == -2479.726964
        assert grid["grid_power_w.L3"] == 339.765557361
        assert grid["voltage_v.L2"] == 239.7
        assert image.readings[pv]["pv_power_w"] == 1033.10572836
        assert image.readings[mppt]["pv_power_w"] == 255.399993896
        raws = {key: told.raw for key, told in image.counters.items()}
        assert raws["grid", "grid_import_kwh"] == 5276.4
        assert raws["grid", "grid_export_kwh"] == 8742.1
        assert raws[pv, "pv_energy_kwh"] == 12239.9
        assert raws[mppt, "pv_energy_kwh"] == 252.910003662
        assert raws["", "battery_charged_kwh"] == 791.640014648
        assert ("", "load_energy_kwh") not in raws
        assert image.counters["grid", "grid_import_kwh"].unit == "BP09300580014"
        assert image.links["behind", pv, ""] == {"pv_power_w", "pv_energy_kwh"}
        assert image.links["same", "", "grid"] >= {"grid_power_w", "grid_import_kwh"}
        assert image.assets["grid"].kind is AssetKind.GRID


async def test_off_grid(mosquitto: Brokers, recordings: Path) -> None:
    """Off the grid the battery monitor's state of charge wins over the Multi's own, and the AC
    source is the inverter itself."""
    messages = read(recordings / "victron" / "offgrid_multi_bmv_with_generator.jsonl")
    async with replayed(mosquitto, messages) as run:
        await run.until(lambda: "load_power_w" in run.image.readings.get("", {}))
        system = run.image.readings[""]
        assert system["battery_soc_pct"] == 100.0
        assert system["load_power_w"] == 206.0
        assert system["frequency_hz"] == 50.0255126953
        assert system["ac_source"] == 240.0
        assert system["battery_state"] == 1.0
        assert set(run.image.assets) == {""}


async def test_genset_alone(mosquitto: Brokers, recordings: Path) -> None:
    """A GX with nothing but a genset has no battery system; power is the sum of the phases."""
    messages = read(recordings / "victron" / "genset_fischerpanda_3phase.jsonl")
    async with replayed(mosquitto, messages) as run:
        await run.until(lambda: "genset" in run.image.readings)
        assert set(run.image.assets) == {"genset"}
        engine = run.image.readings["genset"]
        assert engine["generator_power_w"] == 4050.0 + 3990.0 + 4160.0
        assert engine["generator_state"] == 3.0
        assert engine["engine_speed_rpm"] == 3014.0
        assert engine["coolant_temperature_c"] == 66.0
        assert engine["battery_voltage_v"] == 14.300000190734863
        assert run.image.counters["genset", "generator_run_s"].raw == 1261620.0
        assert run.image.counters["genset", "generator_run_s"].unit == "0000088"
        assert run.image.links == {}


async def test_dc_genset(mosquitto: Brokers, recordings: Path) -> None:
    """A DC generator delivers its DC power, and is never called stopped while it cranks."""
    messages = read(recordings / "victron" / "dcgenset_hatz_start_stop.jsonl")
    states: list[float | None] = []
    broker = mosquitto()
    async with running(gx(broker.port, portal_id=PORTAL)) as run:
        await subscribed(run, broker.port)
        for second in sorted({m.at_s for m in messages}):
            await hear(run, broker.port, [m for m in messages if m.at_s == second])
            if second == 0:
                await run.until(lambda: "genset" in run.image.readings)
            states.append(run.image.readings["genset"]["generator_state"])
        told = [s for n, s in enumerate(states) if n == 0 or s != states[n - 1]]
        assert told == [0.0, 1.0, 3.0]
        assert run.image.readings["genset"]["generator_power_w"] == 568.0
        assert run.image.readings["genset"]["engine_speed_rpm"] == 999.0
        assert run.image.counters["genset", "generator_run_s"].raw == 348840.0


async def test_multi_rs(mosquitto: Brokers, recordings: Path) -> None:
    """A Multi RS is a battery system by itself, with its grid input; its panels are a
    part of it."""
    messages = read(recordings / "victron" / "multi_rs_single.jsonl")
    async with replayed(mosquitto, messages) as run:
        await run.until(lambda: "load_power_w" in run.image.readings.get("", {}))
        system = run.image.readings[""]
        assert system["load_power_w"] == -4.0
        assert system["grid_power_w"] == 25.0
        assert system["ac_source"] == 1.0
        assert system["inverter_state"] == 252.0
        panels = "pv-0162268-hq2108rhqjz"
        assert set(run.image.assets) == {"", panels}
        assert run.image.counters[panels, "pv_energy_kwh"].path == "Yield/System"
        assert run.image.complaints[-1] == ()
        assert "pv_power_w" in run.image.links["behind", panels, ""]


async def test_lost_device(mosquitto: Brokers, recordings: Path) -> None:
    """The PV inverter that vanishes at t=30 is gone at once with all its series, the others stay;
    at t=70 it is back under the same id with the recorded values."""
    messages = read(recordings / "victron" / "derived_lost_device_pvinverter.jsonl")
    role = "pvinverter-bp13100990016"
    assets = {"", "grid", role, "mppt-hq14143eayl"}
    broker = mosquitto()
    async with running(gx(broker.port, portal_id=PORTAL)) as run:
        image = run.image
        await subscribed(run, broker.port)
        await hear(run, broker.port, [m for m in messages if m.at_s < 30])
        await run.until(lambda: set(image.readings) == assets)
        assert not image.gone(role)
        before = dict(image.raw())
        await hear(run, broker.port, [m for m in messages if 30 <= m.at_s < 70])
        await run.until(lambda: image.gone(role))
        theirs = [name for name in before if name.startswith("victron_pvinverter_")]
        assert len(theirs) > 10
        assert {image.raw()[name] for name in theirs} == {None}
        assert not image.gone("grid")
        assert image.readings[""]["pv_power_w"] is not None
        await hear(run, broker.port, [m for m in messages if m.at_s >= 70])
        await run.until(lambda: not image.gone(role))
        assert_raw(image, messages)
        last = last_values(messages, PORTAL)["pvinverter/32/Ac/Power"]
        await run.until(lambda: image.readings[role]["pv_power_w"] == last)
        assert set(image.assets) == assets


async def test_gx_reboot(mosquitto: Brokers, recordings: Path) -> None:
    """A reboot ends the connection; run again, the source finds the GX by its serial, waits out
    a partial full publish, and has every device that comes later, under the same ids."""
    messages = read(recordings / "victron" / "derived_gx_reboot.jsonl")
    before = [m for m in messages if m.at_s <= 60 and not m.event]
    after = [m for m in messages if m.at_s >= 105 and not m.event]
    tanks = {"tank-21", "tank-22", "tank-23"}
    assets = {"", "genset", "mppt-hq1726zc3l8", "alternator-hq1641jewm5", *tanks}
    broker = mosquitto()
    device = gx(broker.port, portal_id=PORTAL)
    async with running(device) as run:
        await subscribed(run, broker.port)
        await hear(run, broker.port, before)
        await run.until(lambda: set(run.image.assets) == assets)
        image, source = run.image, run.source
        broker.stop()
        with pytest.raises(NotConnected, match="lost"):
            await run.until(lambda: False)
    assert image.derive is None
    image.assets.clear()
    image.readings.clear()
    broker.start()
    async with running(device, image=image, source=source) as again:
        await subscribed(again, broker.port)
        assert image.resets == 2
        assert set(image.raw().values()) == {None}
        await hear(again, broker.port, after)
        await again.until(lambda: set(image.readings) == assets)
        assert_raw(image, after)
        assert set(image.assets) == assets
        assert {i.serial for i in image.identities} == {PORTAL}


@pytest.mark.parametrize(
    ("portal", "key", "value"),
    [
        (PORTAL, "battery_soc_pct", 95.0),
        ("b827eb000002", "battery_soc_pct", 64.69999694824219),
        ("b827eb000002", "battery_current_a", -46.099998474121094),
        ("b827eb000003", "battery_voltage_v", 52.97999954223633),
        ("portal", "battery_power_w", -127.0),
    ],
)
async def test_fragments(
    mosquitto: Brokers, recordings: Path, portal: str, key: str, value: float
) -> None:
    """Fragments of real captures (limits beside the value, lists, no JSON at all) are read, each
    GX for itself although one broker tells of several."""
    folder = recordings / "victron"
    messages = [m for path in sorted(folder.glob("*.mqtt")) for m in read(path)]
    async with replayed(mosquitto, messages, portal) as run:
        await run.until(lambda: key in run.image.readings.get("", {}))
        assert run.image.readings[""][key] == value
        broken = portal == "b827eb000002"
        assert run.image.drops == ({"payload": 1} if broken else {})
