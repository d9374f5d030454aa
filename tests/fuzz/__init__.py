"""The small edition of the fuzz, and proof that its judges can say no."""
