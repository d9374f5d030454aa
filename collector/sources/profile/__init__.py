"""Devices that are read by profile."""
