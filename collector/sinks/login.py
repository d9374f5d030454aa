"""How a sink says who it is."""

import base64

from collector.model.sink import SinkSettings
from collector.net.http import place


def credentials(settings: SinkSettings, url: str) -> dict[str, str]:
    """The login for `url`: only where samples go too, never for another host."""
    if place(url) != place(settings.write_url):
        return {}
    if settings.token:
        return {"Authorization": f"Bearer {settings.token}"}
    if settings.username or settings.password:
        pair = f"{settings.username}:{settings.password}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}
