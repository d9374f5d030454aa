"""The SunSpec models that Fronius devices serve, as tables.

Offsets count from the model's id register. Source: the SunSpec model definitions (Apache-2.0)
and Fronius' register lists for Datamanager and GEN24.
"""

from collections.abc import Mapping
from types import MappingProxyType

from collector.sources.modbus.sunspec import Layout, points

_INVERTER_INT = Layout(points("""
    A 2 uint16 A_SF
    AphA 3 uint16 A_SF
    AphB 4 uint16 A_SF
    AphC 5 uint16 A_SF
    A_SF 6 sunssf
    PPVphAB 7 uint16 V_SF
    PPVphBC 8 uint16 V_SF
    PPVphCA 9 uint16 V_SF
    PhVphA 10 uint16 V_SF
    PhVphB 11 uint16 V_SF
    PhVphC 12 uint16 V_SF
    V_SF 13 sunssf
    W 14 int16 W_SF
    W_SF 15 sunssf
    Hz 16 uint16 Hz_SF
    Hz_SF 17 sunssf
    VA 18 int16 VA_SF
    VA_SF 19 sunssf
    VAr 20 int16 VAr_SF
    VAr_SF 21 sunssf
    PF 22 int16 PF_SF
    PF_SF 23 sunssf
    WH 24 acc32 WH_SF
    WH_SF 26 sunssf
    DCA 27 uint16 DCA_SF
    DCA_SF 28 sunssf
    DCV 29 uint16 DCV_SF
    DCV_SF 30 sunssf
    DCW 31 int16 DCW_SF
    DCW_SF 32 sunssf
    TmpCab 33 int16 Tmp_SF
    TmpSnk 34 int16 Tmp_SF
    TmpTrns 35 int16 Tmp_SF
    TmpOt 36 int16 Tmp_SF
    Tmp_SF 37 sunssf
    St 38 enum16
    StVnd 39 enum16
    Evt1 40 bitfield32
    Evt2 42 bitfield32
    EvtVnd1 44 bitfield32
    EvtVnd2 46 bitfield32
    EvtVnd3 48 bitfield32
    EvtVnd4 50 bitfield32
"""))  # fmt: skip

_INVERTER_FLOAT = Layout(points("""
    A 2 float32
    AphA 4 float32
    AphB 6 float32
    AphC 8 float32
    PPVphAB 10 float32
    PPVphBC 12 float32
    PPVphCA 14 float32
    PhVphA 16 float32
    PhVphB 18 float32
    PhVphC 20 float32
    W 22 float32
    Hz 24 float32
    VA 26 float32
    VAr 28 float32
    PF 30 float32
    WH 32 float32
    DCA 34 float32
    DCV 36 float32
    DCW 38 float32
    TmpCab 40 float32
    TmpSnk 42 float32
    TmpTrns 44 float32
    TmpOt 46 float32
    St 48 enum16
    StVnd 49 enum16
    Evt1 50 bitfield32
    Evt2 52 bitfield32
    EvtVnd1 54 bitfield32
    EvtVnd2 56 bitfield32
    EvtVnd3 58 bitfield32
    EvtVnd4 60 bitfield32
"""))  # fmt: skip

