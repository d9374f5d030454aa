"""What is known of a device and of its assets, as lines. Pure."""

from collections.abc import Mapping, Sequence

from collector.model.alarm import Commissioning
from collector.model.diagnosis import Diagnosis
from collector.model.kinds import AssetStatus
from collector.model.snapshot import AssetView
from collector.model.text import called
from ovr_tui.console.called import in_names, names_of
from ovr_tui.console.devices.book import Entry, Row
from ovr_tui.console.devices.problems import value_words
from ovr_tui.console.format import clock, local, span
from ovr_tui.console.health.sources import told_drops
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Tone, fact, wrap

TONES: Mapping[AssetStatus, Tone] = {
    AssetStatus.LIVE: "good",
    AssetStatus.STALE: "warn",
    AssetStatus.LOST: "alert",
    AssetStatus.WRONG: "alert",
    AssetStatus.WAITING: "warn",
    AssetStatus.DISABLED: "dim",
}
RATINGS = (
    ("unit_no", "unit number", ""),
    ("rated_kva", "rated", "kVA"),
    ("rated_kw", "rated", "kW"),
    ("battery_kwh", "battery", "kWh"),
    ("inverter_kva", "inverter", "kVA"),
    ("nominal_v", "nominal", "V"),
    ("ct_primary_a", "CT primary", "A"),
    ("tank_l", "tank", "l"),
    ("account", "account", ""),
    ("accuracy_class", "accuracy", ""),
    ("certificate", "certificate", ""),
)
"""What the registry says of an asset's plate: key, its name, its unit."""


def status(now: Now, row: Row) -> Line:
    """Sign and word of a device's state."""
    state = row.status
    tone = TONES[state]
    return ((f"{now.glyphs.status[state]} {state.value}", tone),)


def device_facts(
    now: Now, row: Row, cells: int, *, pinned: str = "", tested: Diagnosis | None = None
) -> list[Line]:
    """All that is to be said of a device."""
    text = now.glyphs.text
    out: list[Line] = [((f" {text(row.name)}", "bold"), (f"  {row.id}", "dim")), ()]
    out += _told(fact("state", *status(now, row)), row.words, now, cells)
    out.append(fact("address", (text(row.place), "text")))
    out.append(fact("kind", (row.kind, "text")))
    out.append(fact("system", (text(row.system), "text")))
    who = stated(row.entry)
    pin = who or pinned
    source = "stated" if who else "pinned" if pin else "first to answer is pinned"
    out.append(fact("identity", (text(pin), "text"), (f" {source}" if pin else source, "dim")))
    out += _models(now, row, tested)
    out += _settings(row.entry)
    out += _traffic(now, row)
    if row.assets:
        out += [(), ((" ASSETS", "head"),)]
        out += [_asset(now, view) for view in row.assets]
    if tested is not None:
        well = "well" if tested.ok else "NOT WELL"
        out += [(), fact("last test", (well, "good" if tested.ok else "alert"))]
    return out


def _told(line: Line, words: str, now: Now, cells: int) -> list[Line]:
    shown = now.glyphs.prose(words)
    if shown == "well":
        return [line]
    tone: Tone = "warn"
    return [line, *wrap(shown, cells, tone, 19)]


def stated(entry: Entry | None) -> str:
    """The identity that the registry itself states; empty where it states none."""
    return str((entry or {}).get("portal_id") or (entry or {}).get("serial") or "")


def _models(now: Now, row: Row, tested: Diagnosis | None) -> list[Line]:
    main = next((view for view in row.assets if view.id == row.id), None)
    model = (main.model if main else "") or str((row.entry or {}).get("model") or "")
    firmware = tested.firmware if tested else ""
    out = [fact("model", (now.glyphs.text(model), "text"))] if model else []
    if firmware:
        out.append(fact("firmware", (now.glyphs.text(firmware), "text")))
    return out


def _settings(entry: Entry | None) -> list[Line]:
    if entry is None:
        return []
    out = [fact("control", ("allowed" if entry.get("control") is True else "not allowed", "text"))]
    if entry.get("profile"):
        out.append(fact("profile", (value_words(entry["profile"]), "text")))
    every = f"every {value_words(entry.get('interval_s', 1))} s"
    wait = entry.get("timeout_s")
    waits = f", waits {value_words(wait)} s for answers" if wait else ""
    out.append(fact("read", (f"{every}{waits}", "text")))
    if entry.get("kind") in ("gx", "http"):
        kept = any(entry.get(key) for key in ("password_secret", "password_env"))
        user = value_words(entry.get("username")) if entry.get("username") else "no user name"
        login = f"{user}, password {'kept' if kept else 'not kept'}"
        out.append(fact("login", (login if kept or entry.get("username") else "none", "text")))
    return out


