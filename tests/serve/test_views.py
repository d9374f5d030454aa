"""What a viewer gets: values and states, and nothing of the registry."""

import msgspec
from msgspec import structs

from collector.alarms.advice import ADVICE
from collector.model.alarm import Alarm, Rule, Severity
from collector.model.kinds import AssetStatus
from collector.model.outbox import OutboxHealth
from collector.model.snapshot import JournalHealth, SinkHealth, Snapshot, SourceHealth
from collector.serve.access import Transport
from collector.serve.views import REASONS, SEEN, snapshot
from ovr_tui.commands.alarm import lines
from ovr_tui.console.alarms.words import subject
from ovr_tui.console.glyphs import UNICODE
from tests.serve.support import TOKENS, served
from tests.support import snapshots as by_hand
from tests.support.snapshots import HandFeed, asset

SECRETS = (
    "10.20.0.21", "10.20.0.31", "AH12345", "b827eb000001", "/var/lib/ovr", "registry.toml",
    "cloud.example.com", "0815 is pinned", "anna",
)  # fmt: skip


ALARM = Alarm(
    id="0", key="silent:10.20.0.31", rule=Rule.GATEWAY, subject="10.20.0.31", name="at 10.20.0.31",
    severity=Severity.ALARM, text="no route to 10.20.0.31", advice="check 10.20.0.31", raised_ms=5,
    changed_ms=6, now="10.20.0.21 too", acked_by="uid 1000 (anna)", ack_note="registry.toml is old",
    shelved_by="anna", shelf_reason="10.20.0.31", members=("stage-a",),
)  # fmt: skip
OUTBOX = OutboxHealth(state="backoff", cause="cloud.example.com: refused", waiting={"alarms": 3})


def told():
    """A snapshot full of what viewers must not learn."""
    broken = structs.replace(
        asset("bess-1", status=AssetStatus.WRONG, reason="serial AH12345 answers, 0815 is pinned"),
        serial="AH12345", notes=("GX b827eb000001 at 10.20.0.21 has two meters",),
        remarks=("GX b827eb000001: door open",),
    )  # fmt: skip
    lost = asset("stage-a", status=AssetStatus.LOST, reason="no route to 10.20.0.31")
    source = SourceHealth(
        device="bess-1", kind="gx", address="10.20.0.21:1883", state="backoff", since_ms=1,
        cause="10.20.0.21 refused: b827eb000001", drops={"AH12345": 3},
    )  # fmt: skip
    full = by_hand.snapshot(
        broken, lost, sources=(source,), problems=("registry.toml:3: x", "10.20.0.31 is bad"),
        sinks=(SinkHealth(sink="cloud", state="backoff", cause="cloud.example.com: refused"),),
    )  # fmt: skip
    return structs.replace(
        full,
        alarms=(ALARM,),
        outbox=OUTBOX,
        journal=JournalHealth(state="failing", cause="no space in /var/lib/ovr"),
    )


def test_nothing_of_the_registry_is_left():
    """No address, serial, identity, file or host stands in what a viewer gets."""
    text = msgspec.json.encode(snapshot(told())).decode()
    for secret in SECRETS:
        assert secret in msgspec.json.encode(told()).decode()
        assert secret not in text


def test_an_alarm_of_a_gateway_is_not_one_of_this_node():
    """A viewer learns what it is about, without the address; without a name it is the node."""
    whole = snapshot(told())
    (gateway,) = whole.alarms
    assert (gateway.name, gateway.subject, gateway.text) == ("a gateway", "", "nobody answers")
    assert subject(gateway, UNICODE) == "a gateway"
    assert lines(gateway)[0].endswith("  a gateway")
    sink = structs.replace(ALARM, rule=Rule.SINK, subject="cloud", name="cloud")
    own = structs.replace(ALARM, rule=Rule.CLOCK, subject="", name="")
    both = snapshot(structs.replace(told(), alarms=(sink, own))).alarms
    assert [subject(one, UNICODE) for one in both] == ["cloud", "this node"]


def test_what_is_seen_is_named():
    """Each name in the table of what viewers see is a field of its struct: a mistyped one would
    hide it, and whatever is not named stays out."""
    for kind, names in SEEN.items():
        assert set(names.split()) <= set(kind.__struct_fields__), kind
    assert set(Snapshot.__struct_fields__) == set(SEEN[Snapshot].split())


def test_values_and_states_stay():
    """Readings, ages, statuses, totals and counts are those of the operators."""
    full, seen = told(), snapshot(told())
    assert [a.readings for a in seen.assets] == [a.readings for a in full.assets]
    assert [a.status for a in seen.assets] == [a.status for a in full.assets]
    assert [a.age_s for a in seen.assets] == [a.age_s for a in full.assets]
    assert (seen.totals, seen.today) == (full.totals, full.today)
    assert seen.sources[0].state == "backoff"
    assert seen.journal.state == "failing"
    assert seen.outbox.waiting == {"alarms": 3}
    assert seen.health.clock == "confirmed"
    assert (seen.alarms[0].rule, seen.alarms[0].members) == (Rule.GATEWAY, ("stage-a",))
    assert seen.alarms[0].advice == ADVICE[Rule.GATEWAY]  # of the kind, not of this one
    assert seen.health.problems == ("2 problems on this node: an operator sees what",)


def test_every_status_has_a_reason_for_viewers():
    """Each status is explained in words that name nothing."""
    assert set(REASONS) == set(AssetStatus)


async def test_over_the_wire(tmp_path):
    """Snapshot, stream, health and metrics of a viewer hold none of it, on any transport."""
    feed = HandFeed(told())
    view, tls = Transport.VIEWER_SOCKET, Transport.TLS
    async with served(tmp_path, feed, (view, tls)) as api:
        for transport, token in ((view, None), (tls, TOKENS["kiosk"])):
            async with api.client(transport, token) as client:
                texts = [
                    (await client.get(path)).text
                    for path in ("/v1/snapshot", "/v1/health", "/metrics")
                ]
                async with client.stream("GET", "/v1/stream") as answer:
                    texts.append(await anext(answer.aiter_text()))
            for secret in (*SECRETS, str(api.ports[tls])):
                assert not [text for text in texts if secret in text], secret
