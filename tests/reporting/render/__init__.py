"""Tests of how reports are drawn and set."""
