"""A source and a GX that talk: keepalive, liveness, devices that come and go, hostile messages."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import paho.mqtt.client as paho
import pytest

from collector.errors import NotConnected, WrongDevice
from collector.pinning import Pin
from collector.sources.victron import session
from collector.sources.victron.client import GxClient
from collector.sources.victron.keepalive import FULL_S, LEGACY_AFTER_S, PLAIN_S, RETRY_S, SUPPRESS
from collector.sources.victron.life import GIVE_UP_S, TALK_LIMIT_S
from collector.sources.victron.payload import MAX_BYTES
from collector.sources.victron.tree import GRACE_S
from tests.support.mosquitto import Mosquitto
from tests.victron.conftest import PORTAL, HandClock, Running, gx, running
from tests.victron.gx import FakeGx, fake_gx

Brokers = Callable[..., Mosquitto]
PV = "pvinverter-pv0001"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "STEP_S", 0.02)


@asynccontextmanager
async def talking(mosquitto: Brokers) -> AsyncIterator[tuple[FakeGx, Running, HandClock]]:
    """A GX that was asked once and has answered, and a clock that stands."""
    broker, clock = mosquitto(), HandClock()
    async with (
        fake_gx(broker.port) as fake,
        running(gx(broker.port, portal_id=PORTAL), clock=clock) as run,
    ):
        await run.until(lambda: "" in run.image.readings and PV in run.image.readings)
        yield fake, run, clock


def raw(run: Running, tail: str, instance: str = "276") -> float | None:
    """A raw value."""
    return run.image.raw().get(f"victron_{tail}{{instance={instance},portal_id={PORTAL}}}")


async def test_first_words(mosquitto: Brokers) -> None:
    """On connect everything is asked for at once with an echo, and the answer is live: assets,
    readings, raw series, ready."""
    async with talking(mosquitto) as (fake, run, _):
        first = json.loads(fake.payloads("keepalive")[0])
        assert list(first["keepalive-options"][0]) == ["full-publish-completed-echo"]
        assert run.ready.is_set()
        assert run.image.readings[""]["load_power_w"] == 640.0
        assert run.image.readings[""]["battery_soc_pct"] == 71.0
        assert run.image.readings[PV]["pv_power_w"] == 900.0
        assert raw(run, "vebus_ac_out_p") == 640.0
        assert not run.image.drops
        assert run.image.lives + sum(run.image.role_lives.values()) > 0


async def test_keepalive_sequence(mosquitto: Brokers) -> None:
    """After the first one: `suppress-republish` every 30 s, everything again after 240 s, and
    never the old form while the GX answers."""
    async with talking(mosquitto) as (fake, run, clock):
        for round_ in range(1, 8):
            clock.now += PLAIN_S
            await fake.beat(clock.now)
            await run.until(lambda n=round_: fake.payloads("keepalive").count(SUPPRESS) == n)  # type: ignore[misc]
        clock.now += FULL_S - 7 * PLAIN_S
        await fake.beat(clock.now)
        await run.until(lambda: len(fake.payloads("keepalive")) == 9)
        echoes = [payload for payload in fake.payloads("keepalive") if payload != SUPPRESS]
        assert len(set(echoes)) == 2
        assert fake.payloads("system/0/Serial") == []


async def test_full_publish_refused(mosquitto: Brokers) -> None:
    """A full publish that the GX leaves out without a word is asked for again."""
    broker, clock = mosquitto(), HandClock()
    async with fake_gx(broker.port) as fake:
        fake.deaf_for = 1
        async with running(gx(broker.port, portal_id=PORTAL), clock=clock) as run:
            await run.until(lambda: fake.deaf_for == 0)
            assert run.image.readings == {}
            clock.now += RETRY_S
            await run.until(lambda: "" in run.image.readings)
            assert len(fake.payloads("keepalive")) == 2


async def test_before_echo(mosquitto: Brokers) -> None:
    """A GX before Venus 3.50 completes without echo, and is not asked again for that."""
    broker, clock = mosquitto(), HandClock()
    async with fake_gx(broker.port) as fake:
        fake.knows_echo = False
        async with running(gx(broker.port, portal_id=PORTAL), clock=clock) as run:
            await run.until(lambda: fake.published == 1)
            await fake.say("vebus/276/State", 8)
            await run.until(lambda: raw(run, "vebus_state") == 8.0)
            clock.now += PLAIN_S
            await run.until(lambda: len(fake.payloads("keepalive")) == 2)
            assert fake.payloads("keepalive")[1] == SUPPRESS


async def test_legacy(mosquitto: Brokers) -> None:
    """A GX of dbus-mqtt ≤ 2.94 answers only the read of its serial, after 10 s; it sends no
    heartbeat and lives by what it says, with a longer limit."""
    broker, clock = mosquitto(), HandClock()
    async with fake_gx(broker.port) as fake:
        fake.knows_keepalive = False
        async with running(gx(broker.port, portal_id=PORTAL), clock=clock) as run:
            await run.until(lambda: fake.payloads("keepalive"))
            assert run.image.readings == {}
            clock.now += LEGACY_AFTER_S
            await run.until(lambda: fake.payloads("system/0/Serial"))
            clock.now += 3
            await run.until(lambda: "" in run.image.readings)
            assert run.image.lives > 0
            await run.until(lambda: run.image.limit_s == TALK_LIMIT_S)


async def test_heartbeat(mosquitto: Brokers) -> None:
    """Each heartbeat is a sign of life and tells the GX's clock."""
    async with talking(mosquitto) as (fake, run, _):
        before = run.image.lives
        await fake.beat(1_767_225_603)
        await run.until(lambda: run.image.clocks == [1_767_225_603_000])
        assert run.image.lives > before
        assert run.image.limit_s == 10.0


