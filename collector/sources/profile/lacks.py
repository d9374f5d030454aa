"""What one device does not have of its profile: learned, told, confirmed, remembered."""

from collections.abc import Sequence

from collector.model.reading import Identity
from collector.model.text import clean
from collector.profiles.items import Item
from collector.profiles.plan import NOTHING, Request
from collector.profiles.profile import Profile
from collector.sources.base import DeviceImage
from collector.sources.profile.learn import CONFIRM_S, Finds, Take, as_text, confirm, from_text

NAMED = 8


class Lacks:
    """The registers that a device lacks. `learned` is what plans must respect.

    What was refused is asked for once more after a minute: refused still, it is kept over restarts
    for this firmware and this profile; answered, everything is tried again.
    """

    def __init__(self, profile: Profile, image: DeviceImage) -> None:
        self.learned = NOTHING
        self._profile = profile
        self._image = image
        self._lost: list[Request] = []
        self._confirm_s: float | None = None

    def meet(self, before: Identity | None, identity: Identity) -> None:
        """Who answers is known: another firmware, or another device, may have what this lacked."""
        if before is not None and before != identity:
            self.forget()
        self._fact = clean(
            f"registers {self._profile.name} {self._profile.revision[:12]} {identity.firmware}"
        )
        self.learned = self.learned | from_text(self._image.pinned(self._fact))

    def forget(self) -> None:
        """Nothing is known to be missing."""
        self.learned, self._lost, self._confirm_s = NOTHING, [], None
        self._image.note("", "registers", "")

    def add(self, finds: Finds, items: Sequence[Item], now_s: float) -> bool:
        """What a search has found. False when the device lacks all `items`: then nothing is
        learned, for it is another device, or one that is only starting."""
        learned = finds.learned(self.learned)
        lacking = [item for item in items if learned.lacks(item)]
        if len(lacking) == len(items):
            self.forget()
            return False
        self.learned = learned
        self._lost += finds.lost
        self._confirm_s = now_s + CONFIRM_S
        names = [item.name for item in lacking if not item.optional]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        text = f"The device does not have: {', '.join(names[:NAMED])}{more}." if names else ""
        self._image.note("", "registers", text)
        return True

    async def confirm(self, now_s: float, take: Take) -> None:
        """Ask again for what was refused, if a minute has passed."""
        if self._confirm_s is None or now_s < self._confirm_s:
            return
        refused = await confirm(self._lost, take)
        self._confirm_s = None
        if refused:
            self._image.pin(self._fact, as_text(self.learned))
            self._lost = []
        else:
            self.forget()
