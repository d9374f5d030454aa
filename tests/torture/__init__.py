"""Tests of the torture's own parts: what judges must itself be able to fail."""
