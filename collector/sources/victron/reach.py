"""Getting through to a GX, and in words why not: what is switched off, closed or refused there."""

import asyncio
import socket

import aiomqtt
import aiomqtt.exceptions

from collector.errors import NotConnected, SourceError, Unauthorized, WrongDevice
from collector.model.assets import Device
from collector.pinning import Pin
from collector.sources.victron.pairing import TOKEN

CONNECT_S = 5.0
LOOK_S = 1.0
PLAIN_PORT, TLS_PORT = 1883, 8883
WEB_PORTS = (443, 80)
"""Where a GX shows its page, whatever its MQTT setting is."""
BAD_LOGIN, NOT_AUTHORIZED = 134, 135
"""CONNACK reasons (paho tells MQTT 3.1.1's 4 and 5 by their MQTT 5 numbers)."""

SWITCH_ON = (
    "switch on MQTT on LAN at the GX (Settings → Services; on newer ones Integrations → MQTT)"
)


async def reach(device: Device) -> None:
    """Whether anything listens there. Done apart, because it can be cancelled at any time.

    Raises NotConnected, which tells what else of the GX can be reached.
    """
    place = f"{device.host}:{device.port}"
    try:
        await _knock(device.host, device.port, CONNECT_S)
    except ConnectionRefusedError:
        why = await _other_door(device) or f"{SWITCH_ON}, or is it a GX at all?"
        raise NotConnected(f"{place} refuses connections: {why}") from None
    except TimeoutError:
        why = await _other_door(device) or (
            "is the GX on, is the cable or Wi-Fi connected, is the address right?"
        )
        raise NotConnected(f"{place} does not answer within {CONNECT_S:.0f} s: {why}") from None
    except socket.gaierror:
        raise NotConnected(
            f"the name {device.host} is not known in this network: use the IP address"
        ) from None
    except OSError as error:
        raise NotConnected(f"{place} is out of reach: {error.strerror or error}") from None


async def _knock(host: str, port: int, limit_s: float) -> None:
    async with asyncio.timeout(limit_s):
        _, writer = await asyncio.open_connection(host, port)
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        pass


async def _open(host: str, port: int) -> bool:
    try:
        await _knock(host, port, LOOK_S)
    except (OSError, TimeoutError):
        return False
    return True


async def _other_door(device: Device) -> str:
    """What to do by what else is open there; "" when nothing is."""
    doors = {port for port in (PLAIN_PORT, TLS_PORT, *WEB_PORTS) if port != device.port}
    answers = await asyncio.gather(*(_open(device.host, port) for port in doors))
    found = {port for port, is_open in zip(doors, answers, strict=True) if is_open}
    if TLS_PORT in found and not device.tls:
        return (
            f"its security profile allows TLS only: set port = {TLS_PORT} and tls = true, "
            f"or choose another profile at the GX"
        )
    if PLAIN_PORT in found and device.tls:
        return (
            f"only its plain port is open (an older GX, or TLS is switched off there): set "
            f"port = {PLAIN_PORT} and tls = false, or switch TLS on at the GX"
        )
    if found.intersection(WEB_PORTS):
        return f"its page answers, so the GX is there and its MQTT is off: {SWITCH_ON}"
    return ""


def explain(device: Device, pin: Pin, error: aiomqtt.MqttError) -> SourceError:
    """What failed in words, as the error that says what to do about it."""
    place = f"{device.host}:{device.port}"
    if pin.differs:
        return WrongDevice(
            f"the certificate of {place} has the fingerprint {pin.seen}, pinned is "
            f"{pin.expected}: another device answers, or the GX made a new certificate (reset, new "
            f"firmware); if that is so, ovr asset forget {device.id}"
        )
    code = getattr(getattr(error, "rc", None), "value", None)
    if isinstance(error, aiomqtt.exceptions.MqttConnectError):
        if code in (BAD_LOGIN, NOT_AUTHORIZED):
            return Unauthorized(_login(device, place))
        return NotConnected(f"{place} refuses the MQTT login: {error}")
    cause = str(error)
    if device.tls and not pin.shaken and "timed out" not in cause:
        return NotConnected(
            f"{place} does not speak TLS ({cause}): for a GX that allows plain text set "
            f"port = {PLAIN_PORT} and tls = false"
        )
    if "timed out" in cause:
        hint = "" if device.tls else f"; if it expects TLS, set port = {TLS_PORT} and tls = true"
        return NotConnected(f"{place} accepts the connection but does not answer as MQTT{hint}")
    return NotConnected(f"the MQTT connection to {place} failed: {cause}")


def _login(device: Device, place: str) -> str:
    if device.username.startswith(TOKEN):
        return (
            f"{place} does not know this node's pairing any more (taken back there, or the GX was "
            f"reset): pair again with ovr registry pair {device.id}"
        )
    what = "the password" if device.password else "a login without password"
    return (
        f"{place} refuses {what}: enter the password of the GX's security profile (Settings → "
        f"General → Security profile, not the VRM password) as password_secret; if MQTT there is "
        f"limited to paired devices, no password is taken: ovr registry pair {device.id}"
    )
