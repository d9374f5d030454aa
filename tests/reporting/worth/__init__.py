"""Fuel, carbon, money, billing, sizing."""
