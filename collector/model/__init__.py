"""The words of the program as plain structs: catalogue, assets, readings, snapshot, series.

Imports the standard library and msgspec only, so that everything else may import it.
"""
