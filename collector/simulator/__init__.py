"""A simulated festival site behind the true protocols, for the demo and the tests."""

from collector.simulator.faults import Fault, FaultKind, FaultScriptError, load_faults
from collector.simulator.site import SimulatedSite
from collector.simulator.truth import Truth

__all__ = ["Fault", "FaultKind", "FaultScriptError", "SimulatedSite", "Truth", "load_faults"]
