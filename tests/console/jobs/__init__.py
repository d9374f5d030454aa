"""Whole jobs, by keyboard."""
