"""The console of a node, and the command line that composes the program."""
