"""The typefaces of reports: Inter (SIL OFL 1.1, LICENCE.txt), and DejaVu Sans for other scripts.

`Inter-*.otf` (Debian's fonts-inter 4.0~beta7) are whole; `Inter-*.woff` hold Latin and signs only,
for HTML that carries its typeface along. DejaVu Sans is the copy that matplotlib brings.
"""

from base64 import b64encode
from functools import lru_cache
from pathlib import Path

import matplotlib as mpl

HERE = Path(__file__).parent


def folders() -> tuple[str, str]:
    """Where the fonts of charts and PDF lie."""
    return str(HERE), str(Path(mpl.get_data_path()) / "fonts" / "ttf")


@lru_cache(4)
def woff(style: str) -> str:
    """`Regular` or `SemiBold` in base64, for a data URI."""
    return b64encode((HERE / f"Inter-{style}.woff").read_bytes()).decode()
