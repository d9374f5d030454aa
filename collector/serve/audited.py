"""What handlers of changes share: who does what, with its line in the audit before and after."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from starlette.requests import Request

from collector.audit import AuditBook
from collector.audit.book import DONE
from collector.errors import OvrError, StoreError
from collector.model.audit import AuditEntry, Deed
from collector.serve import bodies
from collector.serve.access import Caller

T = TypeVar("T")

log = structlog.get_logger("serve")


async def audited(audit: AuditBook, what: Deed, act: Callable[[], Awaitable[T]]) -> T:
    """Do it, with its line in the audit. What could not be done says why there too.

    Raises StoreError when the line cannot be begun; then nothing was done."""
    entry = await audit.begin(what)
    try:
        done = await act()
    except OvrError as error:
        await _concluded(audit, entry, f"refused: {error}")
        raise
    except Exception as error:
        await _concluded(audit, entry, f"failed: {type(error).__name__}")
        raise
    await _concluded(audit, entry, DONE)
    return done


async def _concluded(audit: AuditBook, entry: AuditEntry, outcome: str) -> None:
    """Add the outcome; where that cannot be kept, what was done is done all the same, and its
    line stands as begun."""
    try:
        await audit.end(entry, outcome)
    except StoreError as error:
        log.warning(
            "How a change ended is not in the audit",
            action=entry.deed.action,
            outcome=outcome,
            cause=str(error),
        )


def deed(
    request: Request, action: str, subject: str = "", before: str = "", after: str = ""
) -> Deed:
    """What the caller of this request does."""
    caller = caller_of(request)
    return Deed(
        person=caller.person,
        transport=caller.transport.value,
        address=caller.address,
        action=action,
        subject=subject,
        before=before,
        after=after,
    )


def caller_of(request: Request) -> Caller:
    """Who asks."""
    caller: Caller = request.state.caller
    return caller


def subject(request: Request, name: str) -> str:
    """A part of the path."""
    text: str = request.path_params[name]
    return text


async def optional(request: Request, kind: type[T]) -> T:
    """The body as JSON; the defaults when there is none."""
    body = await bodies.read(request)
    return bodies.decoded(body, kind) if body.strip() else kind()
