"""A reporting process that makes small reports, and fails as the system's name tells it to."""

import hashlib
import json
import os
import sys
import time
from pathlib import Path


def _name(inputs: dict[str, object]) -> str:
    return str(inputs.get("system", "event"))


def _misbehave(name: str, folder: Path) -> None:
    if name == "crash":
        os.kill(os.getpid(), 9)
    if name == "refuse":
        sys.stderr.write("a traceback\nthe report is impossible: it has no load\n")
        sys.exit(1)
    if name == "hang":
        (Path(os.environ["TMPDIR"]) / "pid").write_text(str(os.getpid()), encoding="ascii")
        time.sleep(600)
    if name == "hungry":
        bytearray(1 << 50)
    if name == "starved":
        sys.stderr.write("memory allocation of 4194304 bytes failed\n")
        sys.stderr.flush()
        os.abort()
    while name == "busy":
        pass
    if name == "noise":
        sys.stderr.write("x" * 1_000_000 + "\nit was too much\n")
        sys.exit(1)
    if name.startswith("once-") and not (folder.parent / f".{name}").exists():
        (folder.parent / f".{name}").touch()
        sys.exit(1)


def _write(folder: Path, inputs: dict[str, object]) -> None:
    out = folder / "out"
    out.mkdir()
    name = _name(inputs)
    figures = {
        "head": {key: inputs[key] for key in ("report", "revision", "stage")},
        "load": {"kwh": 12.5, "peak_1min": {"kw": 3.0}},
        "energy": {"load_kwh": 12.5},
        "parts": inputs.get("parts", []),
        "quality": {"coverage_pct": 99.0},
        "evidence": [{"asset": "a", "flow": "load", "flagged": name == "doubtful"}],
        "rows": hashlib.sha256(_rows(folder)).hexdigest(),
    }
    files = {
        "report.json": json.dumps(figures, sort_keys=True).encode(),
        "report.html": b"<p>12.5 kWh</p>",
        "profile.csv": b"time_utc\n",
    }
    if (folder / "report.json").exists():
        names = [name for name in ("report.json", "profile.csv") if (folder / name).exists()]
        files = {name: (folder / name).read_bytes() for name in names}
        files["report.html"] = b"<p>12.5 kWh</p>"
    if (folder / "standing.json").exists():
        files["report.html"] += (folder / "standing.json").read_bytes()
    if name == "stuck" and (folder / "standing.json").exists():
        sys.stderr.write("there is no typeface\n")
        sys.exit(1)
    if name == "garbage":
        files["report.json"] = b'{"load": [1'
    for file, content in files.items():
        (out / file).write_bytes(content)
    meta = {
        "report": inputs["report"],
        "revision": inputs["revision"],
        "schema": 1,
        "method": 1,
        "built_ms": time.time_ns() // 1_000_000,
        "inputs_sha256": hashlib.sha256((folder / "inputs.json").read_bytes()).hexdigest(),
        "files": [
            {"name": file, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            for file, content in files.items()
        ],
    }
    if name == "liar":
        (out / "report.html").write_bytes(b"another one")
    if name == "link":
        (out / "passwords").symlink_to("/etc/passwd")
    (out / "report.meta.json").write_text(json.dumps(meta), encoding="utf-8")


def _rows(folder: Path) -> bytes:
    path = folder / "rollups.msgpack"
    return path.read_bytes() if path.exists() else b""


def main() -> None:
    """Make the reports of the folders that are named on stdin."""
    assert sys.argv[1:] == ["-"]
    for line in sys.stdin:
        folder = Path(json.loads(line))
        inputs = json.loads((folder / "inputs.json").read_bytes())
        (Path(os.environ["TMPDIR"]) / "by").write_text(str(os.getpid()), encoding="ascii")
        _misbehave(_name(inputs), folder)
        _write(folder, inputs)
        sys.stdout.write(json.dumps({"job": folder.name}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
