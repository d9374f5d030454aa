"""Documents that are mutilated in every way: nothing fails, and the next good one is read right."""

import json
import random
from pathlib import Path
from typing import Any

from collector.profiles.load import Shelf
from collector.profiles.notices import notices, signs
from collector.profiles.program import Program
from collector.profiles.who import identity_of
from collector.sources.http.document import NoDocument, find, parse, usable
from tests.profiles.golden_device import FOLDER

DOCUMENTS = 5000
JUNK: tuple[Any, ...] = (
    None, True, False, "", "x", "NaN", "1e400", "9" * 5000, "\ud800", 0, -0.0, 5e-324, 10**400,
    1e308, -1e308, [], {}, [[]], {"a": 1},
)  # fmt: skip


def mutilated(document: Any, by: random.Random) -> Any:
    """Something like it: other types, keys that are gone, shorter arrays."""
    if by.random() < 0.15:
        return by.choice(JUNK)
    if isinstance(document, dict):
        return {k: mutilated(v, by) for k, v in document.items() if by.random() > 0.05}
    if isinstance(document, list):
        return [mutilated(v, by) for v in document][: by.randint(0, 5)]
    return document


def take(program: Program, document: Any) -> None:
    """As the reader does it."""
    for item in program.items:
        program.raws[item.slot] = usable(find(document, item.pointer), item.point)
    program.run()
    notices(signs(program), program.values)
    identity_of(program)


def test_hostile_documents() -> None:
    """A shipped profile, its golden documents, and what may come of them."""
    profile, _ = Shelf(Path("/nonexistent")).find("shelly-pro-3em")
    assert profile is not None
    case = json.loads((FOLDER / "shelly-pro-3em" / "feed.json").read_text())
    good = {k: v for document in case["documents"].values() for k, v in document.items()}
    program, by = Program(profile), random.Random(4)
    for _ in range(DOCUMENTS):
        body = json.dumps(mutilated(good, by)).encode()
        cut = by.randint(0, len(body)) if by.random() < 0.1 else len(body)
        try:
            document = parse(body[:cut])
        except NoDocument:
            continue
        take(program, document)
    take(program, good)
    assert program.value("power") == case["expect"]["readings"]["grid_power_w"]
