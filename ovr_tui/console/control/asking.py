"""Asking what an asset can be told."""

from typing import TYPE_CHECKING

from collector.wire import OffersAnswer
from ovr_tui.console.control.words import readable, where

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp


async def offered(app: "ConsoleApp", asset: str) -> OffersAnswer:
    """What the asset offers now, other assets in it by their names. Raises ApiError."""
    told = await app.ask(f"{where(asset)}/control", OffersAnswer)
    return readable(told, app.now().snapshot)
