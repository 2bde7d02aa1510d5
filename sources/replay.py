"""A recording, or any file of events, played as a feed: in its own rhythm, faster, or as fast as it can be read."""

from collections.abc import Callable
from dataclasses import dataclass
from time import time as clock
from typing import ClassVar

from sources.durations import format_duration, parse_duration
from sources.errors import BadSettings
from sources.protocol import Package, Reader, setting
from sources.reading import check_reading, format_setting, time_setting, zone_setting
from sources.recordings import check_name
from sources.replay_files import files_of, has_demo
from sources.replay_rhythm import AT_ONCE

MAX = "max"
SPEEDS = ("1", "2", "5", "10", "60", MAX)
SLOWEST, FASTEST = 0.1, 1000.0
TIMES = ("recorded", "now")


@dataclass(frozen=True, slots=True)
class Replay:
    """One recording: a file, or a folder of files that follow each other."""

    kind: ClassVar[str] = "replay"
    title: ClassVar[str] = "Recording"
    icon: ClassVar[str] = ":material/play_circle:"
    subject: ClassVar[str] = "recording"
    packages: ClassVar[tuple[Package, ...]] = ()

    recording: str = setting(
        "",
        "A recording, or a CSV, JSON, text or Parquet file (text also as .gz), in the recordings folder; or what was "
        "uploaded below. Empty: the demo.",
        label="Recording",
    )
    path: str = setting("", "A file or folder of this machine, such as `/data/june.csv`.", label="File or folder")
    speed: str = setting(
        "1",
        "Seconds of the recording in one of ours, 0.1 to 1000; `max` reads as fast as it can.",
        label="Speed",
        choices=SPEEDS,
    )
    times: str = setting(
        "recorded",
        "`recorded`: the times of the events as they were. `now`: shifted, so that each event happens when it is "
        "played; at another speed the distances between them change with it, at `max` the newest is now.",
        label="Event times",
        choices=TIMES,
    )
    loop: bool = setting(
        False,
        "Begin again after the last event. Times go on: each round is later than the one before by its whole length, "
        "and shifted to now once it would end in the future.",
        label="Loop",
    )
    history: str = setting(
        "5m",
        "So much of the recording's beginning comes at once, such as 30s or 5m, and 200 events at least, so that the board "
        "opens full; 0s for none.",
        label="At once",
        choices=("0s", "1m", "5m", "1h"),
    )
    format: str = format_setting("How the lines of a text file are read; `auto` finds out by looking at them.")
    time: str = time_setting("The field that holds the event time. Empty: found by looking; a recording knows its own.")
    zone: str = zone_setting("read as UTC, with a warning")

    def __post_init__(self) -> None:
        """Raise BadSettings for what could not be played whatever the files hold."""
        if self.recording and self.path:
            raise BadSettings("path", "path and recording are both given: choose one of them")
        if self.recording:
            check_name(self.recording)
        elif not self.path and not has_demo():
            raise BadSettings("recording", "no recording is chosen: choose one, upload a file, or record a feed first")
        if "\0" in self.path:
            raise BadSettings("path", "path holds what no path has: check it")
        speed = _speed(self.speed)
        if self.times not in TIMES:
            raise BadSettings("times", f"times is {self.times[:40]!r}: choose {' or '.join(TIMES)}")
        if speed == AT_ONCE and self.loop:
            raise BadSettings("loop", "a loop as fast as can be would never rest: choose a speed, or play it once")
        try:
            history = format_duration(parse_duration(self.history))
        except ValueError as error:
            raise BadSettings("history", f"history: {error}") from None
        check_reading(self.format, self.zone)
        # Equal settings are the same feed, however they are written.
        object.__setattr__(self, "speed", MAX if speed == AT_ONCE else f"{speed:.12g}")
        object.__setattr__(self, "history", history)

    def open(self, now: Callable[[], float] = clock, wait: Callable[[float], object] | None = None) -> Reader:
        """See Source.open. A test passes its own clock, and a `wait` that moves it on by so many seconds."""
        from sources.replay_reader import ReplayReader, Score  # noqa: PLC0415 - what decodes takes time to import

        score = Score(
            files=files_of(self.recording, self.path),
            speed=_speed(self.speed),
            shifted=self.times == "now",
            loop=self.loop,
            history_s=parse_duration(self.history),
            format=self.format,
            time=self.time,
            zone=self.zone,
        )
        return ReplayReader(score, now, wait)


def _speed(text: str) -> float:
    """Recorded seconds in one of ours. Raises BadSettings."""
    if text == MAX:
        return AT_ONCE
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not SLOWEST <= speed <= FASTEST:
        raise BadSettings(
            "speed", f"speed is {text[:40]!r}: choose a number from {SLOWEST:g} to {FASTEST:,.0f}, or {MAX}"
        )
    return speed
