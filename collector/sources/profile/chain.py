"""Where the SunSpec models of one device stand."""

from collector.errors import BadDevice
from collector.profiles.items import Chain, Item, Placed
from collector.profiles.profile import Profile
from collector.sources.modbus.gateway import Turn
from collector.sources.modbus.sunspec import walk


async def chain_of(turn: Turn, unit: int, profile: Profile, timeout_s: float) -> Chain:
    """The models of a unit; none for a profile without `[sunspec]`. Raises BadDevice when there is
    no map, or none of the models that the profile is for."""
    sunspec = profile.table.sunspec
    if sunspec is None:
        return {}
    bases = [address - profile.table.modbus.address_base for address in sunspec.base]
    chain: dict[int, Placed] = {}
    for model in await walk(turn, unit, timeout_s=timeout_s, bases=bases):
        chain.setdefault(model.id, Placed(model.address, model.length))
    if sunspec.models and not set(sunspec.models) & set(chain):
        named = ", ".join(map(str, sunspec.models))
        raise BadDevice(
            f"{turn.where} unit {unit} has none of the SunSpec models {named}, which the profile "
            f"{profile.name} is for: check unit and profile."
        )
    return chain


def header(item: Item, chain: Chain) -> int:
    """What the id and length of an item's model are together."""
    model = item.point.model or 0
    return model << 16 | chain[model].length
