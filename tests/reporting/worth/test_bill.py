"""Billing: by account and meter, by band, with rows that sum to their meter digit by digit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from collector.model.terms import Account, PriceBand, Share, TariffTerms, Terms
from reporting.worth.apportion import apportion, settle
from tests.reporting.worth.metered import account, bill, meter
from tests.reporting.worth.site import HOUR, START

HOUR_MS = 3_600_000
NIGHT = PriceBand(name="night", start="22:00", end="06:00", energy_per_kwh=0.10)
TARIFF = TariffTerms(
    currency="EUR", energy_per_kwh=0.30, demand_per_kw=2.0, standing_per_day=1.5, bands=(NIGHT,)
)
TERMS = Terms(tariff=TARIFF, accounts=(Account(id="bar", name="The Bar"),))


def test_a_meter_with_one_account_by_hand():
    """From 00:00 UTC 8 h at 6 kW: 6 h of night (36 kWh, 3.60) and 2 h at 0.30 (12 kWh, 3.60); its
    peak 6 kW is 12.00, one day 1.50: 20.70. The register went from 1000 to 1048."""
    got = bill([meter("a", [6.0] * 8 * HOUR, pays="bar")], TERMS)
    (row,) = got.billing.rows
    assert (row.account, row.account_name, row.unit) == ("bar", "The Bar", "u-a")
    assert (row.opening_kwh, row.closing_kwh, row.correction_kwh) == (1000.0, 1048.0, 0.0)
    assert [(b.band, b.kwh, b.price, b.amount) for b in row.bands] == [
        ("night", 36.0, 0.1, 3.6),
        ("", 12.0, 0.3, 3.6),
    ]
    assert (row.peak_kw, row.demand_amount) == (6.0, 12.0)
    assert (row.standing_days, row.standing_amount, row.amount) == (1.0, 1.5, 20.7)
    assert (got.billing.kwh, got.billing.amount, got.billing.currency) == (48.0, 20.7, "EUR")
    assert got.notes == ()


def test_a_gap_is_billed_in_the_bands_that_it_lay_in_by_time():
    """05:00 to 08:00 nobody read; the counter rose 9 kWh: 3 of them in the night's last hour, 6
    after it."""
    kw = [6.0] * 5 * HOUR + [None] * 3 * HOUR + [6.0] * HOUR
    (row,) = bill([meter("a", kw, pays="bar", gap_wh=9000)], TERMS).billing.rows
    assert row.kwh == 45.0
    assert [(b.band, b.kwh) for b in row.bands] == [("night", 33.0), ("", 12.0)]


def test_a_correction_is_the_difference_to_the_register():
    """Of record are 50 kWh where the register rose 48: correction 2, in proportion to the bands."""
    got = bill([meter("a", [6.0] * 8 * HOUR, pays="bar", extra_kwh=2.0)], TERMS)
    (row,) = got.billing.rows
    assert (row.correction_kwh, row.kwh) == (2.0, 50.0)
    assert [b.kwh for b in row.bands] == [37.5, 12.5]


def test_two_accounts_after_each_other_on_one_meter():
    """Handed over at 05:00 of 8 h at 6 kW: 30 and 18 kWh with the register's reading between, 5/8
    and 3/8 of the day, and the meter's own row above them."""
    terms = Terms(tariff=TARIFF, accounts=(Account(id="bar"), Account(id="food")))
    change = START + 5 * HOUR_MS
    got = bill(
        [meter("a", [6.0] * 8 * HOUR, pays="bar")],
        terms,
        assignments=[account("a", "food", change)],
    ).billing
    whole, first, second = got.rows
    assert (whole.divided, whole.kwh, whole.opening_kwh, whole.closing_kwh) == (
        True,
        48.0,
        1000.0,
        1048.0,
    )
    assert (first.account, first.opening_kwh, first.closing_kwh) == ("bar", 1000.0, 1030.0)
    assert (second.account, second.opening_kwh, second.closing_kwh) == ("food", 1030.0, 1048.0)
    assert (first.kwh, second.kwh) == (30.0, 18.0)
    assert (first.to_ms, second.from_ms) == (change, change)
    assert (first.standing_days, second.standing_days) == (0.625, 0.375)
    assert (first.amount, second.amount) == (15.94, 16.76)
    assert whole.amount == got.amount == 32.7
    assert [(t.account, t.kwh) for t in got.accounts] == [("bar", 30.0), ("food", 18.0)]


