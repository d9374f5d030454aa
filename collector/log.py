"""Logging: one line an event, values as fields; for people on a terminal, logfmt elsewhere."""

import logging
import sys
from typing import TextIO, cast

import structlog

from collector.log_aside import Aside
from collector.log_ring import Ring
from collector.log_words import spoken

PRIORITY = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}
"""sd-daemon priorities, by level."""


def _systemd_prefix(
    _: object, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    event["event"] = f"<{PRIORITY.get(str(event.get('level')), 6)}>{event['event']}"
    return event


class _Named(structlog.PrintLogger):
    """A logger that knows which part of the program speaks."""

    def __init__(self, out: TextIO, name: str) -> None:
        super().__init__(out)
        self.name = name


def setup(
    stream: TextIO | None = None,
    *,
    level: str = "info",
    systemd: bool = False,
    ring: Ring | None = None,
) -> None:
    """Log to `stream` (standard error, which nobody waits for), and into `ring`. Under systemd
    lines carry their priority."""
    out = stream or cast("TextIO", Aside(sys.stderr))
    people = out.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if people
        else structlog.processors.LogfmtRenderer(
            key_order=["timestamp", "level", "logger", "event"], bool_as_flag=False
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            *([ring.processor] if ring else []),
            spoken,
            *([_systemd_prefix] if systemd else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=lambda *names: _Named(out, names[0] if names else ""),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(stream=out, level=logging.WARNING, force=True)
    if ring is not None:
        logging.getLogger().addHandler(ring.handler())
    for noisy in ("httpx", "httpcore", "uvicorn", "pymodbus", "mqtt", "aiomqtt", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    for reported in ("pymodbus", "uvicorn.error"):  # by us, once and in words
        logging.getLogger(reported).setLevel(logging.CRITICAL)
