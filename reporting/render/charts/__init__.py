"""Charts of reports, drawn by matplotlib as SVG from a report's own series and nothing else.

Colours are Okabe and Ito's (2008), which all common kinds of colour blindness tell apart; beside
its colour every source has a pattern, every line a stroke or a label of its own.
"""