def test_a_sub_meter_and_the_rest():
    """6 kW of which 3 kW are the bar's own meter: 24 of 48 kWh, 24 unmetered and losses."""
    got = bill(
        [meter("a", [6.0] * 8 * HOUR), meter("b", [3.0] * 8 * HOUR, pays="bar", behind="a")], TERMS
    ).billing
    whole, sub, rest = got.rows
    assert [row.kind for row in got.rows] == ["meter", "meter", "unmetered"]
    assert [row.parent for row in got.rows] == ["", "a", "a"]
    assert (whole.kwh, sub.kwh, rest.kwh) == (48.0, 24.0, 24.0)
    assert (sub.peak_kw, rest.peak_kw) == (3.0, 3.0)
    assert rest.demand_amount is None
    assert whole.amount == pytest.approx(sub.amount + rest.amount)
    assert got.kwh == 48.0


def test_the_rest_of_a_meter_that_has_an_account_is_its_own():
    """The stage pays for what the bar's meter leaves, at its own highest window of 3 kW."""
    got = bill(
        [
            meter("a", [6.0] * 8 * HOUR, pays="stage"),
            meter("b", [3.0] * 8 * HOUR, pays="bar", behind="a"),
        ],
        TERMS,
    ).billing
    rest = got.rows[2]
    assert (rest.account, rest.kind, rest.kwh) == ("stage", "meter", 24.0)
    assert (rest.peak_kw, rest.demand_amount) == (3.0, 6.0)


def test_fixed_shares_and_what_they_leave():
    """A third and a quarter of 48 kWh: 16 (33.3333 %: 15.99998) and 12, and 20 nobody has."""
    terms = Terms(
        tariff=TARIFF,
        shares=(
            Share(asset="a", account="bar", percent=33.3333),
            Share(asset="a", account="food", percent=25),
        ),
    )
    got = bill([meter("a", [6.0] * 8 * HOUR)], terms).billing
    assert [(row.kind, row.account, row.kwh, row.share_pct) for row in got.rows] == [
        ("meter", "", 48.0, None),
        ("share", "bar", 16.0, 33.3333),
        ("share", "food", 12.0, 25.0),
        ("unallocated", "", 20.0, 41.6667),
    ]
    assert got.rows[2].peak_kw == 1.5
    assert got.rows[2].standing_days == 0.25


@pytest.mark.parametrize("percents", [(60, 50), (-5, 20), (0, 10)])
def test_shares_that_cannot_be_are_refused_and_named(percents):
    """More than all, nothing, less than nothing: nobody is charged by them."""
    terms = Terms(
        tariff=TARIFF,
        shares=tuple(Share(asset="a", account=f"x{n}", percent=p) for n, p in enumerate(percents)),
    )
    got = bill([meter("a", [6.0] * HOUR)], terms)
    assert [(row.account, row.kind) for row in got.billing.rows] == [("", "meter")]
    assert [note.code for note in got.notes] == ["shares-refused"]


def test_an_account_with_its_own_tariff_pays_by_it():
    """Half each: the bar by the event's, the food in dollars at 1.00 with no bands: no sum of
    amounts, each account has its own."""
    own = TariffTerms(currency="USD", energy_per_kwh=1.0)
    terms = Terms(
        tariff=TARIFF,
        accounts=(Account(id="bar"), Account(id="food", tariff=own)),
        shares=(
            Share(asset="a", account="bar", percent=50),
            Share(asset="a", account="food", percent=50),
        ),
    )
    got = bill([meter("a", [6.0] * 8 * HOUR)], terms).billing
    assert [(b.band, b.kwh, b.amount) for b in got.rows[2].bands] == [("", 24.0, 24.0)]
    assert got.amount is None
    assert [(t.account, t.currency, t.amount) for t in got.accounts] == [
        ("bar", "EUR", 10.35),
        ("food", "USD", 24.0),
    ]


def test_energy_outside_of_all_bands_without_a_price_has_no_amount():
    """Only the night has a price: the row says how much had none, and has no amount."""
    terms = Terms(tariff=TariffTerms(currency="EUR", bands=(NIGHT,)))
    got = bill([meter("a", [6.0] * 8 * HOUR, pays="bar")], terms)
    assert [(b.band, b.amount) for b in got.billing.rows[0].bands] == [("night", 3.6), ("", None)]
    assert got.billing.rows[0].amount is None
    assert [note.code for note in got.notes] == ["no-price"]


def test_a_day_of_25_hours_is_one_day_and_its_night_has_nine_hours():
    """24 h from Saturday 24 October 22:00 UTC (midnight in Berlin) and one more: the night until
    06:00 has 7 hours then, the one from 22:00 two more: 9 × 6 kWh; one standing day."""
    start = START + 145 * 24 * HOUR_MS + 22 * HOUR_MS
    got = bill(
        [meter("a", [6.0] * 25 * HOUR, pays="bar", start=start)],
        TERMS,
        zone="Europe/Berlin",
        start=start,
    )
    (row,) = got.billing.rows
    assert [(b.band, b.kwh) for b in row.bands] == [("night", 54.0), ("", 96.0)]
    assert row.standing_days == 1.0


