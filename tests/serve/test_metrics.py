"""`/metrics`: the text that Prometheus and VictoriaMetrics read."""

import re

import httpx
import pytest
from msgspec import structs

from collector.model.snapshot import SinkHealth, SourceHealth
from collector.serve.metrics import metrics_text
from collector.wire import ApiHealth
from tests.support.snapshots import HandFeed, site, snapshot

LINE = re.compile(
    r'(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\{(?P<labels>(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\}'
    r" (?P<value>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\Z"
)
HOSTILE = 'a"b\\c\nd{e="f"} 1'


def health(full):
    """The health answer of a snapshot."""
    return structs.replace(
        HandFeed(full).health(),
        api=ApiHealth(streams=1, connections=2, requests=3, refused={"wrong_token": 4}),
    )


def test_each_line_is_well_formed():
    """Every line is a comment or a sample of the text format; each family has its type once,
    before its samples, and lies together."""
    full = site(20)
    text = metrics_text(health(full), full)
    assert text.endswith("\n")
    families: list[str] = []
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            families.append(line.split()[2])
        elif not line.startswith("# HELP "):
            match = LINE.match(line)
            assert match, line
            assert match["name"] == families[-1]
            assert match["name"].endswith("_total") == (f"# TYPE {match['name']} counter" in text)
    assert len(families) == len(set(families)) > 30


@pytest.mark.parametrize("hostile", [HOSTILE, "ä☃", "", "x" * 500])
def test_labels_are_escaped(hostile):
    """Whatever stands in a name or a reason, it stays within its quotes."""
    full = snapshot(
        sources=(
            SourceHealth(
                device=hostile, kind="gx", address="", state="running", since_ms=0,
                drops={hostile: 7},
            ),
        ),
        sinks=(SinkHealth(sink=hostile, state="live", lossless=True),),
        site=hostile,
    )  # fmt: skip
    text = metrics_text(health(full), full)
    for line in text.splitlines():
        assert line.startswith("# ") or LINE.match(line), line
    escaped = hostile.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    assert f'part="{escaped}",reason="{escaped}"}} 7\n' in text


def test_victoriametrics_reads_it(victoriametrics) -> None:
    """A real VictoriaMetrics takes the whole text and gives back what stood in it, unchanged."""
    server = victoriametrics()
    full = snapshot(sinks=(SinkHealth(sink=HOSTILE, state="live", sent_samples=5),))
    text = metrics_text(health(full), full)
    httpx.post(f"{server.url}/api/v1/import/prometheus", content=text.encode()).raise_for_status()
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    found = server.export('{__name__=~"ovr_node_.+"}')
    assert len(found) == len(samples)
    sent = [one for one in found if one["metric"]["__name__"] == "ovr_node_sink_sent_samples_total"]
    assert [(one["metric"]["part"], one["values"]) for one in sent] == [(HOSTILE, [5])]
