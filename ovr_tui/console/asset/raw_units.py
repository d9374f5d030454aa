"""The units of raw values, by the names of their series. Pure.

Victron: the last word of a D-Bus path says what it is, in the units of Victron's list of paths
(github.com/victronenergy/venus/wiki/dbus). ACUVIM: the letter that its register list has for a
quantity; values are on the primary side. Fronius: SunSpec's point names, and the Solar API's keys.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

_Rules = Sequence[tuple[re.Pattern[str], str]]


def _rules(table: str) -> _Rules:
    lines = (line.split(maxsplit=1) for line in table.strip().splitlines())
    return [(re.compile(pattern + r"\Z"), unit) for unit, pattern in lines]


_NONE = "-"
"""In a table: has no unit."""

_VICTRON = _rules(r"""
    -     .*_(alarms?|errors?|diagnostics|io|state)_.*
    -     (.*_)?(power_factor|nr_of\w*|number_of\w*)
    -     (.*_micro_grid|hub4|vebus_hub4)_.*
    %     (.*_)?(soc|soh|soc_limit|mid_voltage_deviation|percentage|humidity|field_drive)
    %     tank_level
    m³    tank_(capacity|remaining)
    Ah    battery_(installed_)?capacity
    Ah    (.*_)?(consumed_amphours|charged_ah|total_ah_drawn|(last|average|deepest)_discharge)
    kWh   ev_battery_capacity
    kWh   (.*_)?(energy_(forward|reverse|in|out)|(charged|discharged|session)_energy)
    kWh   (inverter|multi|vebus)_energy_\w+_to_\w+
    kWh   (.*_)?yield(_system|_user)?
    kWh   (.*_)?todays_yield
    W     (.*_)?(power|p|setpoint|power_set_?point|yield_power)
    V     (.*_)?(voltages?_\w*cell\d*|voltages_diff|voltage(_line_to_line)?|v)
    A     (.*_)?(current(_limit(_energy_meter)?)?|i)
    VA    .*_s
    Hz    (.*_)?(frequency|f)
    °C    (.*_)?(temperature2?|temperature_offset)
    g     temperature_accel_[xyz]
    s     (.*_)?(time_to_go|time_since_last_full_charge|operating_hours)
    s     (.*_)?(charging_time|time_remaining)
    s     (system_timers_\w+|evcharger_session_time|generator_(accumulated_)?runtime)
    rpm   (.*_engine_speed|alternator_speed|motordrive_motor_rpm)
    %     (.*_)?engine_load
    kPa   (.*_)?oil_pressure
    hPa   temperature_pressure
    m/s   (gps|meteo\w*)_(wind_)?speed
    °     (gps_course|meteo_wind_direction|.*_(latitude|longitude))
    m     gps_altitude
    W/m²  meteo_irradiance
    ppm   temperature_co2
    lux   temperature_luminosity
""")
_ACUVIM = _rules(r"""
    %     (thd_\w+|[ui]_unbalance)
    Hz    frequency
    -     (pf\w*|load_type)
    V     u\w+
    A     i\w+
    kWh   ep\w+
    kvarh eq\w+
    kVAh  es\w*
    W     p\w+
    var   q\w+
    VA    s\w+
""")
_SOLAR = _rules(r"""
    %     (state_of_charge|rel)_\w+
    Wh    (\w+_energy|e_(day|year|total)|energy_real_\w+|capacity_\w+)
    varh  energy_reactive_\w+
    -     power_factor\w*
    VA    power_apparent_\w+
    var   power_reactive_\w+
    W     (pac|p_(grid|load|pv|akku)|power_real_\w+)
    V     (uac\w*|udc\w*|voltage_\w+)
    A     (iac\w*|idc\w*|current_\w+)
    Hz    (fac|frequency_\w+)
    °C    temperature_\w+
""")
_SUNSPEC = _rules(r"""
    %     (\w*_pct|cha_state|(in|out)_wrte)
    -     pf(ph_[abc])?
    A     (a|aph_[abc]|dca|artg)
    V     (ph_v|ph_vph_[abc]|ppv|ppvph_\w\w|dcv|in_bat_v|vref(_ofs)?)
    W     (w|wph_[abc]|dcw|wmax|wrtg|wcha_max|max_(cha|dis_cha)_rte)
    VA    (va|vaph_[abc]|vamax)
    var   (va_?r|varph_[abc]|vartg)
    Wh    (wh|act_wh|dcwh|whrtg|tot_wh_\w+)
    VAh   tot_vah_\w+
    Hz    hz
    °C    tmp\w*|tmp_\w+
    Ω     ris
    %/s   w(dis_?)?cha_gra
""")
_FAMILIES = (
    ("victron_", "", _VICTRON),
    ("acuvim_channel_", "", _ACUVIM),
    ("acuvim_", "", _ACUVIM),
    ("fronius_solar_", r"\A[a-z]+_", _SOLAR),
    ("fronius_", r"\A[a-z]+_", _SUNSPEC),
)
"""How the names of a family begin, what stands before the quantity, and its table."""


@lru_cache(4096)
def raw_unit(name: str) -> str:
    """The unit of a raw series; "" where it has none, or nobody has said which."""
    for begin, before, rules in _FAMILIES:
        if name.startswith(begin):
            what = re.sub(before, "", name.removeprefix(begin)) if before else name[len(begin) :]
            found = next((unit for pattern, unit in rules if pattern.match(what)), _NONE)
            return "" if found == _NONE else found
    return ""
