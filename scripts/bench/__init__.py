"""Measures the numbers that the design promises, at the workload that it names."""
