"""One device, or one of its assets: what is known of it, and everything that can be done."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from collector.model.kinds import AssetStatus
from collector.model.snapshot import AssetView
from ovr_tui.console.called import name_of
from ovr_tui.console.devices.book import Row, links_of
from ovr_tui.console.devices.facts import asset_facts, device_facts, stated
from ovr_tui.console.devices.known import Known, view_of
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Right
from ovr_tui.console.pages.commission import commission, release
from ovr_tui.console.pages.device_forms import edit_devices, pair_gx, remove_device, toggle
from ovr_tui.console.pages.device_test import TestPage
from ovr_tui.console.pages.link_forms import link, unlink
from ovr_tui.console.pages.menu import Deed, MenuPage
from ovr_tui.console.pages.unit_forms import (
    change_asset,
    forget,
    move_asset,
    move_device,
    rate,
    seek,
    swap,
)
from ovr_tui.console.text import Line


class _OfDevice(MenuPage):
    """What both pages share."""

    EVERY_S = 5.0
    NEEDS: ClassVar[Mapping[str, Right]] = {"test": "operator", "change": "operator"}

    def __init__(self, known: Known, subject: str) -> None:
        super().__init__()
        self.known = known
        self.subject = subject

    def state(self, now: Now) -> Line:
        """Whose page this is."""
        row = self.known.row(now, self.subject)
        name = row.name if row is not None else name_of(now.snapshot, self.subject)
        return ((f" Devices {now.glyphs.middle} {now.glyphs.text(name)}", "bold"),)

    async def load(self) -> None:
        """The registry as it is now."""
        if self.console_app.now().may_operate:
            await self.known.load(self.console_app.reader)

    def _asset_deeds(self, view: AssetView) -> Iterator[Deed]:
        app, known, asset = self.console_app, self.known, view.id
        yield Deed(
            name="name and role",
            text="what people call it, what it measures, its accuracy",
            run=partial(change_asset, app, known, asset),
        )
        yield Deed(
            name="plate",
            text="unit number, rated power, battery, tank, who pays",
            run=partial(rate, app, known, asset),
        )
        yield Deed(
            name="into another system",
            text="it joins and leaves events with that one",
            run=partial(move_asset, app, known, asset),
        )
        yield Deed(
            name="link",
            text="one flow with another asset, fed by it, or another flow",
            run=partial(link, app, known, asset),
        )
        if any(links_of(known.tables or {}, asset)):
            yield Deed(
                name="unlink",
                text="nothing is said of the two any more",
                run=partial(unlink, app, known, asset),
            )
        yield Deed(
            name="unit swapped",
            text="another unit stands there; its counters begin anew",
            run=partial(swap, app, known, asset),
        )
        if asset in known.commissioned:
            yield Deed(
                name="commission again",
                text="hold a clamp beside the meter once more",
                run=partial(commission, app, known, asset),
            )
            yield Deed(
                name="release",
                text="out of service: its alarms are over",
                run=partial(release, app, asset),
            )
        else:
            yield Deed(
                name="commission",
                text="in service: its alarms count from now on",
                run=partial(commission, app, known, asset),
            )
        yield Deed(
            name="what it measures",
            text="its page with values and charts",
            run=partial(app.open_asset, asset),
        )


class DevicePage(_OfDevice):
    """A device with all that can be done about it and about its assets."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "test", "test", tooltip="test the connection, step by step"),
        Binding("c", "change", "change", tooltip="change its address, name, login and so on"),
    ]

    def facts(self, now: Now, cells: int) -> list[Line]:
        """What is known of it."""
        row = self.known.row(now, self.subject)
        if row is None:
            return []
        pinned = self.known.pins.get(self.subject, "")
        tested = self.known.tests.get(self.subject)
        return device_facts(now, row, cells, pinned=pinned, tested=tested)

    def deeds(self, now: Now) -> Sequence[Deed]:
        """Everything."""
        row = self.known.row(now, self.subject)
        if row is None or not now.may_operate:
            return []
        out = [Deed(name="THE DEVICE"), *self._device_deeds(row)]
        if len(row.assets) == 1:
            return [*out, Deed(name="WHAT IT MEASURES"), *self._asset_deeds(row.assets[0])]
        return [*out, *self._assets(row.assets)]

    def _device_deeds(self, row: Row) -> Iterator[Deed]:
        app, known, device = self.console_app, self.known, self.subject
        expected = bool(known.pins.get(device) or stated(row.entry))
        twice = row.status is AssetStatus.WRONG and not expected
        remove = partial(remove_device, app, known, device)
        if twice:  # nobody was ever met here: another entry reads who answers
            text = "another entry reads this device: this one goes from the registry"
            yield Deed(name="remove", text=text, run=remove, tone="warn")
        elif row.status is AssetStatus.WRONG:
            yield from self._stranger_deeds()
        yield Deed(
            name="test",
            text="why does it not answer, or does it answer right",
            run=self.action_test,
        )
        yield Deed(
            name="change",
            text="address, name, system, login, control, timing",
            run=self.action_change,
        )
        yield Deed(
            name="move",
            text="it is reached elsewhere now, or belongs to another system",
            run=partial(move_device, app, known, device),
        )
        if row.kind == "gx":
            yield Deed(
                name="pair",
                text="let the GX make a login for this node",
                run=partial(pair_gx, app, device),
            )
        if row.status is not AssetStatus.WRONG:
            yield Deed(
                name="forget who it was",
                text="whoever answers there next is pinned",
                run=partial(forget, app, device),
            )
        yield Deed(
            name="switch off" if row.enabled else "switch on",
            text="it is not read any more, history stays" if row.enabled else "it is read again",
            run=partial(toggle, app, known, [device]),
        )
        if not twice:
            text = "it goes from the registry, its history stays"
            yield Deed(name="remove", text=text, run=remove)

    def _stranger_deeds(self) -> Iterator[Deed]:
        """What may have happened where another device answers."""
        app, known, device = self.console_app, self.known, self.subject
        yield Deed(
            name="it has moved",
            text="look for the one that is pinned, and read it there",
            run=partial(seek, app, device),
            tone="warn",
        )
        yield Deed(
            name="it was swapped",
            text="another unit stands here for good",
            run=partial(swap, app, known, device),
            tone="warn",
        )
        yield Deed(
            name="forget who it was",
            text="whoever answers here next is pinned",
            run=partial(forget, app, device),
            tone="warn",
        )

    def _assets(self, assets: Sequence[AssetView]) -> Iterator[Deed]:
        if assets:
            yield Deed(name="ITS ASSETS")
        for view in assets:
            glyphs = self.console_app.glyphs
            text = f"{view.kind.value}, its links, plate {glyphs.middle} {view.id}"
            run = partial(self._open, view.id)
            label = glyphs.text(view.name or view.id)
            yield Deed(name=f"asset {view.id}", label=label, text=text, run=run)

    def _open(self, asset: str) -> None:
        self.app.push_screen(AssetMenuPage(self.known, asset))

    def action_test(self) -> None:
        """Test the connection."""
        self.app.push_screen(TestPage(self.known, [self.subject]))

    def action_change(self) -> None:
        """Change its entry."""
        edit_devices(self.console_app, self.known, self.subject)


class AssetMenuPage(_OfDevice):
    """One of several assets of a device."""

    def facts(self, now: Now, cells: int) -> list[Line]:
        """What is known of it."""
        view = view_of(now.snapshot, self.subject)
        said = self.known.said(self.subject)
        return asset_facts(now, view, said, self.known.commissioned.get(self.subject), cells)

    def deeds(self, now: Now) -> Sequence[Deed]:
        """Everything."""
        view = view_of(now.snapshot, self.subject)
        if view is None or not now.may_operate:
            return []
        return [Deed(name="THE ASSET"), *self._asset_deeds(view)]
