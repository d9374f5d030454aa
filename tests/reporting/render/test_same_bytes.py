"""A system's report made in two processes with other surroundings: the same files to the byte."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from collector.model.report_meta import META_FILE
from collector.model.said import Correction, CorrectionKind
from tests.reporting.render import job
from tests.reporting.support import START_MS

ROOT = Path(job.__file__).parent.parent.parent.parent
MINUTES = 26 * 60
FILES = {
    "inputs.json", "internal.html", "internal.pdf", "profile.csv", "report.html", "report.json",
    "report.pdf",
}  # fmt: skip
SURROUNDINGS = (
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Chatham", "LANG": "de_DE.UTF-8"},
    {"PYTHONHASHSEED": "4242", "TZ": "America/Caracas", "LC_ALL": "C", "LANG": "C"},
)


def _digests(folder: Path, cwd: Path, words: dict[str, str]) -> dict[str, str]:
    """The files that a process makes of the job in `folder`, by name, but for the one that says
    when and by what they were made."""
    cwd.mkdir()
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LC_")}
    done = subprocess.run(
        [sys.executable, "-m", "reporting", str(folder)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=cwd,
        env={**kept, "PYTHONPATH": str(ROOT), **words},
    )
    assert done.returncode == 0, done.stderr
    assert list(cwd.iterdir()) == []
    out = folder / "out"
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in out.iterdir()
        if path.name != META_FILE
    }


def test_hash_seed_time_zone_language_and_folder_change_no_byte(tmp_path: Path) -> None:
    """A day of a battery, a generator and a stage with a correction: JSON, HTML, PDF and CSV."""
    first = tmp_path / "first"
    turned = Correction(
        id="c1", asset="gen", kind=CorrectionKind.FACTOR, factor=1.02, reason="CT 200/5",
        person="kim", from_ms=START_MS, made_ms=START_MS,
    )  # fmt: skip
    job.write(first, MINUTES, corrections=(turned,))
    second = tmp_path / "elsewhere" / "second"
    shutil.copytree(first, second)
    one = _digests(first, tmp_path / "here", SURROUNDINGS[0])
    other = _digests(second, tmp_path / "there", SURROUNDINGS[1])
    assert set(one) >= FILES
    assert one == other
