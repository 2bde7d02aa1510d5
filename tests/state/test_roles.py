"""What a field is taken for, from its name and its values, with the reason."""

import numpy as np
import pyarrow as pa
import pytest

from state.field_seen import FieldSeen
from state.found import Steps
from state.inference import infer
from state.roles import role

MANY = range(120)
NOW_US = 1_700_000_000_000_000


def roles(**columns):
    return {name: found.role for name, found in infer(pa.table(columns)).roles.items()}


def one(name, values, **about):
    return role(FieldSeen(name, pa.chunked_array([pa.array(values)])), **about)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.5, 2.5], "measure"),
        ([1, 2], "measure"),
        (["0.0012", "17.5"], "measure"),
        (["1e-05", "-3"], "measure"),
        (["18ms", "1.2s"], "measure"),
        ([True, False], "dimension"),
        (["a", "b"], "dimension"),
        (["1m", "5m", "15m"], "dimension"),
        (["01234", "98765"], "dimension"),
        ([f"user-{n}" for n in range(100)], "identifier"),
        (["word " * 20], "text"),
        ([f"something happened to number {n}" for n in MANY], "text"),
        (['{"a":1}', "[1, 2]"], "text"),
        (["2026-05-01T12:00:00Z"], "time"),
        (["01.05.2026 12:00:00"], "time"),
        (["01/May/2026:12:00:00 +0200"], "time"),
        (["10.0.3.13:8080", "10.0.3.14:8080"], "dimension"),
        (pa.array([None, None], pa.string()), "empty"),
        (pa.array([0]).cast(pa.timestamp("us", "UTC")), "time"),
    ],
)
def test_role_by_values_under_a_name_that_says_nothing(values, expected):
    found = one("x", values)
    assert found.role == expected
    assert found.why


@pytest.mark.parametrize(
    "name", ["status", "errorCode", "http.status_code", "msgtype", "port", "partition", "weekday", "priority", "year"]
)
def test_whole_numbers_named_as_codes_are_dimensions(name):
    assert one(name, [200, 404, 500] * 40).role == "dimension"


@pytest.mark.parametrize("name", ["id", "user_id", "tripId", "orderNo", "pid", "build_number", "txid", "seq", "offset"])
def test_whole_numbers_named_as_identifiers_are_no_measures(name):
    assert one(name, [7 * n for n in MANY]).role == "identifier"


@pytest.mark.parametrize("name", ["zip", "postalCode", "phone"])
def test_digits_that_are_no_number_are_no_measures(name):
    assert one(name, [10_115 + 31 * n for n in MANY]).role == "identifier"
    assert one(name, [f"0{10_115 + 31 * n}" for n in MANY]).role == "identifier"


@pytest.mark.parametrize(
    "name", ["count", "batch_size", "bytes", "retries", "passenger_count", "qty", "errors", "queue.length", "humid"]
)
def test_few_whole_numbers_of_a_quantity_stay_a_measure(name):
    assert one(name, [0, 1, 2] * 40).role == "measure"


@pytest.mark.parametrize("values", [[200, 404, 500] * 20, [1001, 1002, 1004] * 20, ["1", "2", "7"] * 20])
def test_whole_numbers_spread_as_codes_are_dimensions_whatever_their_name(values):
    assert one("thing", values).role == "dimension"


def test_whole_numbers_that_move_as_quantities_do_are_measures_whatever_their_name():
    assert one("thing", [20, 21, 22, 21, 23, 24] * 20).role == "measure"


@pytest.mark.parametrize("name", ["latitude", "gps.lat", "startLat"])
def test_latitudes_are_told_by_name_and_range(name):
    assert one(name, [52.5, -33.1]).role == "latitude"
    assert one(name, [152.5, 33.1]).role == "measure"


@pytest.mark.parametrize("name", ["lon", "lng", "pos.longitude"])
def test_longitudes_are_told_by_name_and_range(name):
    assert one(name, [152.5, -33.1]).role == "longitude"


