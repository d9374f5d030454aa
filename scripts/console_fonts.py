"""Which characters a Linux console can show: read from the fonts of Debian's console-setup.

`apt-get download console-setup-linux && dpkg-deb -x console-setup-linux_*.deb DIR`, then
`python scripts/console_fonts.py DIR/usr/share/consolefonts VERSION`, which writes
`ovr_tui/console/console_font.py`. The formats are those of the kernel's PC screen fonts
(https://www.win.tue.nl/~aeb/linux/kbd/font-formats-1.html).
"""

import gzip
import struct
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from rich.cells import cell_len

OUT = Path(__file__).parent.parent / "ovr_tui" / "console" / "console_font.py"
WESTERN = ("Lat15", "Uni1", "Uni2", "Uni3")
"""What console-setup offers for the languages of western Europe and America."""
LATIN = (*WESTERN, "Lat2", "Lat38", "Lat7")


def characters(font: bytes) -> set[str]:
    """The characters that a font (PSF 1 or 2, with a table of them) has a glyph for."""
    if font[:2] == b"\x36\x04":
        mode, size = font[2], font[3]
        return set(_short_table(font[4 + (512 if mode & 1 else 256) * size :]))
    if font[:4] == b"\x72\xb5\x4a\x86":
        _, _, header, _, count, size = struct.unpack("<6I", font[:24])
        glyphs = font[header + count * size :].split(b"\xff")
        return {ch for glyph in glyphs for ch in glyph.partition(b"\xfe")[0].decode()}
    raise ValueError("neither PSF 1 nor PSF 2")


def _short_table(table: bytes) -> Iterator[str]:
    sequence = False
    for (code,) in struct.iter_unpack("<H", table):
        if code == 0xFFFF:
            sequence = False
        elif code == 0xFFFE:
            sequence = True
        elif not sequence:
            yield chr(code)


def common(folder: Path, families: Iterable[str]) -> set[str]:
    """What every font of these families can show, of printing characters one cell wide."""
    fonts = [path for name in families for path in folder.glob(f"{name}-*.psf.gz")]
    held = set.intersection(*(characters(gzip.decompress(path.read_bytes())) for path in fonts))
    return {ch for ch in held if ch.isprintable() and cell_len(ch) == 1}


def ranges(held: set[str]) -> list[tuple[int, int]]:
    """Code points as first and last of each unbroken run."""
    runs = groupby(enumerate(sorted(map(ord, held))), key=lambda pair: pair[1] - pair[0])
    found = [[code for _, code in run] for _, run in runs]
    return [(run[0], run[-1]) for run in found]


def module(folder: Path, version: str) -> str:
    """The module's text."""
    lines = [
        '"""What Debian\'s console fonts can show. Written by scripts/console_fonts.py from',
        f'console-setup-linux {version}: do not change it by hand."""',
        "",
        "_WESTERN = (",
        *(f"    ({first:#06x}, {last:#06x})," for first, last in ranges(common(folder, WESTERN))),
        ")",
        "_LATIN = (",
        *(f"    ({first:#06x}, {last:#06x})," for first, last in ranges(common(folder, LATIN))),
        ")",
        "",
        "WESTERN = frozenset(chr(code) for first, last in _WESTERN"
        " for code in range(first, last + 1))",
        f'"""In every font of {", ".join(WESTERN)}: for text."""',
        "LATIN = frozenset(chr(code) for first, last in _LATIN for code in range(first, last + 1))",
        f'"""In every font of {", ".join(LATIN[4:])} too: for the signs of the screens."""',
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the module."""
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    OUT.write_text(module(Path(sys.argv[1]), sys.argv[2]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
