"""What it was worth: savings against a baseline, emissions, bills, and what to bring next time."""
