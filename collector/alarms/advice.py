"""What to do about each kind of alarm, for whoever stands in front of it."""

from collections.abc import Mapping
from types import MappingProxyType

from collector.model.alarm import Rule

ADVICE: Mapping[Rule, str] = MappingProxyType({
    Rule.LOW_SOC: "Start or check the generator or feed that charges it, or shed load.",
    Rule.LOW_FUEL: "Order or bring fuel; log what is delivered.",
    Rule.OVERLOAD: "Shed load or move circuits to another supply before a breaker or inverter "
    "trips.",
    Rule.VOLTAGE: "Measure at the terminals. One phase gone: fuse, breaker, lug. Phases apart: "
    "check the neutral first. All low: load, cable length, generator's regulator. If the nominal "
    "voltage is another one, set nominal_v.",
    Rule.FREQUENCY: "Check the generator's governor and its load; with a full battery, solar on "
    "the output may have been throttled by frequency.",
    Rule.VOLTAGE_UNBALANCE: "Check the neutral and spread single-phase loads; motors overheat "
    "above 3 %.",
    Rule.CURRENT_UNBALANCE: "Spread single-phase loads over the phases; watch the neutral.",
    Rule.BALANCE: "Energy enters or leaves that nobody measures: look for a current transformer "
    "turned round or on another phase, a wrong ratio, or a source that is not connected.",
    Rule.COUNTER: "Compare the meter's register with the total; then accept what was not counted, "
    "or leave it for good, before billing (console: Devices, y; else ovr asset refused).",
    Rule.SILENT: "Look whether it has power and its link lights; then cable, Wi-Fi, address.",
    Rule.GATEWAY: "Look at the gateway itself: power, network cable, address. What hangs behind "
    "it is not at fault.",
    Rule.SUBNET: "Look at the switch, access point or cable that all of it hangs on, and their "
    "power.",
    Rule.TOGETHER: "They fell silent at the same time: look for the switch, access point or "
    "supply that they share.",
    Rule.NODE_LINK: "Look at the node's own network cable and the switch it is plugged into.",
    Rule.WRONG_DEVICE: "Find out where the expected device is now, then say so: it has moved, it "
    "was swapped for this one, or whoever answers next is right (console: Devices, open it; else "
    "ovr asset move --seek, swap, forget).",
    Rule.DEVICE: "The device says so itself: look at its display, and in its manual.",
    Rule.TOTALS: "Two meters seem to see one flow: say which one counts, or that both do (console: "
    "Devices, y; else ovr asset twins).",
    Rule.SINK: "Nothing is lost while the journal has room: check the link and the receiver.",
    Rule.REFUSED: "The receiver will never take these samples as they are: look at the reason, "
    "then send them again or discard them.",
    Rule.JOURNAL: "Samples are not durable: free disk space, or replace the disk.",
    Rule.LOST: "These samples are gone: note the time for the reports; free disk space or raise "
    "cap_mb so that it does not go on.",
    Rule.DISK: "Free space on the node's disk before samples are lost.",
    Rule.CLOCK: "Set the clock right, or give it a time source (NTP, GPS, a GX).",
    Rule.OUTBOX: "Records wait for the cloud: check the link, the token and the cloud.",
})  # fmt: skip