def test_without_anything_measured_rows_are_there_without_figures():
    """A meter whose energy is not known, and one behind it that is."""
    whole = list(meter("a", [None] * HOUR))
    whole[3] = type(whole[3])(
        asset="a", name="a", flow="load_energy_kwh", kwh=None, gap_kwh=None, uncertainty_kwh=None,
        counted=True,
    )  # fmt: skip
    got = bill([whole, meter("b", [3.0] * HOUR, pays="bar", behind="a")], TERMS).billing
    assert [row.kwh for row in got.rows] == [None, 3.0, None]
    assert got.rows[2].amount is None
    assert (got.kwh, got.amount) == (None, None)


def test_energy_of_which_nothing_tells_when_it_came_is_spread_evenly():
    """16 kWh over 8 hours, 6 of them night: without evidence, and by a person's reading of a meter
    that was never read otherwise."""
    made = list(meter("a", [None] * 8 * HOUR, pays="bar"))
    made[3] = structs.replace(made[3], kwh=16.0)
    for evidence in (None, 16.0):
        made[2] = structs.replace(made[2], kwh=evidence, method="manual")
        (row,) = bill([made], TERMS).billing.rows
        assert [(b.band, b.kwh) for b in row.bands] == [("night", 12.0), ("", 4.0)]


@st.composite
def sites(draw):
    """A meter with sub-meters, shares, changing accounts and gaps."""
    count = draw(st.integers(3, 40))
    power = st.one_of(st.none(), st.floats(min_value=0, max_value=90))
    lists = st.lists(power, min_size=count, max_size=count)
    gaps = st.integers(0, 100_000)
    names = ["a", *draw(st.lists(st.sampled_from(["b", "c", "d"]), unique=True))]
    meters = []
    for name in names:
        behind = "" if name == "a" else draw(st.sampled_from([n for n in names if n < name]))
        pays = draw(st.sampled_from(["", "bar", "food"]))
        meters.append(
            meter(
                name,
                draw(lists),
                pays=pays,
                behind=behind,
                gap_wh=draw(gaps),
                start=start_of(),
                extra_kwh=draw(st.sampled_from([0.0, 0.001, 3.333])),
            )
        )
    held = [
        account(name, draw(st.sampled_from(["", "bar", "food"])), start_of() + at * 1000)
        for name in names
        for at in draw(st.lists(st.integers(-50, count * 60 + 50), max_size=2, unique=True))
    ]
    shares = tuple(
        Share(asset="a", account=f"s{n}", percent=p)
        for n, p in enumerate(draw(st.lists(st.floats(min_value=0.01, max_value=33), max_size=3)))
    )
    return meters, held, shares


def start_of():
    """Five minutes before the night's end."""
    return START + 6 * HOUR_MS - 5 * 60_000


@given(sites())
def test_rows_sum_to_their_meter_and_bands_to_their_row_digit_by_digit(site):
    """Whatever is divided how: kWh and amounts, as printed."""
    meters, held, shares = site
    terms = Terms(tariff=TARIFF, shares=shares)
    rows = bill(meters, terms, assignments=held, start=start_of()).billing.rows
    for row in rows:
        below = [one for one in rows if one.parent == row.asset]
        if row.divided:
            assert exact(one.kwh for one in below) == exact([row.kwh])
            assert exact(one.amount for one in below) == exact([row.amount])
        else:
            assert exact(band.kwh for band in row.bands) == exact([row.kwh])
            parts = [band.amount for band in row.bands]
            parts += [row.demand_amount or 0.0, row.standing_amount or 0.0]
            assert exact(parts) == exact([row.amount])
        if None not in (row.opening_kwh, row.closing_kwh):
            found = exact([row.closing_kwh, -row.opening_kwh, row.correction_kwh])
            assert found == exact([row.kwh])
    for made, top in ((m, r) for m in meters for r in rows if m[0].id == r.asset):
        if top.divided or (not top.parent and not any(o.parent == top.asset for o in rows)):
            assert top.kwh == pytest.approx(made[3].kwh, abs=1e-9)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_apportioned_parts_sum_and_are_within_one_of_their_share(total, weights):
    """The largest remainder: no part is further from its share than one."""
    parts = apportion(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1), st.integers(-5, 5))
def test_settled_values_sum_to_any_near_total(values, off):
    """Of either sign; and a value is moved by what it must only."""
    total = sum(values) // 10 + off
    parts = settle(total, values, 10)
    assert sum(parts) == total
    assert all(
        abs(part - value / 10) <= 2 + abs(off) for part, value in zip(parts, values, strict=True)
    )


def exact(values):
    """The sum of printed digits; None where one is not known."""
    found = list(values)
    return None if None in found else sum(Decimal(repr(value)) for value in found)
