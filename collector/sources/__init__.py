"""Everything that speaks to devices; one package for each way of speaking."""
