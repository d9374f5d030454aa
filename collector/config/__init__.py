"""Configuration: the files of a node, read with every problem at once, and written whole or not.

`paths` finds the folders, `load` reads everything in them, `write` and `pin` change the registry.
"""
