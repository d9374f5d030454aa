"""Tests of collector/reports: real processes, a real node.db."""
