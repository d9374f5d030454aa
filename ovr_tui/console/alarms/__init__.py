"""Alarms on the console: how they are worded, listed, told at length, and how they call."""
