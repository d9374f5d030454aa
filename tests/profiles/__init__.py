"""Tests of the language of profiles, its engine, and what reads by it."""
