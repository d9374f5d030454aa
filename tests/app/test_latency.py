"""How long values take."""

from collector.app.latency import Latency, percentiles


def test_percentiles():
    """Nearest rank, in milliseconds; nothing measured is nothing said."""
    found = percentiles(n / 1000 for n in range(1, 101))
    assert (found.p50, found.p99) == (51.0, 100.0)
    assert percentiles([]).p50 is None


def test_way_of_a_message():
    """A message that came at 1.0 s, was shown at 1.5 s and stored at 2.25 s took that long."""
    latency = Latency()
    latency.frozen(1.5, [1.0])
    latency.kept(7, [1.0])
    latency.stored("local", 7, 7, 2.25)
    latency.stored("local", 8, 9, 9.0)
    assert list(latency.to_snapshot) == [0.5]
    assert list(latency.to_stored["local"]) == [1.25]
