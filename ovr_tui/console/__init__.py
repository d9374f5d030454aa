"""The Textual console: shows what the local API says, and nothing else."""
