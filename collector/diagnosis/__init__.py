"""*Test connection*: why does a device not answer, or does it answer right? Step by step.

A step that fails ends the test; what comes behind it is skipped. `reach` knows name, port and TLS;
from the login on it is the device's own source that works, into an image of a site that nobody
sees: what it says and raises is what the collector would get. A device that the collector reads
now is not tried beside it, unless that is asked for: then its source tells how it is.
"""

from collector.diagnosis.desk import DiagnosisDesk, Surroundings

__all__ = ["DiagnosisDesk", "Surroundings"]
