"""report.json: its bytes and its schema."""

import json

import jsonschema_rs
import msgspec
import pytest

from collector.model.report import SystemReport
from reporting.schema import schema
from reporting.write import report_json
from tests.reporting.render import made


def test_it_validates_and_is_read_back():
    """The report made by hand is valid, and reading its bytes gives it again."""
    report = made.report()
    content = report_json(report)
    jsonschema_rs.validator_for(schema()).validate(json.loads(content))
    assert msgspec.json.decode(content, type=SystemReport) == report
    assert report_json(msgspec.json.decode(content, type=SystemReport)) == content


@pytest.mark.parametrize("spoil", ["unknown", "missing", "wrong"])
def test_what_is_not_of_the_format_is_refused(spoil: str):
    """A field too many, one too few, a text where a number stands."""
    told = json.loads(report_json(made.report()))
    if spoil == "unknown":
        told["energy"]["other_kwh"] = 1.0
    elif spoil == "missing":
        del told["head"]["stage"]
    else:
        told["load"]["kwh"] = "1842"
    assert not jsonschema_rs.validator_for(schema()).is_valid(told)
