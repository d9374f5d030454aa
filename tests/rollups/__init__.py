"""Minutes: what ticks come to, how they are kept, and made again."""
