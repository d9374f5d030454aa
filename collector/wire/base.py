"""What all structs of the local API share: their number, and the types of their fields."""

from typing import Annotated

from msgspec import Meta

SCHEMA = 1

Text = Annotated[str, Meta(max_length=500)]
Time = Annotated[int, Meta(ge=0, le=253_402_214_399_999, description="UTC milliseconds")]
"""Until the last day of the year 9999, which has not come in any zone."""
Number = Annotated[int, Meta(ge=0, le=9_007_199_254_740_991)]
ControlText = Annotated[str, Meta(max_length=64)]
ControlNumber = Annotated[float, Meta(ge=-1e9, le=1e9)]
Reason = Annotated[str, Meta(max_length=300)]

__all__ = ["SCHEMA"]
