"""The outbox: rows, the protocol, delivery."""
