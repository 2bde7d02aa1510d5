"""The log: JSON lines that hold no value, and one line a minute for what repeats."""

import io
import json
import logging

import pytest

from state.logs import HANDLER, JsonLines, fields, set_up_logs
from state.repeats import EVERY_S, MOST, Repeats

VALUE = "a value, or a secret"


class Log:
    """A logger of its own that is read back as what each line says."""

    def __init__(self, name):
        self.now = 0.0
        self.repeats = Repeats(clock=lambda: self.now)
        self.text = io.StringIO()
        self.handler = logging.StreamHandler(self.text)
        self.handler.setFormatter(JsonLines())
        self.handler.addFilter(self.repeats)
        self.logger = logging.Logger(name)  # noqa: LOG001 - of this test alone
        self.logger.addHandler(self.handler)

    def lines(self):
        return [json.loads(line) for line in self.text.getvalue().splitlines()]


def fault(log, text=VALUE):
    try:
        int(text)
    except ValueError:
        log.logger.exception("it failed")


def test_a_record_is_one_json_line_with_its_fields():
    log = Log("pulseboard.feed")
    log.logger.warning("feed state", extra=fields(feed="kafka-1", state="waiting", message="line\nline", subject=None))
    [line] = log.lines()
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "pulseboard.feed",
        "event": "feed state",
        "feed": "kafka-1",
        "state": "waiting",
        "message": "line\nline",
    }


def test_a_trace_says_where_but_not_with_what():
    log = Log("pulseboard.feed")
    fault(log)
    [line] = log.lines()
    assert "test_logs.py" in line["error"]
    assert line["error"].endswith("\nValueError")
    assert VALUE not in log.text.getvalue()


def test_a_cause_is_told_before_what_it_led_to():
    log = Log("pulseboard.feed")
    try:
        try:
            int(VALUE)
        except ValueError as error:
            raise KeyError(VALUE) from error
    except KeyError:
        log.logger.exception("it failed")
    [line] = log.lines()
    assert line["error"].index("ValueError") < line["error"].index("which led to") < line["error"].index("KeyError")
    assert VALUE not in log.text.getvalue()


def test_what_a_library_fills_in_stays_out():
    log = Log("kafka.conn")
    log.logger.warning("login of %s failed", VALUE)
    [line] = log.lines()
    assert line["event"] == "login of %s failed"


def test_a_fault_each_second_for_an_hour_is_a_line_a_minute_with_how_often_it_happened():
    log = Log("pulseboard.feed")
    for second in range(3600):
        log.now = float(second)
        fault(log, f"{VALUE} {second}")
    lines = log.lines()
    assert len(lines) == 60
    assert [line.get("repeated", 0) for line in lines] == [0, *[59] * 59]


def test_how_often_it_happened_is_said_even_if_it_does_not_come_again():
    log = Log("pulseboard.feed")
    for _ in range(5):
        fault(log)
    log.now = EVERY_S / 2
    assert log.repeats.due() == []
    log.now = EVERY_S
    [record] = log.repeats.due()
    log.handler.handle(record)
    assert [line.get("repeated", 0) for line in log.lines()] == [0, 4]
    assert record.exc_info is None, "a trace holds all that was under way"
    log.now = 2 * EVERY_S
    assert log.repeats.due() == []


def test_different_faults_are_told_apart():
    log = Log("pulseboard.feed")
    for feed in ("kafka-1", "kafka-2"):
        for state in ("waiting", "live", "waiting"):
            log.logger.info("feed state", extra=fields(feed=feed, state=state, message="of no account"))
    fault(log)
    try:
        1 / 0  # noqa: B018 - is what fails
    except ZeroDivisionError:
        log.logger.exception("it failed")
    assert [line["event"] for line in log.lines()] == ["feed state"] * 4 + ["it failed"] * 2


def test_a_library_gets_a_line_a_minute_whatever_it_writes_into_its_words():
    log = Log("asyncio")
    for number in range(100):
        log.logger.error(f"task {number} was never looked at")  # noqa: G004 - as libraries do
    assert len(log.lines()) == 1


def test_as_many_faults_as_there_may_be_take_no_endless_memory():
    log = Log("pulseboard.feed")
    for number in range(2 * MOST):
        log.logger.error("it failed", extra=fields(feed=str(number)))
    assert len(log.repeats._said) == MOST


@pytest.mark.parametrize(
    ("asked", "level"), [("", "INFO"), ("warning", "WARNING"), ("DEBUG", "DEBUG"), ("loud", "INFO")]
)
def test_the_environment_names_the_level(asked, level, caplog):
    ours, root = logging.getLogger("pulseboard"), logging.getLogger()
    before = ours.level, HANDLER in root.handlers
    try:
        set_up_logs({"PULSEBOARD_LOG_LEVEL": asked})
        assert ours.level == getattr(logging, level)
        assert [each.message for each in caplog.records if "is no level" in each.message] == (
            ["PULSEBOARD_LOG_LEVEL is no level: info is used. Choose one of debug, info, warning, error"]
            if asked == "loud"
            else []
        )
    finally:
        ours.setLevel(before[0])
        if not before[1]:
            root.removeHandler(HANDLER)
