"""The sheet on which a test writes its steps: pure."""

from typing import get_args

from collector.model.diagnosis import Step, StepName, StepState
from collector.model.text import clean

ORDER: tuple[StepName, ...] = get_args(StepName)
LONG = 600
AFTER = "not tried: a step before it failed"


class Failed(Exception):
    """A step failed: the test is over."""


class Sheet:
    """Steps in their order, each once."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def ok(self, name: StepName, seen: str) -> None:
        """A step went well."""
        self._write(name, "ok", seen)

    def warn(self, name: StepName, seen: str, advice: str = "") -> None:
        """A step went well, and a person should look at something."""
        self._write(name, "warning", seen, advice)

    def skip(self, name: StepName, why: str) -> None:
        """A step means nothing here."""
        self._write(name, "skipped", why)

    def fail(self, name: StepName, seen: str, advice: str = "") -> Failed:
        """A step failed; raise what this gives."""
        self._write(name, "failed", seen, advice)
        return Failed(seen)

    @property
    def good(self) -> bool:
        """Whether nothing failed so far."""
        return all(step.state != "failed" for step in self.steps)

    def whole(self) -> tuple[Step, ...]:
        """All steps; those that were not come to are skipped."""
        done = {step.name: step for step in self.steps}
        return tuple(
            done.get(name) or Step(name=name, state="skipped", seen=AFTER) for name in ORDER
        )

    def _write(self, name: StepName, state: StepState, seen: str, advice: str = "") -> None:
        self.steps = [step for step in self.steps if step.name != name]
        step = Step(name=name, state=state, seen=clean(seen, LONG), advice=clean(advice, LONG))
        self.steps.append(step)
