"""What commands that ask the collector share."""

from ovr_tui.commands.ask import table


def test_foreign_text_keeps_its_line_and_its_column():
    """Marks in masses, and what a terminal would obey, move nothing; long text stays whole."""
    rows = [("Z" + "\u0335\u0489" * 40, "x"), ("two\nlines\x1b[2J", "long " * 50)]
    head, first, second = table(("NAME", "WHAT"), rows).split("\n")
    assert first == "Z\u0335\u0489" + " " * 14 + "x"
    assert second == "two lines·[2J  " + ("long " * 50).strip()
    assert head.index("WHAT") == second.index("long")
