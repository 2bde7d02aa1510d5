"""Every bound on what stays in memory or on the disk, by its constant, and the test that tries to pass it."""

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

KEPT = {
    # The process
    "state.budget.MOST_BYTES": "state/test_budget.py::test_paused_boards_of_feeds_that_are_gone_keep_no_more_than_the_budget",
    "state.feeds.MOST_FEEDS": "state/test_feeds.py::test_as_many_feeds_as_may_be_are_watched_and_the_next_is_refused_with_what_to_do",
    "state.feeds.MOST_LIVE_BYTES": "state/test_feeds.py::test_a_thousand_settings_leave_no_more_aggregates_than_may_be",
    "state.feeds.MOST_NOTED": "state/test_feeds.py::test_notes_outlive_only_so_many_feeds",
    "views.held_uploads.MOST_BYTES": "views/test_held_uploads.py::test_the_oldest_file_of_whatever_session_goes_first",
    "views.held_uploads.MOST_FILES": "views/test_held_uploads.py::test_files_of_nothing_are_counted_too",
    "views.exports.drawing.KEPT": "views/test_exports_chart.py::test_what_was_drawn_is_not_drawn_again",
    # A feed
    "state.feed.MAX_EVENTS": "state/test_feed.py::test_a_viewer_that_falls_out_of_the_retained_range_is_told_how_much_it_missed",
    "state.feed.MAX_BYTES": "state/test_budget.py::test_events_of_megabytes_are_bounded_in_bytes_as_small_ones_are",
    "state.segment.SEGMENT_BYTES": "state/test_budget.py::test_events_of_megabytes_are_bounded_in_bytes_as_small_ones_are",
    "state.feed.MALFORMED_SAMPLES": "state/test_feeds.py::test_a_hundred_thousand_malformed_messages_a_second_leave_a_few_samples",
    "state.schema.MAX_FIELDS": "state/test_feed.py::test_field_names_made_of_data_take_no_endless_memory",
    "state.sample.BYTES": "state/test_schema.py::test_a_sample_of_long_texts_is_bounded_in_bytes_and_follows_the_newest",
    "state.long_feed.MAX_METRICS": "state/test_schema.py::test_what_was_offered_stays_so_however_many_metrics_come_later",
    "state.drift.MOST_ENTRIES": "state/test_drift.py::test_the_log_is_bounded",
    "state.gaps.MOST_ENTRIES": "state/test_gaps.py::test_only_the_newest_are_kept_one_by_one",
    "sources.batch.MOST_NOTES": "state/test_notes.py::test_too_many_that_viewers_wrote_are_refused_and_leave_no_room_for_recorded_ones",
    # A board
    "state.choice.WINDOW_EVENTS": "state/test_window.py::test_window_holds_what_a_plain_list_would_under_both_bounds",
    "state.choice.WINDOW_BYTES": "state/test_window.py::test_a_window_does_not_keep_more_bytes_than_its_bound_whatever_the_feed_forgot",
    "state.series.MOST_SERIES": "state/test_crowded_lens.py::test_frequent_names_that_come_late_among_a_million_get_their_place",
    "state.sketch.MAX_BINS": "state/test_sketch.py::test_memory_stays_bounded_and_the_error_that_costs_is_told",
    "state.identity.MOST_COUNTERS": "state/test_meters.py::test_counters_that_have_fallen_silent_make_room",
    "views.moment.MOST_LOOKED_AT": "views/test_moment.py::test_a_thousand_looks_leave_so_many_steps_back",
    "state.lens.MOST_AHEAD": "state/test_lens.py::test_of_events_that_came_too_early_only_so_many_are_remembered",
    "views.inspector.MOST_BYTES": "views/test_inspector.py::test_what_is_sent_is_bounded_in_columns_and_in_bytes",
    # What a reader holds until it is polled
    "sources.receiver.MOST_ITEMS": "sources/test_receiver.py::test_an_inbox_without_room_counts_what_it_drops",
    "sources.receiver.MOST_BYTES": "sources/test_receiver.py::test_an_inbox_without_room_counts_what_it_drops",
    "sources.http_news.MOST_KEYS": "sources/test_http_news.py::test_what_is_remembered_is_bounded",
    "sources.http_news.MOST_NAMES": "sources/test_http_news.py::test_what_is_remembered_is_bounded",
    "sources.sql_overlap.MOST_SEEN": "sources/test_sql_overlap.py::test_rows_that_may_come_again_are_remembered_up_to_a_bound",
    "sources.registry.SCHEMAS": "sources/test_registry.py::test_the_schemas_remembered_are_bounded",
    "sources.push.inbox.MOST_EVENTS": "push/test_bounds.py::test_a_full_inbox_refuses_all_of_a_post_for_all_who_watch",
    "sources.push.inbox.MOST_BYTES": "push/test_bounds.py::test_a_full_inbox_refuses_all_of_a_post_for_all_who_watch",
    "sources.push.listeners.MOST_NAMES": "push/test_listener.py::test_so_many_names_and_no_more",
    "sources.push.connection.MOST_CONNECTIONS": "push/test_bounds.py::test_so_many_connections_and_no_more",
    # The disk
    "state.saving.MOST_RECORDINGS": "state/test_recorder.py::test_a_folder_of_recordings_that_is_full_takes_no_new_one_but_goes_on_with_the_old",
    "state.recorders.MOST_AT_ONCE": "state/test_recorder.py::test_only_so_many_feeds_are_recorded_at_once",
    "state.recorder.MOST_BYTES": "state/test_recorder.py::test_the_oldest_parts_of_this_recording_alone_go_beyond_the_bound",
    "state.boards.MOST_BOARDS": "state/test_boards.py::test_so_many_boards_and_no_more",
    "sources.replay_uploads.MOST_FILES": "sources/test_replay_files.py::test_the_oldest_uploads_go_when_newer_ones_need_the_room",
    "sources.replay_uploads.MOST_BYTES": "sources/test_replay_files.py::test_the_oldest_uploads_go_when_newer_ones_need_the_room",
}
"""Constant → test, below tests/. What all keep together follows: a feed's times MOST_FEEDS, and so on."""

