"""The site: what all devices said becomes one frozen image a second, and the samples of it."""
