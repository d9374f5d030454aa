"""`profile.csv`, written and read back."""
