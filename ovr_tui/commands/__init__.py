"""Every job of the command line; together with `ovr_tui.cli` the composition root."""
