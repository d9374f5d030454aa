"""Modbus TCP: shared connections, word decoding, SunSpec, and the polling loop."""
