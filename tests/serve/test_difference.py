"""What a change of the registry comes to, in words."""

import pytest

from collector.serve.registry import difference

BOX = {"device": [{"id": "box-2"}], "asset": []}


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({"device": [{"id": "box-2"}], "asset": [{"id": "box-2", "name": "Booth"}]},
         "changed asset box-2"),
        ({"device": [{"id": "box-2", "port": 1}], "asset": [{"id": "box-2.pv", "kind": "pv"}]},
         "changed device box-2; changed asset box-2.pv"),
        ({"device": [{"id": "bar"}], "asset": [{"id": "bar", "name": "Bar"}]},
         "added device bar; removed device box-2"),
        (BOX, "nothing changed"),
    ],
)  # fmt: skip
def test_a_name_adds_no_asset(after: dict[str, object], told: str) -> None:
    """An asset is there with its device; what the registry says of it changes it, also when it is
    said for the first time or no more."""
    assert difference(BOX, after) == told


def test_taken_back() -> None:
    """The other way round too."""
    named = {"device": [{"id": "box-2"}], "asset": [{"id": "box-2", "name": "Booth"}]}
    assert difference(named, BOX) == "changed asset box-2"
