"""Posts of an AXM-WEB2 taken apart: every form, and whatever else comes."""

import json
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.ingest import BadPost, Post, parse
from collector.ingest.axm import MAX_ROWS, Row
from collector.ingest.minutes import SAME, minutes
from collector.ingest.names import KNOWN, Named, named
from collector.ingest.times import LOCAL_TWICE, NO_TIME, row_time
from collector.model.catalogue import KEYS
from collector.model.kinds import AssetKind
from collector.sources.acuvim.registers import ACUVIM_II
from tests.ingest.posts import CSV, FORM, SHAPE_A, SHAPE_B, form, text

BERLIN = ZoneInfo("Europe/Berlin")
AT_MS = 1757932200000
NO_TIMES: list[object] = [
    None, True, "", "soon", {}, [], 0, -1, 1e30, "0", "1e9", "9999-12-31T23:59:59",
    "0001-01-01 00:00:00", float("nan"),
]  # fmt: skip


def test_shape_a() -> None:
    """Readings beside the device, powers in W, dashes and letters as values."""
    post = parse("application/json", text(SHAPE_A), BERLIN)
    assert post.serials == ()
    assert post.hints == ("AND00123456",)
    assert [row.at_ms for row in post.rows] == [AT_MS]
    assert post.rows[0].values == {
        "u1": 230.5, "i1": 15.3, "p_total": 10530.0, "q_total": 1250.0, "pf_total": 0.993,
        "frequency": 50.01, "ep_import": 12530.5,
    }  # fmt: skip
    assert post.left_out == {"not a number": 1}


def test_shape_b() -> None:
    """Readings within the device, units in the names: the same quantities in the same units."""
    post = parse("application/json", text(SHAPE_B), BERLIN)
    assert post.serials == ("AL12345678",)
    assert post.rows[0].at_ms == AT_MS
    assert post.rows[0].values == {
        "u1": 230.5, "p_total": 10530.0, "q_total": 1250.0, "ep_import": 12530.5, "thd_u1": 2.1,
    }  # fmt: skip


def test_csv() -> None:
    """A meter's own log: a title, a header with units, a row for each interval, local times."""
    post = parse("text/csv", CSV.encode(), BERLIN)
    assert [row.at_ms for row in post.rows] == [1764955440000, 1764955500000]
    assert post.rows[0].values == {
        "ep_import": 36854.5, "ep_export": 9953.4, "eq_import": 3.3, "eq_export": 52652.9,
    }  # fmt: skip
    assert "ep_export" not in post.rows[1].values


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_forms(kind) -> None:
    """A form says whose the file is; the file within it is read as it is by itself."""
    alone = {"json": text(SHAPE_A), "csv": CSV.encode()}[kind]
    post = parse(FORM, form(alone, f"1757932200.{kind}"), BERLIN)
    assert post.serials == ("AL12345678",)
    assert post.rows == parse("", alone, BERLIN).rows


def test_the_name_of_a_file_may_say_whose_it_is() -> None:
    """An older module names its file by its meter: a hint, where nothing else says it."""
    name = "CLD54061244_Data Log 1 Reading_2025_12_08_15_55_31.csv"
    post = parse(FORM, form(CSV, name, datasource="/"), BERLIN)
    assert (post.serials, post.hints) == ((), ("CLD54061244",))


def test_many_objects() -> None:
    """A file may hold a list of objects, or one on each line."""
    other = {**SHAPE_B, "timestamp": 1757932260}
    for body in (text([SHAPE_B, other]), text(SHAPE_B) + b"\n" + text(other) + b"\n"):
        post = parse("text/json", body, BERLIN)
        assert [row.at_ms for row in post.rows] == [AT_MS, AT_MS + 60_000]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (1757932200, AT_MS),
        (1757932200.25, AT_MS + 250),
        ("1757932200", AT_MS),
        (1757932200000, AT_MS),
        ("2025-09-15T10:30:00Z", AT_MS),
        ("2025-09-15T12:30:00+02:00", AT_MS),
        ("2025-09-15 12:30:00", AT_MS),  # local, summer
        ("2025-12-05T18:24:00", 1764955440000),  # local, winter
        ("2025-10-26 02:30:00", LOCAL_TWICE),
        ("2026-03-29 02:30:00", LOCAL_TWICE),
        ("2025-10-26T02:30:00+02:00", 1761438600000),
        *[(bad, NO_TIME) for bad in NO_TIMES],
    ],
)  # fmt: skip
def test_times(told, expected) -> None:
    """UTC seconds, ISO 8601 and local times are understood; a local time that the zone has twice
    or not at all is none, and neither is one of a clock that was never set."""
    assert row_time(told, BERLIN) == expected


