"""What the collector has answered of the past, in steps of minutes, and what has yet to be asked.

Kept in pieces: one for each reading and step. Nothing is forgotten when the collector is lost.
"""

from math import ceil

from msgspec import Struct

from collector.wire import HistoryAnswer
from ovr_tui.console.charts.series import Track, Window

KEPT = 16
POINTS = 500
AGAIN_S = 10.0
"""How long after a failure it is asked again."""
_MINUTES = (1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 360)
Key = tuple[str, str, int]


def step_of(window: Window) -> int:
    """Seconds between two values of a window: whole minutes, some hundred of them."""
    minutes = window.span_ms / 60_000 / POINTS
    return 60 * next((m for m in _MINUTES if m >= minutes), ceil(minutes / 360) * 360)


class _Piece(Struct):
    """One reading in one step. `asked` is the time that was answered for."""

    track: Track
    asked: Window | None = None
    problem: str = ""
    failed_s: float = float("-inf")


class Pasts:
    """The pieces; the longest unused of more than KEPT is forgotten."""

    def __init__(self) -> None:
        self._pieces: dict[Key, _Piece] = {}

    def due(self, asset: str, key: str, window: Window, at_s: float) -> Window | None:
        """What to ask for, so that the window is there up to its last whole step; None: nothing
        now."""
        step_ms = step_of(window) * 1000
        piece = self._piece(asset, key, step_ms)
        if at_s - piece.failed_s < AGAIN_S:
            return None
        start_ms, end_ms = window.start_ms // step_ms * step_ms, window.end_ms
        asked = piece.asked
        if asked is None or start_ms < asked.start_ms or start_ms > asked.end_ms:
            return Window(start_ms, end_ms)
        if end_ms - asked.end_ms < step_ms:
            return None
        return Window(max(asked.start_ms, asked.end_ms // step_ms * step_ms - step_ms), end_ms)

    def fill(self, answer: HistoryAnswer, window: Window, step_s: int) -> None:
        """Take the answer for `window`; what is known from before it stays."""
        piece = self._piece(answer.asset, answer.measurement, step_s * 1000)
        before = piece.asked
        joins = before is not None and before.start_ms <= window.start_ms <= before.end_ms
        old = piece.track if joins else Track()
        kept = sum(at_ms < window.start_ms for at_ms in old.times)
        count = len(answer.times)
        piece.track = Track(
            times=old.times[:kept] + answer.times,
            values=old.values[:kept] + answer.values,
            least=old.least[:kept] + (answer.least or (None,) * count),
            greatest=old.greatest[:kept] + (answer.greatest or (None,) * count),
            gap_ms=step_s * 2000,
        )
        start_ms = before.start_ms if joins and before is not None else window.start_ms
        piece.asked = Window(start_ms, window.end_ms)
        piece.problem, piece.failed_s = "", float("-inf")

    def failed(self, asset: str, key: str, window: Window, why: str, at_s: float) -> None:
        """It was asked for, and there was no answer."""
        piece = self._piece(asset, key, step_of(window) * 1000)
        piece.problem, piece.failed_s = why, at_s

    def track(self, asset: str, key: str, window: Window) -> Track:
        """What is known."""
        return self._piece(asset, key, step_of(window) * 1000).track

    def problem(self, asset: str, key: str, window: Window) -> str:
        """Why the last question was not answered; "" when it was."""
        return self._piece(asset, key, step_of(window) * 1000).problem

    def _piece(self, asset: str, key: str, step_ms: int) -> _Piece:
        wanted = (asset, key, step_ms)
        piece = self._pieces.pop(wanted, None) or _Piece(track=Track())
        self._pieces[wanted] = piece
        while len(self._pieces) > KEPT:
            del self._pieces[next(iter(self._pieces))]
        return piece