async def test_frozen_heartbeat(mosquitto: Brokers) -> None:
    """A heartbeat that stops while the connection stands and values still come is no life; after
    a minute the connection is given up for a new one."""
    async with talking(mosquitto) as (fake, run, clock):
        await fake.beat(1_767_225_603)
        await run.until(lambda: run.image.clocks)
        lives = run.image.lives
        for second in range(5):
            clock.now += 10
            await fake.beat(1_767_225_603)
            await fake.say("vebus/276/Ac/Out/P", 700 + second)
            await run.until(lambda n=second: raw(run, "vebus_ac_out_p") == 700.0 + n)  # type: ignore[misc]
        assert run.image.lives == lives
        clock.now += GIVE_UP_S
        with pytest.raises(NotConnected, match="heartbeat"):
            await run.until(lambda: False)


async def test_lost_device(mosquitto: Brokers) -> None:
    """A device that vanishes is gone within a tick, with all its series; the rest stays."""
    async with talking(mosquitto) as (fake, run, clock):
        await fake.lose("pvinverter/20")
        await run.until(lambda: run.image.gone(PV))
        assert raw(run, "pvinverter_ac_power", "20") is None
        assert raw(run, "vebus_ac_out_p") == 640.0
        assert not run.image.gone("")
        await fake.say("pvinverter/20/Serial", "PV0001")
        await fake.say("pvinverter/20/Ac/Power", 450)
        await run.until(lambda: raw(run, "pvinverter_ac_power", "20") == 450.0)
        clock.now += GRACE_S
        await run.until(lambda: not run.image.gone(PV))
        assert run.image.readings[PV]["pv_power_w"] == 450.0


async def test_lost_farewell(mosquitto: Brokers) -> None:
    """A device whose farewell was lost on the way is gone with the next full publish, which says
    nothing of it; what another client's full publish leaves out proves nothing."""
    async with talking(mosquitto) as (fake, run, _):
        for tail in [tail for tail in fake.values if tail.startswith("pvinverter/")]:
            del fake.values[tail]
        await fake.send("full_publish_completed", '{"value":1}')
        await fake.send("full_publish_completed", '{"full-publish-completed-echo":"x","value":1}')
        await fake.say("vebus/276/Ac/Out/P", 641)
        await run.until(lambda: raw(run, "vebus_ac_out_p") == 641.0)
        assert not run.image.gone(PV)
        await fake.send("keepalive", "1")
        await run.until(lambda: run.image.gone(PV))
        assert raw(run, "pvinverter_ac_power", "20") is None
        assert not run.image.gone("")


async def test_other_gx_is_no_life_of_ours(mosquitto: Brokers) -> None:
    """At a shared broker another GX's words do not make an old GX without heartbeat live."""
    broker, clock = mosquitto(), HandClock()
    async with (
        fake_gx(broker.port) as fake,
        fake_gx(broker.port, "b827eb00000b") as other,
        running(gx(broker.port, portal_id=PORTAL), clock=clock) as run,
    ):
        await run.until(lambda: "" in run.image.readings)
        assert run.image.lives > 0
        await fake.say("vebus/276/State", 8)
        await run.until(lambda: raw(run, "vebus_state") == 8.0)
        lives, messages = run.image.lives, run.image.messages
        await other.say("system/0/Serial", "b827eb00000b")
        await run.until(lambda: run.image.messages > messages)
        assert run.image.lives == lives


async def test_restarted_gx(mosquitto: Brokers) -> None:
    """When the GX's broker tells that it has begun anew, everything is asked for again."""
    async with talking(mosquitto) as (fake, run, _):
        await fake.send("keepalive", "1")
        await run.until(lambda: len(fake.payloads("keepalive")) == 2)


async def test_model_and_firmware(mosquitto: Brokers) -> None:
    """Model and firmware are told once the GX has said them."""
    async with talking(mosquitto) as (fake, run, _):
        await fake.say("platform/0/Device/Model", "Cerbo GX")
        await fake.say("platform/0/Firmware/Installed/Version", "v3.67")
        await run.until(lambda: run.image.identities[-1].firmware == "v3.67")
        assert run.image.identities[-1].model == "Cerbo GX"
        assert run.image.identities[-1].serial == PORTAL


