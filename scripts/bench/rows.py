"""One line of the benchmark's table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, beside its target; `met` is None where there is no target."""

    what: str
    measured: str
    target: str
    met: bool | None
    detail: str = ""

    def line(self) -> str:
        """The row for people."""
        mark = "  " if self.met is None else "ok" if self.met else "✗ "
        return f"{mark} {self.what:36} {self.measured:>22}  {self.target:12} {self.detail}".rstrip()
