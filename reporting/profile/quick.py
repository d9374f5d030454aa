"""Reading a `profile.csv` as the program writes it, column by column with arrays.

Whole numbers only, so it gives what `reporting.profile.read` gives cell by cell. Whatever is
unusual (quotes, another end of line, a cell that is no such number) is None: that module then says
what it is.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
COMMA, RETURN, FEED, QUOTE, POINT, MINUS, NOUGHT, SPACE, DELETE = b',\r\n".-0 \x7f'
MOST_DIGITS = 11
"""Before the point."""
TIME = b"0000-00-00T00:00:00Z"


class Cells(NamedTuple):
    """The bytes of a file, and where each cell begins and ends: rows of the file, columns."""

    content: NDArray[np.uint8]
    starts: Ints
    ends: Ints

    def number(self, column: int, decimals: int) -> Ints | None:
        """A column's numbers in steps of 10^-decimals; an empty cell is 0."""
        starts, ends = self.starts[:, column], self.ends[:, column]
        longest = int((ends - starts).max())
        if longest > MOST_DIGITS + decimals + 2:
            return None
        value, before, after = (np.zeros(len(starts), np.int64) for _ in range(3))
        pointed = np.zeros(len(starts), np.bool_)
        minus = (self.content[starts] == MINUS) & (ends > starts)
        for place in range(longest):
            at = starts + place
            there = at < ends
            sign = self.content[np.minimum(at, ends)]
            digit = sign.astype(np.int64) - NOUGHT
            digits = there & (digit >= 0) & (digit <= 9)
            point = there & (sign == POINT) & ~pointed
            if not np.array_equal(there, digits | point | (minus if place == 0 else False)):
                return None
            value = np.where(digits, value * 10 + digit, value)
            before += digits & ~pointed
            after += digits & pointed
            pointed |= point
        wrong = (before > MOST_DIGITS) | (after > decimals) | (pointed & (after == 0))
        if (wrong | ((before == 0) & (ends > starts))).any():
            return None
        value *= 10 ** (decimals - after)
        return np.where(minus, -value, value)

    def moment(self, column: int) -> Ints | None:
        """A column's times in UTC, ms."""
        starts = self.starts[:, column]
        if (self.ends[:, column] - starts != len(TIME)).any():
            return None
        signs = self.content[starts[:, np.newaxis] + np.arange(len(TIME))]
        form = np.frombuffer(TIME, np.uint8)
        digits = (signs >= NOUGHT) & (signs <= NOUGHT + 9)
        if (np.where(digits, NOUGHT, signs) != form).any():
            return None
        texts = np.ascontiguousarray(signs[:, :-1]).view(f"S{len(TIME) - 1}").ravel()
        try:
            found: Ints = texts.astype("datetime64[ms]").astype(np.int64)
        except ValueError:
            return None
        return found if (found >= 0).all() else None


def quick_cells(content: bytes) -> tuple[list[str], Cells] | None:
    """The names of the columns, and the cells of all rows, of which there is one at least."""
    end = content.find(b"\r\n")
    head = content[: max(0, end)].decode("ascii", "replace")
    if not head.isascii() or not head.isprintable():
        return None
    names = head.split(",")
    signs = np.frombuffer(content, np.uint8)
    body = signs[end:]
    if (signs == QUOTE).any() or (signs > DELETE).any():
        return None
    ends = np.flatnonzero((body == COMMA) | (body == RETURN)) + end
    rows, left = divmod(len(ends) - 1, len(names))
    last = ends[:: len(names)]
    if left or rows < 1 or len(content) != last[-1] + 2:
        return None
    if (
        np.count_nonzero(body < SPACE) != 2 * len(last)
        or (signs[last] != RETURN).any()
        or (signs[last + 1] != FEED).any()
    ):
        return None
    starts = ends[:-1] + 1 + (signs[ends[:-1]] == RETURN)
    shape = rows, len(names)
    return names, Cells(signs, starts.reshape(shape), ends[1:].reshape(shape))