@pytest.mark.parametrize("name", ["updated_at", "end_time", "processedTs"])
def test_an_epoch_beside_the_events_own_time_is_a_time(name):
    assert one(name, [NOW_US // 1000], time_field="ts").role == "time"
    assert one(name, [12.5], time_field="ts").role == "measure"


@pytest.mark.parametrize(
    ("name", "values"),
    [("decimal_year", [2001.04, 2001.12]), ("time", [1999.958, 2000.042]), ("tradeDate", [20_260_531, 20_260_601])],
)
def test_years_with_fractions_and_days_written_as_digits_are_times(name, values):
    assert one(name, values).role == "time"


@pytest.mark.parametrize(
    ("name", "values"),
    [("tradeDate", [20_260_531, 20_261_399]), ("response_time", [1801.5]), ("busy_time_ns", [10**9])],
)
def test_numbers_that_are_no_days_or_years_are_none(name, values):
    assert one(name, values).role == "measure"


def test_whole_numbers_about_the_events_own_time_are_times_even_if_no_name_says_so():
    assert one("E", [NOW_US // 1000 + n for n in range(20)], near_us=NOW_US).role == "time"
    assert one("bytes", [NOW_US // 1000], near_us=NOW_US).role == "measure"


def test_numbers_that_count_up_one_by_one_are_an_identifier():
    assert one("t", [400, 401, 402], steps=Steps(1.0, 1.0, 8)).role == "identifier"
    assert roles(symbol=["A", "B"] * 30, t=[1000 * (n % 2) + n // 2 for n in range(60)])["t"] == "identifier"


def test_an_identifier_with_few_values_that_come_often_splits():
    assert one("sensor_id", [4, 5, 6] * 30).role == "dimension"
    assert one("sensorId", ["a1", "b2"] * 30).role == "dimension"


@pytest.mark.parametrize("name", ["berth", "berth_no", "berthId"])
@pytest.mark.parametrize("rounds", [3, 4, 6, 20])
def test_names_that_come_round_and_round_split_however_many_there_are(name, rounds):
    berths = [f"B{n:03}" for n in range(40)] * rounds
    assert one(name, berths).role == "dimension"
    assert one("berth_id", [int(each[1:]) for each in berths]).role == "dimension"


@pytest.mark.parametrize("name", ["guest", "guest_id"])
def test_names_of_which_new_ones_keep_coming_do_not_split(name):
    guests = [f"g{n // 6:03}{'xy'[n % 2]}" for n in range(240)]
    assert one(name, guests).role == "identifier"


def test_names_drawn_from_many_at_random_split_once_hardly_a_new_one_comes():
    shelves = [f"shelf {n}" for n in np.random.default_rng(7).integers(0, 60, 550)]
    assert one("shelf", shelves[:100]).role == "identifier"
    assert {one("shelf", shelves[:many]).role for many in (500, 525, 550)} == {"dimension"}


@pytest.mark.parametrize("name", ["srcport", "peer.dstport", "dst_port", "sport", "listenPort"])
def test_ports_are_codes_whatever_is_run_together_with_the_word(name):
    assert one(name, [443, 8443, 9092] * 40).role == "dimension"
    assert one(name, [30_000 + 37 * n % 29_000 for n in MANY]).role == "identifier"


@pytest.mark.parametrize("name", ["transport", "export", "support"])
def test_words_that_only_end_like_a_port_are_none(name):
    assert one(name, [20, 21, 22, 21, 23, 24, 27, 29, 31, 30, 28, 33] * 10).role == "measure"


@pytest.mark.parametrize("name", ["amount_refunded", "queueNow", "costRepair"])
def test_far_apart_numbers_of_a_quantity_are_no_codes_wherever_its_word_stands(name):
    assert one(name, [0, 4900, 12_900] * 20).role == "measure"


def test_zeros_alone_are_a_flag_only_under_one_word_that_is_of_no_quantity():
    assert one("alert.frost", [0] * 60).role == "dimension"
    for name in ("rejected", "waiting", "backlog", "errors", "err_in", "fan_stall"):
        assert one(name, [0] * 60).role == "measure"
    assert one("frost", [0.0] * 60).role == one("frost", [0] * 20).role == "measure"


def test_zero_and_one_are_a_signal_unless_they_are_counted():
    assert one("pump", [0.0, 1.0] * 30).role == "dimension"
    assert one("Towers", [0.0, 1.0] * 30).role == "dimension"
    assert one("errors", [0, 1] * 30).role == "measure"


def test_a_number_in_most_events_and_text_in_a_few_stays_a_measure_and_says_so():
    found = one("temperature", ["21.5"] * 198 + ["n/a"] * 2)
    assert found == ("measure", "holds numbers; a few of its values are no numbers")


def test_the_reason_stands_while_the_share_of_what_is_no_number_shrinks():
    reasons = {one("temperature", ["21.5"] * size + ["n/a"] * 2).why for size in range(40, 400, 10)}
    assert reasons == {"holds numbers; a few of its values are no numbers"}


@pytest.mark.parametrize(("numbers", "often"), [(13, "many"), (4, "most")])
def test_numbers_that_are_not_finite_are_many_or_most(numbers, often):
    found = one("temperature", [21.5] * numbers + [float("nan")] * 7)
    assert found == ("measure", f"holds numbers; {often} of its values are no numbers")


def test_numbers_in_half_of_the_events_are_text():
    assert one("reading", ["21.5", "ON"] * 50).role == "dimension"


def test_reasons_stay_the_same_while_events_of_the_same_kind_come_in():
    columns = {
        "host": [f"h{n % 7}" for n in MANY],
        "load": [n / 7 for n in MANY],
        "trace": [f"{n:032x}" for n in MANY],
        "note": [f"the event with number {n}" for n in MANY],
    }
    once = infer(pa.table(columns)).roles
    assert infer(pa.table({name: [*values, *values[:60]] for name, values in columns.items()})).roles == once


def test_fields_nested_in_objects_are_judged_by_their_own_part_of_the_name():
    found = roles(**{"user.age": [20, 31, 44] * 20, "revision.old": [100 * n for n in range(60)]})
    assert found == {"user.age": "measure", "revision.old": "identifier"}
