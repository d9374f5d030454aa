"""Our table of the ACUVIM II beside the vendor's own, register by register."""

import json
import re

import pytest

from collector.sources.acuvim.registers import ACUVIM_II
from collector.sources.acuvim.settings import KWH_PER_COUNT, decode_settings

WORDS = {
    "frequency": "Frequency", "u1": "Phase 1 Voltage", "u2": "Phase 2 Voltage",
    "u3": "Phase 3 Voltage", "u_ln_avg": "Average Phase Voltage", "u12": "Line Voltage 1-2",
    "u23": "Line Voltage 2-3", "u31": "Line Voltage 3-1", "u_ll_avg": "Average Line Voltage",
    "i1": "Total Phase A Current", "i2": "Total Phase B Current", "i3": "Total Phase C Current",
    "i_avg": "Average Phase Current", "i_n": "Neutral Current",
    "p1": "Phase A Power", "p2": "Phase B Power", "p3": "Phase C Power",
    "p_total": "Total System Power", "q1": "Phase A Reactive Power",
    "q2": "Phase B Reactive Power", "q3": "Phase C Reactive Power",
    "q_total": "Total Reactive Power", "s1": "Phase A Apparent Power",
    "s2": "Phase B Apparent Power", "s3": "Phase C Apparent Power",
    "s_total": "Total Apparent Power", "pf1": "Phase A Power Factor",
    "pf2": "Phase B Power Factor", "pf3": "Phase C Power Factor",
    "pf_total": "Total Power Factor", "u_unbalance": "Voltage Unbalance",
    "i_unbalance": "Current Unbalance", "load_type": "Load Characteristic",
    "p_demand": "Power Demand", "q_demand": "Reactive Power Demand",
    "s_demand": "Apparent Power Demand", "ep_import": "Consumed Energy",
    "ep_export": "Generated Energy", "eq_import": "Consumed Reactice Energy",
    "eq_export": "Generated Reactive Energy", "ep_total": "Total Energy", "ep_net": "Net Energy",
    "eq_total": "Total Reactive Energy", "eq_net": "Net Reactive Energy", "es": "Apparent Energy",
    "thd_u1": "THD_V1(V12)", "thd_u2": "THD_V2(V31)", "thd_u3": "THD_V3(V23)",
    "thd_u_avg": "THD_avg", "thd_i1": "THD_I1", "thd_i2": "THD_I2", "thd_i3": "THD_I3",
    "thd_i_avg": "THD_Iavg",
}  # fmt: skip
"""Our names, and the vendor's (with its own spelling)."""

SECONDARY = {
    "": r"(F|PF)=Rx$|[UI]=Rx\*100%$|76\.0\(L\)",
    "u": r"U=Rx\*\(PT1/PT2\)$",
    "i": r"I=Rx\*\(CT1/CT2\)$",
    "p": r"[PQS]=\[Rx\*\(PT1/PT2\)\*\(CT1/CT2\)\]/1000$",
}


@pytest.fixture
def vendor(recordings):
    """The vendor's rows by address."""
    rows = json.loads((recordings / "modbus/acuvim/acuvim_ii_register_map.json").read_text())
    return {int(row["Address(D)"]): row for row in rows if str(row["Address(D)"]).isdecimal()}


def test_every_register_is_the_vendors(vendor):
    """Address, type, and what a secondary value is multiplied with, for all 53 of them."""
    (block,) = ACUVIM_II.blocks
    points = [(p.name, p.at, "Float") for p in block.floats]
    points += [(p.name, p.at, "Dword") for p in block.energies]
    points += [(p.name, p.at, "Word") for p in block.percents]
    assert {name for name, _, _ in points} == WORDS.keys()
    for name, at, kind in points:
        row = vendor[block.address + at]
        assert (row["Parameter"], row["Data Type"]) == (WORDS[name], kind), name
    for point in block.floats:
        formula = vendor[block.address + point.at]["Secondary Mode"]
        assert re.match(SECONDARY[point.side], formula.strip()), (point.name, formula)
    for energy in block.energies:
        row = vendor[block.address + energy.at]
        assert row["Primary Mode"].endswith("=Rx/10")
        assert row["Secondary Mode"].endswith("=Rx/1000")
        assert energy.signed is row["Range"].startswith("±")
        assert row["Range"].endswith("999999999")
    assert KWH_PER_COUNT[:2] == (0.1, 0.001)


def test_what_is_read_slowly_is_the_vendors(vendor):
    """Current demands and the energies of each phase stand where they are read."""
    phases = dict(zip("123", "ABC", strict=True))
    ways = {"import": "Consumed", "export": "Generated"}
    for block in ACUVIM_II.slow:
        for point in block.floats:
            row = vendor[block.address + point.at]
            assert row["Parameter"] == f"Phase {phases[point.name[1]]} Current Demand"
            assert row["Secondary Mode"] == "I=Rx*(CT1/CT2)"
        for energy in block.energies:
            row = vendor[block.address + energy.at]
            kind, _, way = energy.name.partition("_")
            middle = {"ep": " Energy", "eq": " Reactive Energy", "es": "Apparent Energy"}[kind[:2]]
            words = f"Phase {phases[kind[2]]} {ways.get(way, '')}{middle}"
            assert (row["Parameter"], row["Data Type"]) == (words, "Dword"), energy.name


def test_every_setting_is_the_vendors(vendor):
    """The settings that scale the values stand where they are read, with the vendor's meaning."""
    assert ACUVIM_II.settings is not None
    start, count = ACUVIM_II.settings
    places = {
        "Voltage Input Wiring Type": 3, "PT1 (High 16 bit)": 0, "PT1 (Low 16 bit)": 480,
        "PT2": 120, "CT1": 800, "CT2": 5, "VAR/PF Convention": 1, "Energy Display Mode": 1,
        "Basic Parameter Mode": 0,
    }  # fmt: skip
    words = [0] * count
    for address in range(start, start + count):
        words[address - start] = places.pop(vendor[address]["Parameter"], 0)
    assert not places
    told = decode_settings(ACUVIM_II, words, "here")
    assert (told.wiring.value, told.pt, told.ct, told.kwh_per_count, told.ieee) == (
        "3LL", 4.0, 160.0, 0.001, True,
    )  # fmt: skip
    wirings = vendor[0x1003]["Range"]
    for number, wiring in ACUVIM_II.wirings.items():
        assert number > 4 or f"{number}: {wiring.value}" in wirings
    assert vendor[0x101D]["Range"] == "0: Secondary 1: Primary"
    assert vendor[0x1019]["Range"] == "0: Primary 1: Secondary"
