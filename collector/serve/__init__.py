"""The local API: HTTP over a Unix socket, for consoles and scripts on the node."""
