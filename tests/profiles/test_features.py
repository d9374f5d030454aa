"""What the language can say, each by a real Modbus TCP server."""

from tests.support.modbus import Unit


async def test_addresses_as_the_maker_counts(bench):
    """`address_base` makes 40001 the first register; hexadecimal is as good as decimal."""
    b = await bench(
        Unit({0: 7, 16: 9}),
        """
        [modbus]
        address_base = 40001
        [[point]]
        name = "a"
        address = 40001
        type = "u16"
        [[point]]
        name = "b"
        address = 0x9C51
        type = "u16"
        """,
    )
    async with b.live():
        assert b.raw() == {"a": 7, "b": 9}


async def test_functions_by_block_and_point(bench):
    """Function 4 for the whole profile, 3 for one point."""
    b = await bench(
        Unit({0: 7, 1: 8}),
        """
        point = [
          { name = "a", address = 0, type = "u16" },
          { name = "b", address = 1, type = "u16", fc = 3 },
        ]
        [modbus]
        fc = 4
        """,
    )
    async with b.live():
        assert b.raw() == {"a": 7, "b": 8}
        assert set(b.server.units[1].asked) >= {(0, 1), (1, 1)}
