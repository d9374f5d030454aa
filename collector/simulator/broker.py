"""The MQTT broker of one simulated GX: mosquitto where it is installed, else amqtt in process."""

import asyncio
import ctypes
import hashlib
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct

from collector.errors import OvrError

Kind = Literal["auto", "mosquitto", "amqtt"]
_START_S = 15.0
_PR_SET_PDEATHSIG = 1


class BrokerError(OvrError):
    """No broker could be started."""


class PortTaken(BrokerError):
    """Somebody else listens on the port."""


class Tls(Struct, frozen=True, kw_only=True):
    """PEM files of a certificate and its key."""

    cert: Path
    key: Path


class Broker(Protocol):
    """One broker on 127.0.0.1. It keeps nothing over a restart and ends with this process."""

    async def start(
        self, port: int, users: Mapping[str, str] | None = None, tls: Tls | None = None
    ) -> None:
        """Listen. `users` maps names to passwords; None: everybody may. Raises BrokerError."""

    async def stop(self) -> None:
        """End it; clients see their connection close. Harmless when it does not run."""


def make(kind: Kind = "auto") -> Broker:
    """A broker of that kind; `auto` takes mosquitto if it is there."""
    program = shutil.which(
        "mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    )
    if kind == "amqtt" or (kind == "auto" and program is None):
        try:
            from collector.simulator.broker_amqtt import Amqtt
        except ImportError as error:
            raise BrokerError(
                "the simulator needs an MQTT broker: install mosquitto "
                f"(apt install mosquitto) or the extra 'demo' (amqtt): {error}"
            ) from error
        return Amqtt()
    if program is None:
        raise BrokerError("mosquitto is not installed: apt install mosquitto, or broker 'amqtt'")
    return Mosquitto(program)


_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """To run in a child before its program: SIGKILL when the parent ends, however it does.

    Only Linux has this; elsewhere the child ends with an orderly end of the parent alone.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Mosquitto:
    """Debian's mosquitto, with a configuration of its own in a temporary folder."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._process: asyncio.subprocess.Process | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def start(
        self, port: int, users: Mapping[str, str] | None = None, tls: Tls | None = None
    ) -> None:
        """See `Broker.start`."""
        if in_use(port):
            raise PortTaken(f"port {port} is taken: choose another base port")
        self._folder = tempfile.TemporaryDirectory(prefix="ovr-sim-")
        config = write_config(Path(self._folder.name), port, users, tls)
        self._process = await asyncio.create_subprocess_exec(
            self._program,
            "-c",
            str(config),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            preexec_fn=die_with_parent,
        )
        deadline = asyncio.get_running_loop().time() + _START_S
        while not in_use(port):
            if self._process.returncode is not None:
                said = await self._process.stderr.read() if self._process.stderr else b""
                await self.stop()
                raise BrokerError(
                    f"mosquitto ended at once: {said.decode(errors='replace')[-300:]}"
                )
            if asyncio.get_running_loop().time() > deadline:
                await self.stop()
                raise BrokerError(f"mosquitto does not listen on {port} after {_START_S:.0f} s")
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """See `Broker.stop`."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.terminate()
            try:
                async with asyncio.timeout(5):
                    await process.communicate()
            except TimeoutError:
                process.kill()
                await process.communicate()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def in_use(port: int) -> bool:
    """Whether somebody listens on 127.0.0.1."""
    with socket.socket() as sock:
        sock.settimeout(0.2)
        return sock.connect_ex(("127.0.0.1", port)) == 0


def write_config(folder: Path, port: int, users: Mapping[str, str] | None, tls: Tls | None) -> Path:
    """mosquitto's configuration; limits as wide as those of a GX' broker."""
    lines = [
        f"listener {port} 127.0.0.1",
        "persistence false",
        "log_dest stderr",
        "log_type error",
        "max_queued_messages 20000",
        "set_tcp_nodelay true",
    ]
    if os.geteuid() == 0:
        lines.append("user root")  # else it becomes `mosquitto`, who cannot read its own folder
    if tls is not None:
        lines += [f"certfile {tls.cert}", f"keyfile {tls.key}"]
    if users is None:
        lines.append("allow_anonymous true")
    else:
        accounts = folder / "passwords"
        accounts.write_text("".join(password_line(n, p) for n, p in users.items()))
        accounts.chmod(0o600)
        lines += ["allow_anonymous false", f"password_file {accounts}"]
    config = folder / "mosquitto.conf"
    config.write_text("\n".join(lines) + "\n")
    return config


def password_line(name: str, password: str) -> str:
    """A line of mosquitto's password file: PBKDF2-SHA512, as mosquitto_passwd writes it."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101)
    return f"{name}:$7$101${b64encode(salt).decode()}${b64encode(digest).decode()}\n"