@pytest.mark.parametrize(
    ("param", "unit", "expected"),
    [
        ("Psum", "W", ("p_total", 1.0)),
        ("Psum", "kW", ("p_total", 1000.0)),
        ("Psum_kW", "", ("p_total", 1000.0)),
        ("Psum_kW", "W", ("p_total", 1.0)),  # the unit that is written counts
        ("P1", "", "no unit"),
        ("P1", "V", "odd unit"),
        ("Ep_Imp [kWh]", "", ("ep_import", 1.0)),
        ("EP_IMP_kWh", "", ("ep_import", 1.0)),
        ("Ep_imp", "Wh", ("ep_import", 0.001)),
        ("V1", "", ("u1", 1.0)),
        ("Vlavg_V", "", ("u_ll_avg", 1.0)),
        ("Unbl_V", "%", ("u_unbalance", 1.0)),
        ("Unbl_V", "", "no unit"),
        ("THD_Va", "%", ("thd_u1", 1.0)),
        ("Ssum_KVA", "", ("s_total", 1000.0)),
        ("DMD_P_kW", "", ("p_demand", 1000.0)),
        ("Ang_Vb", "", ("axm_ang_vb", 1.0)),
        ("Temp", "°C", ("axm_temp_c", 1.0)),
        ("AI1 [mA]", "", ("axm_ai1_m_a", 1.0)),
        ("", "", "odd name"),
        ("日本", "", "odd name"),
        ("x" * 500, "", "odd name"),
        ('a"b{c}', "", ("axm_a_b_c", 1.0)),
    ],
)
def test_names_and_units(param, unit, expected) -> None:
    """Each parameter is the raw series of the meter's poll, in its unit; the unit is never guessed
    where two are possible."""
    assert named(param, unit) == (Named(*expected) if isinstance(expected, tuple) else expected)


def test_names_are_those_of_the_poll() -> None:
    """Every known parameter is a register that the Modbus source reads of an Acuvim II, so that a
    log continues what a poll has begun."""
    block = ACUVIM_II.blocks[0]
    registers = {p.name for part in (block.floats, block.energies, block.percents) for p in part}
    assert {name for name, _ in KNOWN.values()} <= registers
    assert set(SAME.values()) <= set(KEYS)


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("application/json", b"", "no object"),
        ("application/json", b"[]", "no object"),
        ("application/json", b"5", "no object"),
        ("application/json", b"{", "no JSON"),
        ("application/json", b"[" * 100_000, "no JSON"),
        ("text/csv", b"a,b\n1,2\n", "Time Stamp"),
        ("multipart/form-data", b"x", "boundary"),
        ("multipart/form-data; boundary=x", b"no mark", "no file"),
        (FORM, b"", "no file"),
    ],
)
def test_what_is_no_post_is_told(kind, body, said) -> None:
    """What cannot be understood at all is refused with what was expected."""
    with pytest.raises(BadPost, match=said):
        parse(kind, body, BERLIN)


def test_too_many_rows_are_refused() -> None:
    """A post of more rows than a day of seconds is refused, not half taken."""
    body = "Time Stamp,V1\n" + "2025-09-15T10:30:00Z,1\n" * (MAX_ROWS + 1)
    with pytest.raises(BadPost, match="post more often"):
        parse("text/csv", body.encode(), BERLIN)


def test_odd_rows_are_counted_not_fatal() -> None:
    """A row without a time, a cut one, and one with nonsense in it are left out and counted."""
    body = (
        "No.,Time Stamp,V1,V2 [V]\n1,never,230,1\n2\n3,2025-09-15T10:30:00Z,x,1e999\n"
        "4,2025-09-15T10:30:00Z,230,nan,more,columns\n,,,\n"
    )
    post = parse("text/csv", body.encode(), BERLIN)
    assert [dict(row.values) for row in post.rows] == [{"u1": 230.0}]
    assert post.left_out == {"no time": 2, "cut row": 1, "not a number": 3}


