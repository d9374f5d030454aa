"""The library broker amqtt, in this process."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from amqtt.broker import Broker
from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import Session

from collector.simulator.broker import BrokerError, PortTaken, Tls, in_use

logging.getLogger("amqtt").setLevel(logging.CRITICAL)
logging.getLogger("transitions").setLevel(logging.CRITICAL)


class Accounts(BaseAuthPlugin):  # type: ignore[misc]  # amqtt has no types
    """Lets in who is in `users`, or everybody when `open` is set."""

    @dataclass
    class Config:
        """The plugin's options."""

        open: bool = True
        users: dict[str, str] = field(default_factory=dict)

    async def authenticate(self, *, session: Session) -> bool:
        """Whether this login may connect."""
        if self._get_config_option("open", True):
            return True
        users: dict[str, str] = self._get_config_option("users", {})
        name = session.username
        return name is not None and users.get(name) == session.password


class _Broker(Broker):  # type: ignore[misc]  # amqtt has no types
    """amqtt leaves the connections of refused and broken clients open; this closes every one."""

    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        try:
            await super().stream_connected(reader, writer, listener_name)
        finally:
            writer.close()


class Amqtt:
    """One broker on the running loop; it ends with the process by nature."""

    def __init__(self) -> None:
        self._broker: _Broker | None = None

    async def start(
        self, port: int, users: Mapping[str, str] | None = None, tls: Tls | None = None
    ) -> None:
        """See `Broker.start`."""
        if in_use(port):
            raise PortTaken(f"port {port} is taken: choose another base port")
        listener: dict[str, object] = {"type": "tcp", "bind": f"127.0.0.1:{port}"}
        if tls is not None:
            listener |= {"ssl": True, "certfile": str(tls.cert), "keyfile": str(tls.key)}
        accounts = {"open": users is None, "users": dict(users or {})}
        config = {
            "listeners": {"default": listener},
            "plugins": {f"{__name__}.{Accounts.__name__}": accounts},
        }
        broker = _Broker(config, asyncio.get_running_loop())
        try:
            await broker.start()
        except Exception as error:
            raise BrokerError(f"amqtt does not start on port {port}: {error}") from error
        self._broker = broker

    async def stop(self) -> None:
        """See `Broker.stop`."""
        broker, self._broker = self._broker, None
        if broker is not None:
            await broker.shutdown()
