"""Makes demo.parquet: twelve minutes of a web shop, with a deployment that goes wrong and is rolled back.

    python -m recordings.make_demo

Nothing in it is real. The same numpy makes the same events.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sources.batch import TIME, TIME_TYPE, Note
from sources.recording import Header, write_recording

PLACE = Path(__file__).parent / "demo.parquet"
START_S = 1_778_666_400  # 2026-05-13 10:00 UTC
LENGTH_S = 720
RATE = 30
"""Requests a second."""
DEPLOYED_S, PAGED_S, ROLLED_BACK_S = 270, 345, 465
"""Seconds into the recording."""
NOTES = (
    (DEPLOYED_S, "payment 2.14.0 rolls out"),
    (PAGED_S, "on-call paged: checkouts fail"),
    (ROLLED_BACK_S, "payment rolled back to 2.13.2"),
)
SERVICES = ("search", "cart", "checkout", "payment")
SHARES = (0.46, 0.27, 0.15, 0.12)
USUAL_MS = np.array([62.0, 38.0, 115.0, 190.0])
REGIONS = ("eu-west", "us-east", "ap-south")
REGION_SHARES = (0.5, 0.32, 0.18)
FARTHER_MS = np.array([0.0, 9.0, 31.0])
LATE_SHARE = 0.002

Floats = npt.NDArray[np.float64]


def shop_events(seed: int = 13) -> pa.Table:
    """The requests, in order of arrival; a few come some seconds late."""
    rng = np.random.default_rng(seed)
    count = LENGTH_S * RATE
    second = np.sort(rng.uniform(0, LENGTH_S, count))
    service = rng.choice(len(SERVICES), count, p=SHARES)
    region = rng.choice(len(REGIONS), count, p=REGION_SHARES)

    new = (service == 3) & (rng.random(count) < _rollout(second))  # noqa: PLR2004 - payment
    trouble = _trouble(second)
    hit = np.where(new, trouble, np.where(service == 2, 0.45 * trouble, np.where(service == 1, 0.05 * trouble, 0.0)))  # noqa: PLR2004 - checkout
    load = 1 + 0.18 * np.sin(2 * np.pi * second / 240) + 0.06 * np.sin(2 * np.pi * second / 47)
    took = (USUAL_MS[service] * load + FARTHER_MS[region]) * (1 + 5.5 * hit) * rng.lognormal(0, 0.28, count)
    failed = rng.random(count) < 0.004 + 0.42 * hit
    timeout = failed & (took > 700)  # noqa: PLR2004 - milliseconds
    status = np.where(timeout, 504, np.where(failed, np.where(new, 502, 500), 200))
    order = np.where((service == 3) & ~failed, rng.lognormal(3.6, 0.55, count).round(2), np.nan)  # noqa: PLR2004 - payment
    queue = (4 + 90 * np.convolve(trouble, np.ones(RATE * 8) / (RATE * 8), "same") + rng.normal(0, 1.2, count)).clip(0)

    late = (rng.random(count) < LATE_SHARE) * rng.uniform(1, 6, count)
    milliseconds = ((START_S + second - late) * 1000).astype(np.int64)
    instants = pa.array(milliseconds * 1000).cast(TIME_TYPE)
    return pa.table(
        {
            TIME: instants,
            "ts": instants,
            "service": _named(SERVICES, service),
            "region": _named(REGIONS, region),
            "version": _named(("2.13.2", "2.14.0"), new.astype(np.int64)),
            "status": pa.array(status.astype(np.int64)),
            "duration_ms": pa.array(took.round()),
            "order_eur": pa.array(order, from_pandas=True),
            "queue_depth": pa.array(queue.round().astype(np.int64)),
        }
    )


def _rollout(second: Floats) -> Floats:
    """Share of payments that the new version takes: grows within a minute, and goes at once."""
    return np.clip((second - DEPLOYED_S) / 60, 0, 1) * (second < ROLLED_BACK_S + 15)


def _trouble(second: Floats) -> Floats:
    """How bad it is, 0 to 1: connections leak from the rollout on, and are there again some time after the rollback."""
    rise = 1 / (1 + np.exp(-(second - DEPLOYED_S - 70) / 14))
    fall = 1 / (1 + np.exp((second - ROLLED_BACK_S - 35) / 12))
    found: Floats = rise * fall
    return found


def _named(names: tuple[str, ...], index: npt.NDArray[np.int64]) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(index))


def make(place: Path = PLACE) -> Header:
    """Write the recording."""
    header = Header(
        made_us=(START_S + LENGTH_S) * 1_000_000,
        source="demo",
        title="a made-up web shop",
        format="json",
        format_why="each request is a JSON object",
        time_field="ts",
        time_why="`ts` holds instants",
        notes=tuple(Note((START_S + second) * 1_000_000, text) for second, text in NOTES),
    )
    return write_recording(place, [shop_events()], header)


if __name__ == "__main__":
    make()
