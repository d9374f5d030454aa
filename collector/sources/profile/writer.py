"""Writes what a program has worked out into a device's image. Modbus and HTTP alike."""

from collections.abc import Iterable, Mapping

from collector.model.alarm import Notice
from collector.model.assets import Device
from collector.model.catalogue import KEYS
from collector.model.kinds import AssetKind
from collector.model.reading import Identity
from collector.profiles.notices import Sign, notices, signs
from collector.profiles.profile import Profile
from collector.profiles.program import Program
from collector.profiles.registers import Raw
from collector.sources.base import Cell, DeviceImage
from collector.sources.profile.targets import Target, targets


class Writer:
    """The one hand that writes into `image` what `profile` says of `device`.

    `labels` are those of all raw series. Call `begin` on each connect, once who answers is known,
    then `write` after each run of the program.
    """

    def __init__(
        self, device: Device, profile: Profile, image: DeviceImage, labels: Mapping[str, str]
    ) -> None:
        self._device = device
        self._profile = profile
        self._image = image
        self._labels = dict(labels)
        self._kinds: dict[str, AssetKind] = {}
        self._cells: dict[str, Cell] = {}
        self._put: set[tuple[str, str]] = set()
        self._program: Program | None = None
        self._groups: tuple[tuple[Target, ...], ...] = ()
        self._touched: dict[tuple[int, ...], tuple[tuple[Target, ...], ...]] = {}
        self._complaints: tuple[Notice, ...] | None = None
        self._signs: tuple[Sign, ...] = ()
        self._sign_slots: tuple[int, ...] = ()
        self._said: list[Raw] = []

    def begin(self, program: Program, identity: Identity, shown: Iterable[int]) -> None:
        """`program` is at work from now on, on the device that `identity` names. `shown` are the
        slots that the device has."""
        self._declare("", identity)
        self._program = program
        self._signs = signs(program)
        self._sign_slots = tuple(sorted({sign.slot for sign in self._signs}))
        self._said = []
        self._groups = targets(program, self._kind_of, frozenset(shown))
        self._touched = {}
        self._end_unknown()

    def write(self, touched: tuple[int, ...]) -> None:
        """Write the values in these slots, and what is complained of."""
        program = self._program
        if program is None:
            return
        groups = self._touched.get(touched)
        if groups is None:
            slots = frozenset(touched)
            groups = tuple(g for g in self._groups if any(t.slot in slots for t in g))
            self._touched[touched] = groups
        values = program.values
        for group in groups:
            self._write(group, values)
        for name, value in program.implausible:
            self._image.drop("not plausible", f"{name} = {value:g}")
        self._complain(values)

    def _write(self, group: tuple[Target, ...], values: list[Raw]) -> None:
        target = group[0]
        value = values[target.slot]
        if value is None and len(group) > 1:
            for other in group[1:]:
                if values[other.slot] is not None:
                    target, value = other, values[other.slot]
                    break
        if not isinstance(value, float | int):
            self._clear(target)
            return
        if target.series:
            cell = self._cells.get(target.series)
            if cell is None:
                cell = self._image.cell(target.series, self._labels, target.told_unit)
                self._cells[target.series] = cell
            cell.set(value)
        if target.key:
            self._read(target, value)

    def _read(self, target: Target, value: float) -> None:
        role = target.role
        if role not in self._kinds:
            self._declare(role, Identity(serial=""))
        self._put.add((role, target.key))
        reading = target.reading(value)
        if target.type != "counter":
            self._image.put(role, target.key, reading)
            return
        path, modulus = self._basis(target)
        self._image.put_counter(role, target.key, reading, path=path, modulus=modulus)

    def _basis(self, target: Target) -> tuple[str, float | None]:
        """What a counter counts in, and where it starts anew: other factors are another count."""
        path, modulus = target.path, target.modulus
        values = self._program.values if self._program else []
        factors = [values[slot] for slot in target.moving]
        if target.exponent >= 0:
            power = values[target.exponent]
            factors.append(10.0**power if isinstance(power, float | int) else None)
        for factor in factors:
            if isinstance(factor, float | int):
                path = f"{path}·{factor:g}"
                modulus = None if modulus is None else modulus * abs(factor)
        return path, modulus

    def _clear(self, target: Target) -> None:
        """The device has no valid value of it now."""
        cell = self._cells.get(target.series)
        if cell is not None:
            cell.clear()
        if not target.key or target.role not in self._kinds:
            return
        self._put.add((target.role, target.key))
        if target.type == "counter":
            self._image.put_counter(target.role, target.key, None, path=target.path)
        else:
            self._image.put(target.role, target.key, None)

    def _end_unknown(self) -> None:
        """What the program before had, and this one has not, ends."""
        program = self._program
        if program is None:
            return
        series = {target.series for group in self._groups for target in group}
        for name in [name for name in self._cells if name not in series]:
            self._cells.pop(name).clear()
        keys = {(target.role, target.key) for group in self._groups for target in group}
        for role, key in self._put - keys:
            if KEYS[key].type == "counter":
                self._image.put_counter(role, key, None, path="")
            else:
                self._image.put(role, key, None)
        self._put &= keys

    # -- assets ------------------------------------------------------------------------------

    def _kind_of(self, role: str) -> AssetKind:
        known = self._kinds.get(role)
        return known if known is not None else self._profile.kinds[role]

    def _declare(self, role: str, identity: Identity) -> None:
        table = self._profile.table
        if not role:
            kind = self._image.declare(
                "",
                self._device.asset_kind or table.kind,
                model=identity.model or (table.models[0] if len(table.models) == 1 else ""),
                serial=identity.serial,
            )
        else:
            told = next(each for each in table.role if each.role == role)
            kind = self._image.declare(role, told.kind, name=told.name or "")
        self._kinds[role] = kind

    def _complain(self, values: list[Raw]) -> None:
        said = [values[slot] for slot in self._sign_slots]
        if said == self._said and self._complaints is not None:
            return
        self._said = said
        found = notices(self._signs, values)
        if found != self._complaints:
            self._complaints = found
            self._image.complains(found)
