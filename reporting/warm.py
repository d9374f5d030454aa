"""All that the first report of a process would have to wait for, done before it is asked for."""

import reporting.event
import reporting.job
import reporting.profile
import reporting.system
import reporting.write  # noqa: F401  loaded for those who will use it
from collector.model.report_document import Chart, Cover, Document, Fact, Note, Section, State
from reporting.render.charts.bars import Part, share_bar
from reporting.render.html import html
from reporting.render.page import left, right, table
from reporting.render.pdf import pdf


def up() -> None:
    """Load what reports are made with, and have fonts, templates and charts ready: a page is drawn
    that nobody sees."""
    drawn = Chart("c", "Sources", share_bar([Part("grid", "Grid", 1.0, "1 kWh")], "c"), "Grid")
    rows = table("Table", (left("Asset"), right("Load", "kWh")), [])
    page = Document(
        edition="client",
        title="Report",
        company="",
        header="Report",
        footer="1",
        paper="a4",
        dated_ms=0,
        cover=Cover(
            kind="Report",
            title="Report",
            subtitle="",
            facts=(Fact("Label", ("Line",)),),
            figures=(),
            charts=(drawn,),
            coverage=Note("Coverage"),
            state=State("DRAFT", "It may change.", final=False),
        ),
        sections=(Section("load", "Load", (drawn, rows)),),
        small_print=(),
    )
    html(page)
    pdf(page)
