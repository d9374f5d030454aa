"""The steps *tls* and *login*, as far as they come before the source."""

import asyncio
import ssl

from collector.diagnosis.sheet import Sheet
from collector.errors import SourceError, Unauthorized, WrongDevice
from collector.model.assets import Device
from collector.model.kinds import DeviceKind
from collector.pinning import OtherCertificate, Pin, pinning_context
from collector.sources.victron.client import connected

SHAKE_S = 8.0
OTHER = (
    "another device answers, or it made itself a new certificate (reset, new firmware): if that is "
    "so, ovr asset forget DEVICE"
)


async def shaken(device: Device, pinned: str, sheet: Sheet) -> str:
    """The step *tls*: the fingerprint of the certificate that was shown, compared with what is
    `pinned` (""; nothing yet). Raises Failed."""
    if not device.tls:
        sheet.skip("tls", "not used")
        return ""
    place = f"{device.host}:{device.port}"
    pin = Pin(pinned)
    try:
        async with asyncio.timeout(SHAKE_S):
            _, writer = await asyncio.open_connection(
                device.host, device.port, ssl=pinning_context(pin)
            )
    except OtherCertificate:
        raise _differs(pin, sheet) from None
    except TimeoutError:
        raise sheet.fail("tls", f"{place} does not answer in TLS", _plain(device)) from None
    except (ssl.SSLError, OSError) as error:
        if pin.differs:
            raise _differs(pin, sheet) from None
        why = getattr(error, "reason", None) or str(error) or type(error).__name__
        raise sheet.fail("tls", f"{place} does not speak TLS ({why})", _plain(device)) from None
    writer.transport.abort()
    kind = "the pinned one" if pin.expected else "it is pinned at first contact"
    sheet.ok("tls", f"certificate SHA-256 {pin.seen}: {kind}")
    return pin.seen


def _differs(pin: Pin, sheet: Sheet) -> Exception:
    return sheet.fail("tls", f"the certificate is {pin.seen}, pinned is {pin.expected}", OTHER)


def _plain(device: Device) -> str:
    if device.kind is DeviceKind.GX:
        return "for a GX that allows plain text set port = 1883 and tls = false"
    return "if it is plain HTTP, set tls = false and its port"


async def logged_in(device: Device, fingerprint: str, sheet: Sheet) -> None:
    """The step *login*. Raises Failed."""
    if device.kind is DeviceKind.HTTP:
        return  # its source says so when a page is refused
    if device.kind is not DeviceKind.GX:
        sheet.skip("login", "Modbus knows no login")
        return
    try:
        async with connected(device, Pin(fingerprint), lambda _t, _p, _r: None):
            pass
    except Unauthorized as error:
        raise sheet.fail("login", "the GX refuses the login", str(error)) from None
    except WrongDevice as error:
        raise sheet.fail("tls", str(error), OTHER) from None
    except SourceError as error:
        raise sheet.fail("login", "the GX does not let us in", str(error)) from None
    how = "with its password" if device.password else "without a password"
    sheet.ok("login", f"the GX lets us in {how}")
