"""Tests of node.db."""
