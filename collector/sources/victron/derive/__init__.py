"""From the values of D-Bus services to canonical readings: pure functions, one module a group."""
