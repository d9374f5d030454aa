"""A site with something behind every page: what the API answers an operator about all of it."""

import hashlib

from msgspec import structs

from collector.model.diagnosis import Diagnosis, Step
from collector.model.kinds import AssetKind
from collector.model.snapshot import Snapshot
from collector.wire import ControlAnswer, ReportsAnswer, TestAnswer
from tests.console import (
    event_scene,
    report_scene,
    test_control_screens,
    test_device_screens,
    test_place_pictures,
)
from tests.console.event_scene import SceneReader
from tests.console.test_screens import troubled
from tests.support import kinds
from tests.support.snapshots import asset, changed

HOSTILE = "MPPT [/dev/ttyUSB0] \x1b]0;x\x07 “São” 日本 ♥ \u202e e\u0301 ½ € ✓"
FIRST = "bess-1"
"""The asset that can be controlled."""
DIAGNOSIS = Diagnosis(
    device="bess-1", kind="gx", address="10.20.0.21:1883", ok=False, way="test",
    steps=(
        Step(name="port", state="ok", seen="open after 12 ms"),
        Step(name="login", state="failed", seen=HOSTILE, advice="type its password again: w"),
        Step(name="identity", state="skipped", seen=""),
    ),
    readings={"bess-1": {"load_power_w": 48_240.0, "battery_soc_pct": None}}, took_s=0.4,
)  # fmt: skip


def whole_shot() -> Snapshot:
    """An event is on, every alarm is open, assets are in every state; names are such that no
    console can show them, that of the first one too."""
    shot = troubled()
    strange = asset("a", AssetKind.BESS, name=HOSTILE, reason=HOSTILE, notes=(HOSTILE,))
    return changed(
        shot,
        assets=(strange, *shot.assets),
        site=HOSTILE,
        events=event_scene.shot("alarm").events,
        alarms=test_place_pictures.OPEN,
    )


def whole_reader(shot: Snapshot | None = None) -> SceneReader:
    """A collector that has an answer for each page, takes any PIN, and does what it is told."""
    found = SceneReader(shot or whole_shot())
    report_scene.printed(found)
    sha256 = hashlib.sha256(found.contents["/v1/reports/r-1/report.json"]).hexdigest()
    reports = tuple(
        structs.replace(one, report_sha256=sha256) if one.id == "r-1" else one
        for one in report_scene.REPORTS
    )
    control = test_control_screens.reader().answers
    places = test_place_pictures.reader_of("alarm").answers
    where = f"/v1/assets/{FIRST}/control"
    found.answers |= kinds.answers(FIRST)
    found.answers |= event_scene.answers("alarm")
    found.answers |= test_device_screens.reader_of("alarm").answers
    found.answers |= places | {
        "/v1/corrections": report_scene.reader("normal").answers["/v1/corrections"],
        "/v1/reports": ReportsAnswer(reports=reports, jobs=report_scene.JOBS),
        where: structs.replace(test_control_screens.TOLD, asset=FIRST, name=HOSTILE),
        "POST /v1/unlock": control["POST /v1/unlock"],
        "POST /v1/lock": control["POST /v1/lock"],
        "POST /v1/registry/test": TestAnswer(diagnosis=DIAGNOSIS),
        f"POST {where}": ControlAnswer(
            id="1", asset=FIRST, command="input-limit-1", outcome="confirmed", value=40.0,
            effect=HOSTILE,
        ),
    }  # fmt: skip
    return found