def _traffic(now: Now, row: Row) -> list[Line]:
    source, shot = row.source, now.snapshot
    if source is None or shot is None:
        return []
    since = clock(source.since_ms, shot.timezone)
    out = [fact("connection", (f"{source.state} since {since}", "text"))]
    if source.latency_ms is not None:
        out.append(fact("answers in", (f"{source.latency_ms:.0f} ms", "text")))
    if source.retry_in_s is not None:
        out.append(fact("tries again in", (span(source.retry_in_s), "text")))
    out += [fact("missing", (told, "warn")) for told in told_drops(source, now.glyphs)]
    return out


def _now(now: Now, view: AssetView) -> AssetStatus:
    """How an asset is, as far as the picture may still be believed."""
    live = view.status is AssetStatus.LIVE
    return AssetStatus.STALE if live and now.stale_s is not None else view.status


def _asset(now: Now, view: AssetView) -> Line:
    state = _now(now, view)
    out = f"  LOCKED OUT by {view.lockout.name}" if view.lockout else ""
    return (
        (f"  {now.glyphs.status[state]} ", TONES[state]),
        (now.glyphs.text(view.name), "text"),
        (f"  {view.id} {view.kind.value}", "dim"),
        (now.glyphs.text(out), "warn"),
    )


def asset_facts(
    now: Now, view: AssetView | None, said: Entry, commissioned: Commissioning | None, cells: int
) -> list[Line]:
    """All that the registry and the collector say of an asset, without what it measures."""
    text = now.glyphs.text
    out: list[Line] = []
    if view is not None:
        out += [((f" {text(view.name)}", "bold"), (f"  {view.id}", "dim")), ()]
        status = _now(now, view)
        sign = f"{now.glyphs.status[status]} {status.value}"
        state = sign + (f": {view.reason}" if view.reason else "")
        out.append(fact("state", (text(state), TONES[status])))
        out.append(fact("measures", (view.kind.value, "text")))
        out.append(fact("system", (text(view.system), "text")))
        if view.serial or view.model:
            out.append(fact("unit", (text(f"{view.model} {view.serial}".strip()), "text")))
    for key, name, unit in RATINGS:
        if said.get(key):
            out.append(fact(name, (f"{text(value_words(said[key]))} {unit}".rstrip(), "text")))
    if said.get("fuel_curve"):
        out.append(fact("fuel curve", (f"{len(said['fuel_curve'])} points", "text")))
    links = list(view.links) if view is not None else []
    names = names_of(now.snapshot)
    for index, link in enumerate(links):
        out.append(fact("links" if not index else "", (text(in_names(link, names)), "text")))
    out.append(_watched(now, commissioned))
    for note in view.notes if view else ():
        out += wrap(f"{now.glyphs.alarm} {now.glyphs.prose(note)}", cells, "warn")
    return out


def _watched(now: Now, commissioned: Commissioning | None) -> Line:
    if commissioned is None:
        return fact("commissioned", ("no: its alarms do not count", "dim"))
    zone = now.snapshot.timezone if now.snapshot else "UTC"
    since = local(commissioned.at_ms, zone).strftime("%a %d %b %H:%M %Z")
    by = now.glyphs.text(called(commissioned.person))
    clamp = "" if commissioned.clamps else ", not verified by a clamp"
    return fact("commissioned", (f"since {since} by {by}{clamp}", "text"))


def steps(now: Now, tests: Sequence[Diagnosis], cells: int) -> list[Line]:
    """What tests told, step by step, with what to do."""
    out: list[Line] = []
    names = names_of(now.snapshot)
    words: dict[str, tuple[str, Tone]] = {
        "ok": ("ok", "good"),
        "warning": ("LOOK", "warn"),
        "failed": ("FAILED", "alert"),
        "skipped": (now.glyphs.absent, "dim"),
    }
    for one in tests:
        way = (
            "as the collector says, which reads it now; f tries it by a connection of its own"
            if one.way == "collector"
            else f"tried in {one.took_s:.1f} s"
        )
        end: tuple[str, Tone] = ("well", "good") if one.ok else ("NOT WELL", "alert")
        sign = now.glyphs.good if one.ok else now.glyphs.status[AssetStatus.LOST]
        out += [
            (),
            (
                (f" {now.glyphs.text(names[one.device] or 'the new device')}", "bold"),
                (f"  {one.kind} {now.glyphs.text(one.address)}  ", "dim"),
                (f"{sign} {end[0]}", end[1]),
            ),
            *wrap(way, cells, "dim"),
        ]
        for step in one.steps:
            word, tone = words[step.state]
            seen = wrap(now.glyphs.prose(step.seen), cells - 26, "text", 0) or [(("", "text"),)]
            out.append(((f"   {word:7}", tone), (f"{step.name:13}", "dim"), *seen[0]))
            out += [((" " * 23, "text"), *line) for line in seen[1:]]
            if step.advice:
                advice = wrap(now.glyphs.prose(step.advice), cells - 28, "accent", 0)
                out += [
                    ((" " * 23 + ("> " if not i else "  "), "accent"), *line)
                    for i, line in enumerate(advice)
                ]
    return out