_METER_INT = Layout(points("""
    A 2 int16 A_SF
    AphA 3 int16 A_SF
    AphB 4 int16 A_SF
    AphC 5 int16 A_SF
    A_SF 6 sunssf
    PhV 7 int16 V_SF
    PhVphA 8 int16 V_SF
    PhVphB 9 int16 V_SF
    PhVphC 10 int16 V_SF
    PPV 11 int16 V_SF
    PPVphAB 12 int16 V_SF
    PPVphBC 13 int16 V_SF
    PPVphCA 14 int16 V_SF
    V_SF 15 sunssf
    Hz 16 int16 Hz_SF
    Hz_SF 17 sunssf
    W 18 int16 W_SF
    WphA 19 int16 W_SF
    WphB 20 int16 W_SF
    WphC 21 int16 W_SF
    W_SF 22 sunssf
    VA 23 int16 VA_SF
    VAphA 24 int16 VA_SF
    VAphB 25 int16 VA_SF
    VAphC 26 int16 VA_SF
    VA_SF 27 sunssf
    VAR 28 int16 VAR_SF
    VARphA 29 int16 VAR_SF
    VARphB 30 int16 VAR_SF
    VARphC 31 int16 VAR_SF
    VAR_SF 32 sunssf
    PF 33 int16 PF_SF
    PFphA 34 int16 PF_SF
    PFphB 35 int16 PF_SF
    PFphC 36 int16 PF_SF
    PF_SF 37 sunssf
    TotWhExp 38 acc32 TotWh_SF
    TotWhExpPhA 40 acc32 TotWh_SF
    TotWhExpPhB 42 acc32 TotWh_SF
    TotWhExpPhC 44 acc32 TotWh_SF
    TotWhImp 46 acc32 TotWh_SF
    TotWhImpPhA 48 acc32 TotWh_SF
    TotWhImpPhB 50 acc32 TotWh_SF
    TotWhImpPhC 52 acc32 TotWh_SF
    TotWh_SF 54 sunssf
    TotVAhExp 55 acc32 TotVAh_SF
    TotVAhImp 63 acc32 TotVAh_SF
    TotVAh_SF 71 sunssf
    Evt 105 bitfield32
"""))  # fmt: skip

_METER_FLOAT = Layout(points("""
    A 2 float32
    AphA 4 float32
    AphB 6 float32
    AphC 8 float32
    PhV 10 float32
    PhVphA 12 float32
    PhVphB 14 float32
    PhVphC 16 float32
    PPV 18 float32
    PPVphAB 20 float32
    PPVphBC 22 float32
    PPVphCA 24 float32
    Hz 26 float32
    W 28 float32
    WphA 30 float32
    WphB 32 float32
    WphC 34 float32
    VA 36 float32
    VAphA 38 float32
    VAphB 40 float32
    VAphC 42 float32
    VAR 44 float32
    VARphA 46 float32
    VARphB 48 float32
    VARphC 50 float32
    PF 52 float32
    PFphA 54 float32
    PFphB 56 float32
    PFphC 58 float32
    TotWhExp 60 float32
    TotWhExpPhA 62 float32
    TotWhExpPhB 64 float32
    TotWhExpPhC 66 float32
    TotWhImp 68 float32
    TotWhImpPhA 70 float32
    TotWhImpPhB 72 float32
    TotWhImpPhC 74 float32
    TotVAhExp 76 float32
    TotVAhImp 84 float32
    Evt 124 bitfield32
"""))  # fmt: skip

_NAMEPLATE = Layout(points("""
    DERTyp 2 enum16
    WRtg 3 uint16 WRtg_SF
    WRtg_SF 4 sunssf
    VARtg 5 uint16 VARtg_SF
    VARtg_SF 6 sunssf
    ARtg 12 uint16 ARtg_SF
    ARtg_SF 13 sunssf
    WHRtg 19 uint16 WHRtg_SF
    WHRtg_SF 20 sunssf
    MaxChaRte 23 uint16 MaxChaRte_SF
    MaxChaRte_SF 24 sunssf
    MaxDisChaRte 25 uint16 MaxDisChaRte_SF
    MaxDisChaRte_SF 26 sunssf
"""))  # fmt: skip

_SETTINGS = Layout(points("""
    WMax 2 uint16 WMax_SF
    VRef 3 uint16 VRef_SF
    VRefOfs 4 int16 VRefOfs_SF
    VAMax 7 uint16 VAMax_SF
    WMax_SF 22 sunssf
    VRef_SF 23 sunssf
    VRefOfs_SF 24 sunssf
    VAMax_SF 26 sunssf
"""))  # fmt: skip

