"""`profile.csv`: a system's minutes, for spreadsheets and for the event's report."""

from reporting.profile.read import BadProfile, ProfileTable, read_profile
from reporting.profile.write import profile_csv

__all__ = ["BadProfile", "ProfileTable", "profile_csv", "read_profile"]
