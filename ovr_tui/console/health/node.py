"""The computer below the collector, its clock, the versions, and this console. Pure."""

from collector.wire import HealthAnswer, MachineHealth
from ovr_tui.console.format import clock, local, number, size, span
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Tone, facts, wrap

LATE_MS = 200.0
FULL = 0.1
"""A disk or a memory with less left than this is worth a colour."""
_Told = list[tuple[str, str, Tone]]


def node_lines(now: Now, answer: HealthAnswer | None, cells: int) -> list[Line]:
    """Clock, machine, collector, versions, console; what is not the present looks like it."""
    if now.snapshot is None:
        return [(), ((" The collector has not answered yet.", "dim"),)]
    lines: list[Line] = []
    for title, told in (
        ("CLOCK", _clock(now, answer)),
        ("MACHINE", _machine(answer.machine) if answer else []),
        ("COLLECTOR", _collector(now, answer)),
        ("LOCAL API", _api(now, answer) if answer else []),
    ):
        lines += map(now.as_it_was, _block(title, told, cells, first=not lines))
    lines += _block("THIS CONSOLE", console_facts(now), cells)
    if answer is None:
        lines += [(), *wrap("Disk, memory, load and versions: asking the collector.", cells, "dim")]
    return lines


def _block(title: str, told: _Told, cells: int, *, first: bool = False) -> list[Line]:
    if not told:
        return []
    blank: list[Line] = [] if first else [()]
    return [*blank, ((f" {title}", "head"),), *facts(told, cells, 18)]


def _clock(now: Now, answer: HealthAnswer | None) -> _Told:
    shot = now.snapshot
    if shot is None:
        return []
    health = shot.health
    good = health.clock_confirmed and health.clock != "jumped"
    day = local(shot.at_ms, shot.timezone).strftime("%A %Y-%m-%d")
    state = now.glyphs.text(health.clock)
    told: _Told = [
        ("node's time", f"{day} {clock(shot.at_ms, shot.timezone)}", "bold"),
        (
            "state",
            f"{now.glyphs.good if good else now.glyphs.alarm} {state}",
            "good" if good else "warn",
        ),
    ]
    ntp = answer.machine.ntp if answer else None
    if ntp is not None:
        told.append(("set by NTP", "yes" if ntp else "no", "text" if ntp else "warn"))
    if not health.clock_confirmed:
        why = "no sample is sent and no event starts until somebody confirms it"
        told.append(("means", f"{why}{': C' if now.may_operate else ''}", "warn"))
    return told


def _machine(machine: MachineHealth) -> _Told:
    told: _Told = []
    for name, free, whole in (
        ("disk", machine.disk_free_bytes, machine.disk_size_bytes),
        ("memory", machine.memory_free_bytes, machine.memory_size_bytes),
    ):
        if free is not None and whole:
            tone: Tone = "warn" if free < whole * FULL else "text"
            used = f"{(1 - free / whole) * 100:.0f} % used"
            told.append((name, f"{size(free)} free of {size(whole)}, {used}", tone))
    if machine.load is not None:
        means = " ".join(f"{mean:.2f}" for mean in machine.load)
        busy = bool(machine.cores) and machine.load[1] > machine.cores
        cores = f" on {machine.cores} cores" if machine.cores else ""
        told.append(("load", f"{means}{cores} (1, 5, 15 min)", "warn" if busy else "text"))
    if machine.up_s is not None:
        told.append(("switched on", f"{span(machine.up_s)} ago", "text"))
    return told


def _collector(now: Now, answer: HealthAnswer | None) -> _Told:
    shot, glyphs = now.snapshot, now.glyphs
    if shot is None:
        return []
    health = shot.health
    up_s = max(1.0, (shot.at_ms - health.started_ms) / 1000)
    late: Tone = "warn" if health.tick_late_ms > LATE_MS else "text"
    told: _Told = [
        ("node", f"{glyphs.text(shot.node)}, collecting for {span(up_s)}", "text"),
        ("last tick", f"{health.tick_seq}, {health.tick_late_ms:.0f} ms late", late),
        ("memory", size(health.rss_bytes), "text"),
        ("CPU", f"{health.cpu_s / up_s * 100:.1f} % of a core", "text"),
        ("series", f"{number(health.series, 0)}, {number(health.samples, 0)} samples", "text"),
    ]
    if answer is not None:
        machine = answer.machine
        told.append(("version", f"ovr {glyphs.text(answer.version)}, process {answer.pid}", "text"))
        python = f"Python {machine.python}" if machine.python else ""
        sqlite = f"SQLite {machine.sqlite}" if machine.sqlite else ""
        below = [machine.system, machine.kernel, python, sqlite]
        told.append(("runs on", ", ".join(glyphs.text(word) for word in below if word), "text"))
    return told


def _api(now: Now, answer: HealthAnswer) -> _Told:
    api = answer.api
    told: _Told = [
        ("readers", _some(api.streams, "stream"), "text"),
        ("connections", number(api.connections, 0), "text"),
        ("requests", number(api.requests, 0), "text"),
    ]
    if api.refused:
        refused = ", ".join(f"{n} {code}" for code, n in sorted(api.refused.items()))
        told.append(("refused", now.glyphs.text(refused), "text"))
    if api.turned_away or api.let_go:
        told.append(("no place for", f"{api.turned_away}; let go {api.let_go}", "warn"))
    if api.listen is not None:
        listen = api.listen
        tls = "TLS" if listen.tls else "without TLS"
        state = f"{now.glyphs.text(listen.address)} {listen.state}, {tls}"
        told.append(("over TCP", state, "warn" if listen.cause else "text"))
        told.append(("why not", now.glyphs.prose(listen.cause), "warn"))
        told.append(("fingerprint", now.glyphs.text(listen.fingerprint), "dim"))
    return told


def console_facts(now: Now) -> _Told:
    """This console's own state."""
    own = now.console
    told: _Told = [
        ("memory, CPU", f"{size(own.rss_bytes)}, {own.cpu_s:.1f} s", "text"),
        (
            "stood still",
            f"{own.late_s * 1000:.0f} ms at most in the last minute",
            "warn" if own.late_s > 0.5 else "text",
        ),
        ("frames dropped", f"{own.dropped_frames}", "warn" if own.dropped_frames else "text"),
        ("link lost", f"{now.link.losses} times", "text"),
    ]
    if not now.link.attached:
        told.append(("link", now.glyphs.prose(now.link.cause), "alert"))
    return told


def _some(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
