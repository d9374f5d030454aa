"""The whole program on real parts."""
