"""Work that must come whole from one connection whose other end has been identified.

A TCP connection that is made anew may reach another device (two meters that exchanged their
addresses). So whoever answers is identified again after every connect, and data read while the
connection changed is read again.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from collector.errors import NotConnected
from collector.sources.modbus.gateway import Gateway, Turn

TRIES = 3

T = TypeVar("T")


class Steady:
    """Runs `work` in a turn on a gateway, after `check` has identified the unit on the same
    connection."""

    def __init__(self, gateway: Gateway, check: Callable[[Turn], Awaitable[None]]) -> None:
        self._gateway = gateway
        self._check = check
        self._checked = 0

    def doubt(self) -> None:
        """Identify again before the next work."""
        self._checked = 0

    async def run(self, work: Callable[[Turn], Awaitable[T]]) -> T:
        """The result of `work`. Raises what `check` and `work` raise, and NotConnected when the
        connection changes every time."""
        async with self._gateway.turn() as turn:
            for _ in range(TRIES):
                await turn.connect()
                epoch = turn.epoch
                if epoch != self._checked:
                    await self._check(turn)
                    if turn.epoch != epoch:
                        continue
                    self._checked = epoch
                result = await work(turn)
                if turn.epoch == epoch:
                    return result
        raise NotConnected(
            f"{self._gateway.where}: the connection was closed {TRIES} times during one poll. "
            "Check whether it allows only one master, and who else uses it."
        )
