"""Generated documents agree with the program."""

import pytest

from collector.config.node import NodeFile
from collector.model.catalogue import CATALOGUE
from scripts import make_docs


@pytest.mark.parametrize("path", make_docs.documents(), ids=lambda path: path.name)
def test_documents_are_true(path) -> None:
    """The document in the repository is what `make docs` writes."""
    assert path.read_text() == make_docs.documents()[path]


def test_every_measurement_is_described() -> None:
    """Each measurement has its row, each of its states a line, and each kind of asset a list."""
    text = make_docs.measurements()
    for measurement in CATALOGUE.values():
        assert f"| `{measurement.name}` | {measurement.unit} |" in text
        for number, name in measurement.states.items():
            assert f"| {number} | {name} |" in text


def test_every_table_is_documented() -> None:
    """Each table of keys stands in its document once, and each table of node.toml is named."""
    text = (make_docs.DOCS / "configuration.md").read_text()
    for name in make_docs.TABLES:
        assert text.count(f"<!-- keys: {name} -->") == 1
    profiles = (make_docs.DOCS / "profiles.md").read_text()
    for name in make_docs.PROFILE_TABLES:
        assert profiles.count(f"<!-- keys: {name} -->") == 1
    for name in NodeFile.__struct_fields__:
        assert f"[{name}" in text


def test_check_tells_what_is_not_true(tmp_path, monkeypatch, capsys) -> None:
    """A document that lags behind is named with what to do, status 1; writing mends it."""
    docs = tmp_path / "docs"
    docs.mkdir()
    monkeypatch.setattr(make_docs, "DOCS", docs)
    (docs / "configuration.md").write_text("x\n<!-- keys: journal -->\nold\n<!-- end -->\ny\n")
    (docs / "profiles.md").write_text("<!-- keys: profile.sunspec -->\n<!-- end -->\n")
    (docs / "console.md").write_text("<!-- bindings -->\n<!-- end -->\n")
    assert make_docs.main(["--check"]) == 1
    assert "docs/measurements.md is not true any more: run make docs" in capsys.readouterr().out
    assert make_docs.main([]) == 0
    text = (docs / "configuration.md").read_text()
    assert text.startswith("x\n<!-- keys: journal -->\n| key |")
    assert text.endswith("| `30` |\n<!-- end -->\ny\n")
    assert make_docs.main(["--check"]) == 0
