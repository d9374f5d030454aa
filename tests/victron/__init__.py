"""The Victron GX source."""
