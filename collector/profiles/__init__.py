"""Profiles: what a Modbus or HTTP device says and what it means, written in TOML."""