OF_ONE_LOOK = {
    "sources.machine_gauges": "MOST_THINGS MOST_CORES",
    "sources.mqtt": "MOST_QOS",
    "sources.mqtt_broker": "MOST_KEEPALIVE_S",
    "sources.mqtt_listing": "MOST_MESSAGES MOST_TOPICS MOST_FILTERS MOST_SHOWN",
    "sources.mqtt_paho": "MOST_BYTES",
    "sources.mqtt_topics": "MOST_FILTERS MOST_CHARS MOST_LEVELS",
    "sources.nats_stream": "MOST_LISTED",
    "sources.nats_subjects": "MOST_CHARS MOST_LEVELS",
    "sources.recording": "MOST_GROUP_BYTES MOST_COLUMNS",
    "sources.recording_header": "MOST_BYTES MOST_CHARS MOST_PARAMETERS",
    "sources.recordings": "MOST_PARTS",
    "sources.redis": "MOST_NAMES",
    "sources.redis_names": "MOST_STREAMS MOST_LISTED",
    "sources.replay_parquet": "MOST_LISTED",
    "sources.sql_follow": "MOST_LATE MOST_COUNTED",
    "sources.sql_scan": "MOST_ROWS",
    "sources.sql_snapshot": "MOST_ROWS",
    "sources.sql_tables": "MOST_TABLES MOST_NAMES",
    "sources.websocket_subscription": "MOST_MESSAGES MOST_CHARS",
    "state.board": "MOST_FILTERS MOST_SIDE_BY_SIDE",
    "state.boards": "MOST_BYTES MOST_DOTS",
    "state.codes": "MAX_DISTINCT",
    "state.crash": "MOST_FRAMES MOST_CAUSES",
    "state.download": "MOST_BYTES",
    "state.drift": "MOST_PIECES",
    "state.inference": "MOST_LABELS",
    "state.lens": "MOST_TOTALS",
    "state.long_feed": "MAX_NAMES",
    "state.preference": "MOST_SERIES",
    "state.roles": "MOST_ODD",
    "state.logs": "MOST_CHARS",
    "state.roster": "MOST_SWAPS",
    "state.skew": "MOST_TOLD",
    "views.event_json": "MOST_CHARS",
    "views.exports.drawing": "MOST_WAITING",
    "views.gone": "MOST_OFFERED",
    "views.vega": "MOST_TICKS",
    "views.why": "MOST_OFFERED",
}
"""Bounds on one message, one answer, one setting or one picture: module → constants. What they bound is let go with it."""


def constants(text: str) -> set[str]:
    """The public constants of a module that are named as bounds are."""
    assigned = [target for node in ast.parse(text).body if isinstance(node, ast.Assign) for target in node.targets]
    names = [each for target in assigned for each in ast.walk(target) if isinstance(each, ast.Name)]
    return {each.id for each in names if re.match("(MOST|MAX)_[A-Z_]+$", each.id)}


def test_every_bound_has_its_test_or_is_of_one_look() -> None:
    paths = [path for room in ("sources", "state", "views") for path in (ROOT / room).rglob("*.py")]
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text("utf-8") for path in paths}
    found = {f"{module}.{name}" for module, text in modules.items() for name in constants(text)}
    passing = {f"{module}.{name}" for module, names in OF_ONE_LOOK.items() for name in names.split()}
    assert not passing & KEPT.keys()
    assert found - passing - KEPT.keys() == set(), "say below KEPT which test tries to pass it"
    assert passing - found == set(), "there is no such constant any more"


@pytest.mark.parametrize("constant", KEPT)
def test_a_bound_is_a_number_and_the_test_that_tries_to_pass_it_is_there(constant: str) -> None:
    module, name = constant.rsplit(".", 1)
    assert 0 < getattr(importlib.import_module(module), name) < 2**40
    path, _, test = KEPT[constant].partition("::")
    assert re.search(rf"^def {test}\(", (ROOT / "tests" / path).read_text("utf-8"), re.MULTILINE), KEPT[constant]


def test_a_bound_without_a_test_is_found() -> None:
    assert constants("MOST_A = 1\nMAX_B, C = 2, 3\n_MOST_D = 4\nALMOST_E = 5") == {"MOST_A", "MAX_B"}
