"""The sections of a report, one module for each area: figures to blocks, nothing is computed.

Each function gives a `Section`, or None where there is nothing to tell.
"""
