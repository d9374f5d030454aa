"""Reports of nothing, of one minute, of 400 days."""

import msgspec

from collector.model.report import SystemReport
from collector.model.report.energy import Energy
from collector.model.report.load import Load, Sources
from collector.model.report.quality import Quality
from collector.model.report.series import HeatMap, Profile, Series
from collector.model.report_input import Brand
from reporting.render.html import html
from reporting.render.page import Book
from reporting.render.pdf import pdf
from reporting.render.system import system_document
from tests.reporting.render import made
from tests.reporting.render.test_files import of_pdf, subprocess_pages

DAY = 24 * made.HOUR


def nothing() -> SystemReport:
    """A report of a time in which nothing was measured."""
    fields = dict.fromkeys(Energy.__struct_fields__)
    some: dict[str, object] = {
        "uncertainty": {},
        "class_unknown": (),
        "flows": (),
        "remainders": (),
    }
    energy = Energy(**{**fields, **some})  # type: ignore[arg-type]
    load = Load(**{**dict.fromkeys(Load.__struct_fields__), "window_min": 15})  # type: ignore[arg-type]
    return msgspec.structs.replace(
        made.report(),
        quality=Quality(duration_ms=DAY, coverage_pct=None, enough=False, min_coverage_pct=80.0),
        energy=energy,
        load=load,
        sources=Sources(),
        batteries=(),
        generators=(),
        power_quality=(),
        days=(),
        evidence=(),
        effects=(),
        series=Series(),
    )


def test_nothing_measured_is_said_and_no_figure_is_shown():
    """The cover says so, every headline figure is a dash, both files are made."""
    one = system_document(nothing(), Brand(), "internal", Book())
    assert one.cover.coverage.tone == "problem"
    assert one.cover.charts == ()
    assert {figure.value for figure in one.cover.figures if "saved" not in figure.label} <= {
        "—",
        "980.3",  # CO2e of the saving made by hand
    }
    assert "Nothing was measured" in of_pdf(pdf(one))
    assert b"Nothing was measured" in html(one)


def test_four_hundred_days_fit():
    """One bucket an hour: the profile is thinned, the heat map is one picture, files stay small."""
    hours = 400 * 24
    values = tuple(None if at % 977 == 0 else 20.0 + at % 24 for at in range(hours))
    days = tuple(f"day {at}" for at in range(400))
    heat = tuple(values[at * 24 : at * 24 + 24] for at in range(400))
    profile = Profile(
        from_ms=made.START, step_ms=made.HOUR, load_kw=values, load_min_kw=values,
        load_max_kw=values, grid_kw=values, soc_pct=values,
    )  # fmt: skip
    series = msgspec.structs.replace(
        made.series(),
        profile=profile,
        heat=HeatMap(days=days, hours=heat),
        phases=None,
        voltage=None,
    )
    end = made.START + 400 * DAY
    report = msgspec.structs.replace(made.report(to_ms=end, upto_ms=end), series=series)
    one = system_document(report, Brand(), "client", Book())
    assert len(html(one)) < 1_500_000
    assert 5 < subprocess_pages(pdf(one)) < 15


def test_a_window_of_less_than_a_second_has_a_chart():
    """One bucket, 400 ms long, that begins at no round time."""
    begin = made.START + 12_345
    profile = Profile(
        from_ms=begin, step_ms=60_000, load_kw=(5.0,), load_min_kw=(5.0,), load_max_kw=(5.0,)
    )
    head = made.head(from_ms=begin, to_ms=begin + 400, upto_ms=begin + 400)
    report = msgspec.structs.replace(made.report(), head=head, series=Series(profile=profile))
    one = system_document(report, Brand(), "client", Book())
    assert one.cover.charts[-1].name == "profile"
    assert pdf(one)[:5] == b"%PDF-"


def test_the_cover_has_the_longest_peak_that_there_is():
    """The demand window, where none is whole the minute, then the second."""
    found = made.report()
    labels = []
    for gone in ((), ("peak_window",), ("peak_window", "peak_1min")):
        load = msgspec.structs.replace(found.load, **dict.fromkeys(gone))
        one = msgspec.structs.replace(found, load=load)
        cover = system_document(one, Brand(), "internal", Book()).cover
        labels += [figure.label for figure in cover.figures if figure.label.startswith("Peak")]
    assert labels == ["Peak demand", "Peak minute", "Peak second"]