KINDS = st.sampled_from(
    ["application/json", "text/csv", FORM, "", "multipart/form-data; boundary=a", "x" * 300]
)


@given(KINDS, st.binary(max_size=600))
def test_any_bytes(kind, body) -> None:
    """Whatever comes is a post or a BadPost: nothing else is ever raised."""
    try:
        post = parse(kind, body, BERLIN)
    except BadPost:
        return
    assert isinstance(post, Post)


KEYNAMES = st.sampled_from(
    ["timestamp", "gateway", "device", "readings", "param", "value", "unit", "serial", "x"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYNAMES, inner, max_size=5),
    max_leaves=12,
)


@given(ANY_JSON, st.booleans())
def test_any_json(told, in_form) -> None:
    """JSON of any shape, with the right words in the wrong places, is read without a fault."""
    body = json.dumps(told).encode("utf-8", "surrogatepass")
    kind, body = (FORM, form(body, "1.json")) if in_form else ("application/json", body)
    try:
        post = parse(kind, body, BERLIN)
    except BadPost:
        return
    for row in post.rows:
        assert all(abs(value) < 1e20 for value in row.values.values())
    msgspec.json.encode(post)


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_csv(body, header) -> None:
    """Text of any kind below a header is read without a fault."""
    try:
        parse("text/csv", f"Time Stamp,{header}\n{body}".encode("utf-8", "replace"), BERLIN)
    except BadPost:
        return


VALUES = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


@given(st.dictionaries(st.sampled_from(["V1", "V2", "I1", "Freq_Hz"]), VALUES, min_size=1),
       st.integers(1_000_000_000, 2_000_000_000))  # fmt: skip
def test_all_forms_say_the_same(values, at_s) -> None:
    """The same readings in both shapes, alone or in a form, and as CSV give the same row."""
    readings = [{"param": p, "value": str(v), "unit": ""} for p, v in values.items()]
    a = text({"timestamp": at_s, "readings": readings})
    b = text({"timestamp": str(at_s), "device": {"readings": readings}})
    header = ",".join(values)
    csv = f"No.,Time Stamp,{header},\n1,{at_s},{','.join(map(str, values.values()))},\n".encode()
    rows = [
        parse("application/json", a, BERLIN).rows,
        parse("application/json", b, BERLIN).rows,
        parse("text/csv", csv, BERLIN).rows,
        parse(FORM, form(b, "x.json"), BERLIN).rows,
        parse(FORM, form(csv, "x.csv"), BERLIN).rows,
    ]
    assert all(one == rows[0] for one in rows)
    assert len(rows[0]) == 1


def test_minutes_are_means_of_canonical_readings() -> None:
    """A load's minute holds the mean of its logged powers and voltages, and no energy."""
    rows = parse(
        "text/csv",
        b"Time Stamp,Psum_kW,V1,Ep_Imp [kWh]\n2025-09-15T10:30:00Z,1,230,5\n"
        b"2025-09-15T10:30:30Z,3,232,6\n2025-09-15T10:31:00Z,5,,7\n",
        BERLIN,
    ).rows
    first, second = minutes(AssetKind.LOAD, rows)
    assert (first.at_ms, first.means()) == (AT_MS, {"load_power_w": 2000.0, "voltage_v.L1": 231.0})
    assert second.means() == {"load_power_w": 5000.0}
    assert first.joined(first._replace(sums=second.sums)).means()["load_power_w"] == 3000.0
    (tank,) = minutes(AssetKind.TANK, rows)
    assert tank.means() == {"voltage_v.L1": 231.0}


def test_a_minute_has_the_phases_too() -> None:
    """Powers of each phase under the asset's own name, THD and unbalance as they are polled."""
    row = Row(AT_MS, {"p1": 900.0, "q3": 20.0, "s2": 800.0, "thd_u1": 2.1, "u_unbalance": 0.4})
    (minute,) = minutes(AssetKind.GENERATOR, [row])
    assert minute.means() == {
        "generator_power_w.L1": 900.0, "reactive_power_var.L3": 20.0, "apparent_power_va.L2": 800.0,
        "voltage_thd_pct.L1": 2.1, "voltage_unbalance_pct": 0.4,
    }  # fmt: skip
    assert set(minute.means()) <= KEYS.keys()
