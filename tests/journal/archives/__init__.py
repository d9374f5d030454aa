"""Journals that earlier programs wrote, and the program that makes them."""