_STATUS = Layout(points("""
    PVConn 2 bitfield16
    StorConn 3 bitfield16
    ECPConn 4 bitfield16
    ActWh 5 acc64
    StActCtl 35 bitfield32
    Ris 44 uint16 Ris_SF
    Ris_SF 45 sunssf
"""))  # fmt: skip

_CONTROLS = Layout(points("""
    Conn 4 enum16
    WMaxLimPct 5 uint16 WMaxLimPct_SF
    WMaxLim_Ena 9 enum16
    OutPFSet 10 int16 OutPFSet_SF
    OutPFSet_Ena 14 enum16
    VArPct_Ena 22 enum16
    WMaxLimPct_SF 23 sunssf
    OutPFSet_SF 24 sunssf
"""))  # fmt: skip

_STORAGE = Layout(points("""
    WChaMax 2 uint16 WChaMax_SF
    WChaGra 3 uint16 WChaDisChaGra_SF
    WDisChaGra 4 uint16 WChaDisChaGra_SF
    StorCtl_Mod 5 bitfield16
    MinRsvPct 7 uint16 MinRsvPct_SF
    ChaState 8 uint16 ChaState_SF
    InBatV 10 uint16 InBatV_SF
    ChaSt 11 enum16
    OutWRte 12 int16 InOutWRte_SF
    InWRte 13 int16 InOutWRte_SF
    ChaGriSet 17 enum16
    WChaMax_SF 18 sunssf
    WChaDisChaGra_SF 19 sunssf
    MinRsvPct_SF 21 sunssf
    ChaState_SF 22 sunssf
    InBatV_SF 24 sunssf
    InOutWRte_SF 25 sunssf
"""))  # fmt: skip

_MPPT = Layout(
    points("""
    DCA_SF 2 sunssf
    DCV_SF 3 sunssf
    DCW_SF 4 sunssf
    DCWH_SF 5 sunssf
    Evt 6 bitfield32
    N 8 uint16
"""),
    points("""
    ID 0 uint16
    DCA 9 uint16 DCA_SF
    DCV 10 uint16 DCV_SF
    DCW 11 uint16 DCW_SF
    DCWH 12 acc32 DCWH_SF
    Tmp 16 int16
    DCSt 17 enum16
    DCEvt 18 bitfield32
"""),
    group_at=10,
    stride=20,
)  # fmt: skip
MPPT_LABEL_AT = 1
"""Where a module's name of 8 registers stands in it."""

INVERTERS = frozenset({101, 102, 103, 111, 112, 113})
METERS = frozenset({201, 202, 203, 204, 211, 212, 213, 214})
NAMEPLATE, SETTINGS, STATUS, CONTROLS, STORAGE, MPPT = 120, 121, 122, 123, 124, 160

LAYOUTS: Mapping[int, Layout] = MappingProxyType(
    dict.fromkeys((101, 102, 103), _INVERTER_INT)
    | dict.fromkeys((111, 112, 113), _INVERTER_FLOAT)
    | dict.fromkeys((201, 202, 203, 204), _METER_INT)
    | dict.fromkeys((211, 212, 213, 214), _METER_FLOAT)
    | {
        NAMEPLATE: _NAMEPLATE, SETTINGS: _SETTINGS, STATUS: _STATUS, CONTROLS: _CONTROLS,
        STORAGE: _STORAGE, MPPT: _MPPT,
    }
)  # fmt: skip

GROUPS: Mapping[int, str] = MappingProxyType(
    dict.fromkeys(INVERTERS, "inverter")
    | dict.fromkeys(METERS, "meter")
    | {
        NAMEPLATE: "nameplate", SETTINGS: "settings", STATUS: "status", CONTROLS: "controls",
        STORAGE: "storage", MPPT: "mppt",
    }
)  # fmt: skip
"""The word for each model in raw series: `fronius_<word>_<point>`."""
