"""From event to screen in a real browser: `python -m benchmarks.latency --refresh 0.1s,1s`.

The standard board in Chromium, and a simulated feed whose events carry the instant at which they happen. A script in the page
stamps each frame with the page's clock, which is the feed's: when its last message arrives, when the page's pulse tells its number
(`appears`), and after the next animation frame has been drawn (`painted`).

    newest_*   the age of the newest event of each frame: how old what is shown is at its best
    event_*    the age at which an event is first shown, over events that come evenly: it adds the wait for the next frame

The rest says where the newest event's time goes, at the median: `tick` is its age when its frame is due, `server` from then to the
arrival of the frame's last message, `browser` from there until the frame appears, `paint` until it is painted.
"""

import argparse
import json
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.browser import open_tab
from sources.durations import parse_duration
from tests.browser.running_app import running_app

PROBE = """(() => {
    const probe = window.probe = {frames: [], longTasks: []};
    const arrivals = new Map();
    const read = text => text.match(/newest event (\\S+Z) · events \\d+ · frame (\\d+)/);

    window.WebSocket = class extends WebSocket {
        constructor(...address) {
            super(...address);
            this.addEventListener('message', ({data}) => {
                if (data.byteLength > 1000) return;  // the pulse is short, and what is long shall cost nothing here
                const pulse = read(new TextDecoder().decode(data));
                if (pulse) arrivals.set(pulse[2], Date.now());
            });
        }
    };

    let last = '';
    new MutationObserver(() => {
        const pulse = read(document.querySelector('.st-key-pulse')?.textContent ?? '');
        if (!pulse || pulse[2] === last) return;
        last = pulse[2];
        const frame = {newest: Date.parse(pulse[1]), arrives: arrivals.get(last), appears: Date.now()};
        arrivals.clear();
        requestAnimationFrame(() => {
            const drawn = new MessageChannel();  // its message comes after this animation frame was laid out and painted
            drawn.port1.onmessage = () => probe.frames.push({...frame, painted: Date.now()});
            drawn.port2.postMessage(null);
        });
    }).observe(document, {childList: true, subtree: true, characterData: true});

    new PerformanceObserver(list => probe.longTasks.push(...list.getEntries().map(each => each.duration)))
        .observe({type: 'longtask'});
})()"""

START = "() => { window.probe.frames.length = window.probe.longTasks.length = 0; }"


def measure(refresh: str, seconds: float) -> dict[str, Any]:
    """Figures of `seconds` at one refresh."""
    with running_app() as app, open_tab(app, {"refresh": refresh}, PROBE) as page:
        page.evaluate(START)
        page.wait_for_timeout(1000 * seconds)
        seen = page.evaluate("() => window.probe")
    return figures(seen["frames"], seen["longTasks"], parse_duration(refresh), seconds)


def figures(
    frames: list[dict[str, float]], long_tasks: list[float], refresh_s: float, seconds: float
) -> dict[str, Any]:
    """What the stamps say; all are milliseconds since the epoch."""
    newest, arrives, appears, painted = (
        np.array([frame[name] for frame in frames]) for name in ("newest", "arrives", "appears", "painted")
    )
    due = arrives // (1000 * refresh_s) * 1000 * refresh_s
    # One event a millisecond, each first shown by the frame that reaches its time.
    waits = [
        shown - np.arange(before + 1, reached + 1)
        for (before, reached), shown in zip(pairwise(newest), painted[1:], strict=True)
    ]
    return {
        "frames_per_s": round(len(frames) / seconds, 2),
        "frame_gap_ms_max": round(float(np.diff(appears).max())),
        **percentiles("newest_appears_ms", appears - newest),
        **percentiles("newest_painted_ms", painted - newest),
        **percentiles("event_painted_ms", np.concatenate(waits)),
        "tick_ms": round(float(np.median(due - newest)), 1),
        "server_ms": round(float(np.median(arrives - due)), 1),
        "browser_ms": round(float(np.median(appears - arrives)), 1),
        "paint_ms": round(float(np.median(painted - appears)), 1),
        "long_tasks_per_s": round(len(long_tasks) / seconds, 2),
        "long_task_ms_max": round(max(long_tasks, default=0.0)),
        "measured_s": seconds,
    }


def percentiles(name: str, values: Any) -> dict[str, float]:
    """The median and the 95th percentile."""
    return {f"{name}_p{q}": round(float(np.percentile(values, q)), 1) for q in (50, 95)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--refresh", default="0.1s,1s", help="each measured on a fresh server")
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    for refresh in options.refresh.split(","):
        print(json.dumps({"benchmark": "latency", "refresh": refresh, **measure(refresh, options.seconds)}), flush=True)


if __name__ == "__main__":
    main()
