"""Reports in the console: lists, the report itself in a terminal, export, corrections.

`paper` writes a report's document as lines, `drawing` its charts; `rows`, `compare` and
`correcting` are what lists and forms are made of: all pure. `child` runs what needs the reporting
process, `files` asks the collector for a report's files, `media` and `export` write them elsewhere.
"""