async def test_identity_refused_later(mosquitto: Brokers) -> None:
    """When the image refuses the identity as it becomes complete, the connection ends with that."""
    async with talking(mosquitto) as (fake, run, _):
        run.image.serial = "another"
        await fake.say("platform/0/Device/Model", "Cerbo GX")
        with pytest.raises(WrongDevice, match="expected another"):
            await run.until(lambda: False)


HOSTILE: list[tuple[str, bytes]] = [
    ("vebus/276/Ac/Out/P", b"xyz"),
    ("vebus/276/Ac/Out/P", b"{}"),
    ("vebus/276/Ac/Out/P", b'{"value":'),
    ("vebus/276/Ac/Out/P", b"\x00\xff" * 50),
    ("vebus/276/Ac/Out/P", b"[" * 50_000),
    ("vebus/276/Ac/Out/P", b'{"value":"' + b"x" * 10_000_000 + b'"}'),
    ("vebus/276/ProductName", json.dumps({"value": "\x1b[31mred[/]\u202e<script>"}).encode()),
    ("vebus/276//", b'{"value":1}'),
    ("vebus/276/" + "deep/" * 100 + "P", b'{"value":1}'),
    ("vebus/\u202e/State", b'{"value":1}'),
    ("battery/" + "9" * 500 + "/Soc", b'{"value":1}'),
    ("system/0/Batteries", b'{"value":[[],{"active_battery_service":true,"soc":[]}]}'),
    ("heartbeat", b'{"value":"soon"}'),
    ("heartbeat", b"x" * 1000),
    ("full_publish_completed", b"\xff"),
    ("tank/3/FluidType", b'{"value":1e999}'),
]


async def test_hostile_messages(mosquitto: Brokers) -> None:
    """Whatever arrives, the conversation goes on: each thing left out is counted under a reason,
    and what was known before stands."""
    async with talking(mosquitto) as (fake, run, _):
        for tail, payload in HOSTILE:
            await fake.send(tail, payload)
        await fake.say("vebus/276/Ac/Out/L1/P", 641)
        await run.until(lambda: raw(run, "vebus_ac_out_l1_p") == 641.0)
        assert raw(run, "vebus_ac_out_p") == 640.0
        drops = run.image.drops
        assert raw(run, "vebus_state", "·") == 1.0
        assert drops == {
            "payload": 5, "too large": 1, "topic": 3, "heartbeat": 2, "not finite": 1,
        }  # fmt: skip
        assert str(10_000_012) in run.image.details["too large"]
        assert MAX_BYTES < 10_000_000


async def test_fault_in_taking(mosquitto: Brokers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a fault of the program's own in one message does not end the conversation; it is
    counted."""
    async with talking(mosquitto) as (fake, run, _):
        image = run.image

        def broken(name: str, labels: object) -> None:
            raise RuntimeError(name)

        with monkeypatch.context() as patch:
            patch.setattr(image, "cell", broken)
            await fake.say("vebus/276/New", 1)
            await run.until(lambda: image.drops["fault of ours"] == 1)
        await fake.say("vebus/276/Newer", 2)
        await run.until(lambda: raw(run, "vebus_newer") == 2.0)


async def test_topic_that_is_no_text(mosquitto: Brokers) -> None:
    """A topic that is not UTF-8 is handed on as such instead of ending the connection."""
    taken: list[tuple[str | None, bytes, bool]] = []
    client = GxClient(gx(1883), Pin(""), lambda *message: taken.append(message))
    message = paho.MQTTMessage(topic=b"N/\xff/x")
    message.payload = b"1"
    client._on_message(client._client, None, message)
    assert taken == [(None, b"1", False)]


async def test_retained_values_are_no_life(mosquitto: Brokers) -> None:
    """What a broker has kept of a GX that is off makes nothing alive and not ready."""
    broker = mosquitto()
    async with fake_gx(broker.port) as fake:
        fake.knows_keepalive = False
        await fake.client.publish(f"N/{PORTAL}/vebus/276/State", b'{"value":9}', retain=True)
        async with running(gx(broker.port, portal_id=PORTAL)) as run:
            await run.until(lambda: raw(run, "vebus_state") == 9.0)
            await run.until(lambda: "" in run.image.assets)
            assert run.image.lives == 0
            assert run.image.role_lives == {}
            assert not run.ready.is_set()


async def test_silent_gx(mosquitto: Brokers) -> None:
    """A GX that answers nothing at all is given up, with the reason."""
    broker, clock = mosquitto(), HandClock()
    async with fake_gx(broker.port) as fake:
        fake.knows_keepalive = False
        async with running(gx(broker.port, portal_id=PORTAL), clock=clock) as run:
            await run.until(lambda: fake.payloads("keepalive"))
            clock.now += GIVE_UP_S
            with pytest.raises(NotConnected, match="nothing heard"):
                await run.until(lambda: False)
