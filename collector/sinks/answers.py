"""What a receiver's answer to a request means."""

import re
from enum import Enum, auto

from collector.errors import SinkError
from collector.net.http import Answer

LONGEST_WAIT_S = 3600.0
OUT_OF_ORDER = re.compile(
    r"out[- ]of[- ]order|duplicate[- ]sample|sample[- ]duplicate|too old", re.I
)
"""How Prometheus and Mimir say that they hold later samples of a series."""


class Verdict(Enum):
    """What to do about an answer."""

    TAKEN = auto()
    """The receiver has the samples (which is no promise that it keeps them)."""
    HALVE = auto()
    """Too large."""
    REFUSED = auto()
    """Something in the request is not wanted, or all of it: find out."""
    KEEP = auto()
    """Not now: keep everything, back off."""


class Kept(SinkError):
    """The samples were not taken and stay owed.

    `doubt` says that the receiver may have lost what it answered before; `wait_s` is what it
    asked for.
    """

    def __init__(self, message: str, *, doubt: bool = False, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.doubt = doubt
        self.wait_s = None if wait_s is None else min(wait_s, LONGEST_WAIT_S)


class OutOfOrder(SinkError):
    """The receiver holds later samples of these series already, and takes no earlier ones."""


def out_of_order(answer: Answer) -> bool:
    """Whether that is what `answer` says."""
    return answer.status in (400, 422) and OUT_OF_ORDER.search(answer.said) is not None


def judge(answer: Answer) -> Verdict:
    """2xx is taken, but not from a web page: that is a portal between us and the receiver."""
    if 200 <= answer.status < 300:
        return Verdict.KEEP if "text/html" in answer.kind.lower() else Verdict.TAKEN
    if answer.status == 413:
        return Verdict.HALVE
    if answer.status in (400, 422):
        return Verdict.REFUSED
    return Verdict.KEEP


def refusal(answer: Answer) -> str:
    """What a receiver says of what it refuses."""
    return f"HTTP {answer.status} {answer.text}".strip()


def kept(answer: Answer, where: str, now_s: float) -> Kept:
    """The error for an answer that is to be waited out. `now_s`: wall clock, for dates."""
    said = f" ({answer.text})" if answer.text else ""
    return Kept(
        f"{where}: HTTP {answer.status}{said}; {_advice(answer.status)}",
        doubt=answer.status >= 500,
        wait_s=answer.retry_after_s(now_s),
    )


def _advice(status: int) -> str:
    if status < 300:
        return "a web page answers instead of the receiver: log in to the network's portal"
    if status < 400:
        return "it has moved: set the new URL"
    return {
        401: "check the token or password",
        403: "the login may not write there: check its rights",
        404: "nothing takes samples at this path: check the URL",
        409: "the receiver refuses now; trying again",
        429: "the receiver asks to slow down",
    }.get(status, "trying again")
