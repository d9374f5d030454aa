"""The fields of a device and of an asset: what each is, for which kinds, and how it is typed. Pure.

The registry's own check has the last word; what stands here tells a person while they type.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from collector.wire import ProfileTold
from ovr_tui.console.devices.book import KIND_WORDS, MODBUS, PROFILED, Entry, usual_port
from ovr_tui.console.form.fields import Choice, Field, Kind, Values

ID = re.compile(r"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
ID_TEXT = "a-z, 0-9 and - inside, like bess-1"
SECRET = "password"  # noqa: S105  the name of a field
KINDS = tuple(Choice(kind, f"{kind}: {words}") for kind, words in KIND_WORDS.items())
LOGIN = ("gx", "http")


class Spec(Struct, frozen=True, kw_only=True):
    """One key of `[[device]]`: for which kinds of device (none: all), how it is typed, and what it
    is when nothing is written."""

    name: str
    label: str
    text: str
    kinds: tuple[str, ...] = ()
    kind: Kind = Kind.TEXT
    usual: str = ""
    unit: str = ""
    least: float | None = None
    most: float | None = None
    needed: bool = False
    choices: tuple[Choice, ...] = ()
    more: bool = False


MEASURES = (
    Choice("", "as the device says"),
    Choice("load"),
    Choice("generator"),
    Choice("grid"),
    Choice("pv"),
    Choice("bess"),
    Choice("tank"),
)

SPECS: tuple[Spec, ...] = (
    Spec(name="host", label="host or address", needed=True,
         text="IP address or name in the network, without port: 10.20.0.21 or gx-1.local"),
    Spec(name="port", label="port", kind=Kind.WHOLE, least=1, most=65535,
         text="Leave it empty for the usual one"),
    Spec(name="unit", label="Modbus unit", kinds=MODBUS, kind=Kind.WHOLE, usual="1", least=0,
         most=255, text="The unit id behind the address: several devices of a gateway differ here"),
    Spec(name="profile", label="profile", kinds=PROFILED, needed=True,
         text="Which description of registers it is read by"),
    Spec(name="name", label="name",
         text="What people call it; it stands on screens and in reports"),
    Spec(name="system", label="system",
         text="What joins and leaves events as one: a battery with its generator and meters. "
         "Empty: the device alone"),
    Spec(name="asset_kind", label="it measures", kind=Kind.CHOICE, choices=MEASURES,
         text="What flows through it; a meter counts as a load unless something is said"),
    Spec(name="username", label="user name", kinds=LOGIN, text="Empty: it asks for none"),
    Spec(name=SECRET, label="password", kinds=LOGIN, kind=Kind.SECRET,
         text="Kept on this node, never shown again. Empty: it stays as it is"),
    Spec(name="tls", label="encrypted (TLS)", kinds=LOGIN, kind=Kind.FLAG, usual="no",
         text="A GX with a security profile speaks TLS at port 8883"),
    Spec(name="enabled", label="is read", kind=Kind.FLAG, usual="yes",
         text="no: it is not connected to, and its assets do not count"),
    Spec(name="control", label="may be controlled", kind=Kind.FLAG, usual="no",
         text="yes: whoever has the right to control may write to it, each time with a PIN"),
    Spec(name="interval_s", label="read every", kind=Kind.NUMBER, usual="1", unit="s", least=0.2,
         most=3600, text="Slower on bad lines; a GX sends by itself", more=True),
    Spec(name="timeout_s", label="waits for answers", kind=Kind.NUMBER, unit="s", least=0.1,
         most=120, text="Empty: as its kind needs", more=True),
    Spec(name="portal_id", label="portal id", kinds=("gx",), more=True,
         text="Who it must be (12 hex digits). Empty: whoever answers first is pinned"),
    Spec(name="serial", label="serial", more=True,
         text="Who it must be. Empty: whoever answers first is pinned"),
    Spec(name="fingerprint", label="certificate", kinds=LOGIN, more=True,
         text="SHA-256 of its certificate, 64 hex digits. Empty: the first one is pinned"),
    Spec(name="solar_api", label="Solar API", kinds=("fronius",), kind=Kind.CHOICE,
         usual="fallback",
         choices=(Choice("fallback", "where Modbus is off"), Choice("check", "to compare"),
                  Choice("off", "never")),
         text="What its HTTP interface is for", more=True),
    Spec(name="solar_api_port", label="Solar API port", kinds=("fronius",), kind=Kind.WHOLE,
         usual="80", least=1, most=65535, text="Of its HTTP interface", more=True),
    Spec(name="model", label="model", text="As printed on it, where the device does not say",
         more=True),
)  # fmt: skip
BY_NAME: Mapping[str, Spec] = {spec.name: spec for spec in SPECS}


def specs_for(kind: str, *, more: bool = True) -> list[Spec]:
    """The keys that mean something to a kind of device."""
    return [
        spec for spec in SPECS if (not spec.kinds or kind in spec.kinds) and (more or not spec.more)
    ]


def device_fields(
    values: Values, *, taken: Sequence[str], profiles: Sequence[ProfileTold], known: bool
) -> list[Field]:
    """The fields of a form about a device; those of its kind alone. `taken` are ids that others
    have; `known`: it is registered already, and keeps its id and kind."""
    kind = values.get("kind") or "gx"
    out: list[Field] = []
    if not known:
        out.append(
            Field(
                name="kind",
                label="kind",
                kind=Kind.CHOICE,
                value="gx",
                choices=KINDS,
                text="How it is spoken to; the fields below follow from it",
            )
        )
        out.append(id_field(taken))
    full = known or values.get("more") == "yes"
    out += [_field(spec, kind, profiles, values) for spec in specs_for(kind, more=full)]
    if not known:
        text = "Identity, timing and other settings that seldom matter"
        out.append(Field(name="more", label="more settings", kind=Kind.FLAG, text=text))
    reason = "Why, for the audit and the reports; may stay empty"
    out.append(Field(name="reason", label="reason", text=reason, most_chars=300))
    return out


def id_field(taken: Sequence[str], name: str = "id", label: str = "id") -> Field:
    """The id of something new."""

    def check(text: str) -> str:
        if not ID.match(text):
            return ID_TEXT
        return f"{text} is a device already" if text in taken else ""

    text = f"Its name for ever: series and reports stand under it; {ID_TEXT}"
    return Field(name=name, label=label, needed=True, text=text, check=check, most_chars=63)


def _field(spec: Spec, kind: str, profiles: Sequence[ProfileTold], values: Values) -> Field:
    text, choices, shape, value = spec.text, spec.choices, spec.kind, spec.usual
    if spec.name == "port":
        text = f"{text}: {usual_port(kind, tls=values.get('tls') == 'yes')}"
    if spec.name == "profile":
        choices = _profiles(kind, profiles)
        shape = Kind.CHOICE if choices else Kind.TEXT
    checks = {"system": _system, "host": _host}
    return Field(
        name=spec.name,
        label=spec.label,
        kind=shape,
        value=value,
        text=text,
        unit=spec.unit,
        needed=spec.needed,
        choices=choices,
        least=spec.least,
        most=spec.most,
        check=checks.get(spec.name),
    )


def _profiles(kind: str, profiles: Sequence[ProfileTold]) -> tuple[Choice, ...]:
    return tuple(
        Choice(told.name, f"{told.name}: {told.title}")
        for told in profiles
        if told.device is not None and told.device.value == kind
    )


def _system(text: str) -> str:
    return "" if ID.match(text) else ID_TEXT


def _host(text: str) -> str:
    if "/" in text:
        return "a host alone, without http:// and path"
    if " " in text:
        return "a host has no blanks"
    if text.count(":") == 1:
        return "the port has a field of its own"
    return ""


def values_of(entry: Entry, specs: Sequence[Spec] = SPECS) -> dict[str, str]:
    """What stands in the fields of a device that is registered."""
    return {spec.name: written(entry.get(spec.name)) or spec.usual for spec in specs}


def written(value: object) -> str:
    """A value of the registry as it is typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def changes_of(
    first: Values, answers: Mapping[str, Any], values: Values, kind: str
) -> dict[str, Any]:
    """The keys that a person has changed in a form, as registry.toml holds them; None takes a key
    away. The password is none of them."""
    out: dict[str, Any] = {}
    for spec in specs_for(kind):
        if spec.name == SECRET or spec.name not in answers:
            continue
        if values.get(spec.name, "") == first.get(spec.name, spec.usual):
            continue
        out[spec.name] = _kept(spec, answers[spec.name])
    return out


def _kept(spec: Spec, answer: object) -> object:
    if answer in (None, ""):
        return None
    if written(answer) == spec.usual:
        return None
    if spec.kind is Kind.NUMBER and isinstance(answer, float) and answer == int(answer):
        return int(answer)
    return answer


def entry_of(answers: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """The `[[device]]` table that a form for a new device makes; without its password."""
    kind = str(answers["kind"])
    said = changes_of({}, answers, values, kind)
    return {"id": answers.get("id") or "", "kind": kind} | {
        key: value for key, value in said.items() if value is not None
    }
