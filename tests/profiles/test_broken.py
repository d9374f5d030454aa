"""A broken profile is a clear problem of the devices that use it; mended, it is taken up."""

import pytest

from collector.errors import BadDevice
from tests.modbus.live import running
from tests.profiles.bench import written
from tests.support.modbus import Unit

GOOD = '[[point]]\nname = "a"\naddress = 0\ntype = "u16"\n'


async def test_a_broken_profile(bench) -> None:
    """Told with every line, as the cause of the device; the next run reads the mended file."""
    b = await bench(Unit({0: 7}), GOOD)
    file = b.config / "profiles" / "probe.toml"
    file.write_text(written(GOOD.replace("u16", "u17") + "scal = 3\n"))
    with pytest.raises(BadDevice) as told:
        async with running(b.source(), b.image) as run:
            await run.until(lambda: False)
    assert "probe.toml:7: point[a].type: expected one of u16" in str(told.value)
    assert "probe.toml:8: point[a].scal" in str(told.value)
    file.write_text(written(GOOD))
    async with b.live():
        assert b.raw() == {"a": 7}


async def test_no_such_profile(bench) -> None:
    """Told with the nearest name."""
    b = await bench(Unit({0: 7}), GOOD)
    (b.config / "profiles" / "probe.toml").rename(b.config / "profiles" / "probes.toml")
    with pytest.raises(BadDevice, match=r"no such profile \(did you mean probes\?\)"):
        async with running(b.source(), b.image) as run:
            await run.until(lambda: False)


async def test_a_profile_for_http(bench) -> None:
    """A Modbus device cannot be read by it."""
    b = await bench(Unit({0: 7}), GOOD)
    text = 'transport = "http"\n' + "[[point]]\nname = 'a'\npointer = '/a'\n[http]\npath = '/'\n"
    (b.config / "profiles" / "probe.toml").write_text(written(text))
    with pytest.raises(BadDevice, match='set kind = "http" for d1'):
        async with running(b.source(), b.image) as run:
            await run.until(lambda: False)
