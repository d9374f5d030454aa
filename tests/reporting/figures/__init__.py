"""Figures of a system, against calculations by hand."""
