"""A device that the collector reads now: its source tells how it is, and nothing is tried: pure."""

from msgspec import Struct

from collector.diagnosis.judge import WHO
from collector.diagnosis.plausible import doubts, name_of
from collector.diagnosis.sheet import Failed, Sheet
from collector.model.assets import Device
from collector.model.diagnosis import Diagnosis
from collector.model.kinds import AssetStatus
from collector.model.reading import Identity
from collector.model.snapshot import AssetView, SourceHealth

CONNECTED = "connected now"
NOT_TRIED = "not tried: the collector reads it"


class Running(Struct, frozen=True, kw_only=True):
    """A device that is read: its entry, how its source is, who answers, what it measures."""

    device: Device
    source: SourceHealth
    identity: Identity | None
    expected: str
    assets: tuple[AssetView, ...]


def told(device: Device, running: Running) -> Diagnosis:
    """How `device` is, by the source that reads its address."""
    sheet = Sheet()
    try:
        _steps(device, running, sheet)
    except Failed:
        pass
    who = running.identity or Identity(serial="")
    return Diagnosis(
        device=device.id,
        kind=device.kind.value,
        address=f"{device.host}:{device.port}",
        ok=sheet.good,
        way="collector",
        steps=sheet.whole(),
        serial=who.serial,
        model=who.model,
        firmware=who.firmware,
        readings=values(running.assets),
    )


def _steps(device: Device, running: Running, sheet: Sheet) -> None:
    sheet.ok("name", CONNECTED)
    sheet.ok("port", CONNECTED)
    sheet.skip("tls", NOT_TRIED)
    sheet.skip("login", NOT_TRIED)
    other = running.device.id
    wanted = device.portal_id or device.serial or running.expected
    if other != device.id:
        raise sheet.fail(
            "identity",
            f"this address is read already, as {other}",
            "one entry for each device: change that one, or give this one its own address",
        )
    who = running.identity
    if who is not None and wanted and who.serial.lower() != wanted.lower():
        raise sheet.fail("identity", f"{WHO}: {who.serial}, expected {wanted}")
    sheet.ok("identity", f"{who.model} {who.serial}".strip() if who else "it cannot say who it is")
    stale = [a for a in running.assets if a.status is not AssetStatus.LIVE]
    if running.assets and len(stale) == len(running.assets):
        raise sheet.fail("first value", stale[0].reason or "nothing is heard", running.source.cause)
    ages = [a.age_s for a in running.assets if a.age_s is not None]
    age = f"the newest {min(ages):.0f} s old" if ages else "its age is not known"
    live = len(running.assets) - len(stale)
    sheet.ok("first value", f"{live} {'asset is' if live == 1 else 'assets are'} live, {age}")
    found = [doubt for asset in running.assets for doubt in doubts(asset)]
    notes = [f"{name_of(asset)}: {note}" for asset in running.assets for note in asset.notes]
    if found or notes:
        advice = "; ".join(dict.fromkeys(advice for _, advice in found))
        sheet.warn("plausible", "; ".join([*(seen for seen, _ in found), *notes]), advice)
    else:
        sheet.ok("plausible", "sizes and signs agree with each other")


def values(assets: tuple[AssetView, ...]) -> dict[str, dict[str, float | None]]:
    """The readings of assets as plain numbers."""
    return {
        asset.id: {key: reading.value for key, reading in asset.readings.items()}
        for asset in assets
    }
