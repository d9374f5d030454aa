"""Scripts of the project; each says what it does when run with --help."""
