"""What an outcome of the source means for the steps from the login on: pure."""

from collector.diagnosis.plausible import doubts, in_words, name_of
from collector.diagnosis.sheet import Sheet
from collector.diagnosis.trial import Outcome
from collector.errors import BadDevice, OvrError, Unauthorized, WrongDevice
from collector.model.assets import Device
from collector.model.kinds import DeviceKind
from collector.model.reading import Identity
from collector.model.snapshot import AssetView

MAIN_KEYS = ("battery_soc_pct", "load_power_w", "generator_power_w", "grid_power_w", "pv_power_w")
NOTHING = {
    DeviceKind.GX: "wait a minute and test again; if it stays so, restart MQTT at the GX",
    DeviceKind.ACUVIM: "check the unit id, and the wiring between gateway and meter",
    DeviceKind.FRONIUS: "check the unit id (inverter number); at night an inverter may be off",
    DeviceKind.MODBUS: "check unit and profile; ovr read shows the raw registers",
    DeviceKind.HTTP: "check the profile's paths; ovr read shows what comes",
}
WHO = "another device answers than the one that is expected"
ELSEWHERE = "correct the address, or remove one of the two entries"


def judge(device: Device, outcome: Outcome, elsewhere: str, sheet: Sheet) -> None:
    """Write the steps *login* (where the source does it), *identity*, *first value*, *plausible*.

    `elsewhere` says which other device of the registry has the identity that answers, "" none.
    Raises Failed.
    """
    error, identity = outcome.error, outcome.identity
    if isinstance(error, Unauthorized):
        raise sheet.fail("login", "the device refuses the login", str(error))
    if device.kind is DeviceKind.HTTP:
        sheet.ok("login", "it answers" if device.password else "no login was asked for")
    if isinstance(error, WrongDevice):
        raise sheet.fail("identity", WHO, str(error))
    if elsewhere:
        raise sheet.fail("identity", f"{_who(identity)} is {elsewhere}", ELSEWHERE)
    if identity is None and not outcome.ready:
        raise sheet.fail("identity", *_unanswered(device, error, outcome.waited_s))
    sheet.ok("identity", _who(identity))
    if not outcome.ready:
        raise sheet.fail("first value", *_unanswered(device, error, outcome.waited_s))
    shown = _shown(outcome.assets)
    sheet.ok("first value", f"after {outcome.waited_s:.1f} s: {shown}")
    if error is not None:
        raise sheet.fail("first value", f"then it failed: {_told(error)}", NOTHING[device.kind])
    _plausible(outcome.assets, outcome.drops, sheet)


def _plausible(assets: tuple[AssetView, ...], drops: object, sheet: Sheet) -> None:
    found = [doubt for asset in assets for doubt in doubts(asset)]
    notes = [f"{name_of(asset)}: {note}" for asset in assets for note in asset.notes]
    if not found and not notes:
        known = any(r.value is not None for a in assets for r in a.readings.values())
        if known:
            sheet.ok("plausible", "sizes and signs agree with each other")
        else:
            sheet.warn(
                "plausible",
                "the device has no valid value now",
                "it may stand still, or sleep; look again once it runs",
            )
        return
    seen = "; ".join([*(seen for seen, _ in found), *notes])
    advice = "; ".join(dict.fromkeys(advice for _, advice in found))
    sheet.warn("plausible", seen, advice)


def _unanswered(device: Device, error: Exception | None, waited_s: float) -> tuple[str, str]:
    if error is None:
        return f"nothing came within {waited_s:.0f} s", NOTHING[device.kind]
    if isinstance(error, BadDevice):
        return "it answers, but not as this kind should", _told(error)
    return "it does not answer as it should", _told(error)


def _told(error: Exception) -> str:
    if isinstance(error, OvrError):
        return str(error)
    return f"fault of ours: {type(error).__name__}: {error}"


def _who(identity: Identity | None) -> str:
    if identity is None:
        return "it does not say who it is (no serial)"
    what = " ".join(part for part in (identity.maker, identity.model) if part)
    return f"{what} {identity.serial}".strip()


def _shown(assets: tuple[AssetView, ...]) -> str:
    """The values that tell a person most, of the first assets."""
    told = []
    for asset in assets[:4]:
        for key in MAIN_KEYS:
            reading = asset.readings.get(key)
            if reading is not None and reading.value is not None:
                told.append(f"{name_of(asset)}: {' '.join(in_words(key, reading.value))}")
                break
    return ", ".join(told) or f"{len(assets)} assets"
