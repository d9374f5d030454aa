"""Many ACUVIM II meters as cheap as possible: the bytes of Modbus TCP.

Each answers reads of its settings, its SunSpec identity and its real-time block (register map:
AccuEnergy's Acuvim II, as `collector/sources/acuvim` reads it). Values change with every poll.
With `--silent N` the first N of them answer nothing in the last quarter of each 40 s.
"""

import argparse
import asyncio
import json
import random
import struct
import sys
import time

SETTINGS = {
    0x101D: 1,
    0x1003: 0,
    0x1005: 0,
    0x1006: 400,
    0x1007: 400,
    0x1008: 400,
    0x1009: 5,
    0x1019: 0,
}
BLOCK = 0x4000
ROUND_S = 40.0
SPOKEN_S = 30.0
IDENTITY = 50000


class Meter:
    """One meter."""

    def __init__(self, number: int, *, fades: bool = False) -> None:
        self.fades = fades
        self.random = random.Random(number)
        self.registers = dict.fromkeys(range(0x1000, 0x1050), 0) | SETTINGS
        self.energy = 10_000 * (number + 1)
        self.base_w = self.random.uniform(2_000, 60_000)
        words = [0x5375, 0x6E53, 1, 65, *_text("Accuenergy", 16), *_text("Acuvim II", 16)]
        words += [*_text("IIR", 8), *_text("1.0", 8), *_text(f"AH{number:08d}", 16), 1, 0xFFFF, 0]
        self.registers.update(enumerate(words, IDENTITY))
        self.refresh()

    def refresh(self) -> None:
        """Values of this second."""
        w = self.base_w * self.random.uniform(0.97, 1.03)
        volts = [self.random.uniform(228, 232) for _ in range(3)]
        share = [w / 3 * self.random.uniform(0.95, 1.05) for _ in range(3)]
        amps = [p / v / 0.97 for p, v in zip(share, volts, strict=True)]
        va = [v * a for v, a in zip(volts, amps, strict=True)]
        var = [0.24 * s for s in va]
        line = [v * 3**0.5 for v in volts]
        floats = [50.0, *volts, sum(volts) / 3, *line, sum(line) / 3, *amps, sum(amps) / 3, 1.0]
        floats += [*share, sum(share), *var, sum(var), *va, sum(va), 0.97, 0.97, 0.97, 0.97]
        floats += [0.01, 0.03, 76.0, sum(share), sum(var), sum(va)]
        words = struct.unpack(f">{2 * len(floats)}H", struct.pack(f">{len(floats)}f", *floats))
        self.energy += 1 if self.random.random() < 0.05 else 0
        words += (self.energy >> 16, self.energy & 0xFFFF, *[0] * 16, *[120] * 8)
        self.registers.update(enumerate(words, BLOCK))

    def answer(self, pdu: bytes) -> bytes:
        """The answer to a request."""
        function, address, count = struct.unpack(">BHH", pdu[:5])
        if address == BLOCK:
            self.refresh()
        try:
            words = [self.registers[address + i] for i in range(count)]
        except KeyError:
            return bytes((function | 0x80, 2))
        return struct.pack(f">BB{count}H", function, 2 * count, *words)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client until it goes."""
        try:
            while True:
                head = await reader.readexactly(7)
                pdu = await reader.readexactly(int.from_bytes(head[4:6], "big") - 1)
                if self.fades and time.monotonic() % ROUND_S > SPOKEN_S:
                    continue
                told = self.answer(pdu)
                writer.write(head[:4] + (len(told) + 1).to_bytes(2, "big") + head[6:] + told)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _text(text: str, words: int) -> tuple[int, ...]:
    return struct.unpack(f">{words}H", text.encode().ljust(2 * words, b"\0"))


async def serve(count: int, silent: int) -> None:
    """Serve `count` meters; their ports are printed as JSON on the first line."""
    ports = []
    for number in range(count):
        server = await asyncio.start_server(
            Meter(number, fades=number < silent).serve, "127.0.0.1", 0
        )
        ports.append(server.sockets[0].getsockname()[1])
    print(json.dumps([{"port": port} for port in ports]), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--silent", type=int, default=0, help="so many fall silent at times")
    args = parser.parse_args()
    asyncio.run(serve(args.count, args.silent))


if __name__ == "__main__":
    main()
