"""From event to screen in a real browser: `python -m benchmarks.latency --refresh 0.1s,1s`.

The standard board in Chromium, and a simulated feed whose events carry the instant at which they happen. A script in the page
stamps each frame with the page's clock, which is the feed's too: when its first and its last message arrive, when the page's pulse
tells its number (`appears`), when the lines of its time series are redrawn, and when the animation frame that shows both has
been drawn (`painted`).

    newest_*   the age of the newest event of each frame: how old what is shown is at its best
    event_*    the age at which an event is first shown, over events that come evenly: it adds the wait for the next frame

The rest says where the newest event's time goes, each at its median: `tick` is its age when its frame is due; `frame` is from
then to the arrival of the frame's first message, `messages` to that of its last one, `browser` until the frame appears, `chart` until
its lines are redrawn, too (negative where they come first), and `paint` from the later of these two until both are painted.
"""

import argparse
import json
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.browser import open_tab
from sources.durations import parse_duration
from tests.browser.running_app import running_app

Stamps = npt.NDArray[np.float64]

PROBE = """(() => {
    const probe = window.probe = {frames: [], charts: [], longTasks: []};
    const read = text => text.match(/newest event (\\S+Z) · events \\d+ · frame (\\d+)/);
    const whenPainted = done => requestAnimationFrame(() => {
        const {port1, port2} = new MessageChannel();  // its message comes after this animation frame was laid out and painted
        port1.onmessage = () => done(Date.now());
        port2.postMessage(null);
    });

    let first = null;
    const arrivals = new Map();
    window.WebSocket = class extends WebSocket {
        constructor(...address) {
            super(...address);
            this.addEventListener('message', ({data}) => {
                first ??= Date.now();
                if (data.byteLength > 1000) return;  // the pulse is short, and what is long shall cost nothing here
                const pulse = read(new TextDecoder().decode(data));
                if (!pulse) return;
                arrivals.set(pulse[2], {first, last: Date.now()});
                first = null;
            });
        }
    };

    let shown = '';
    const seePulse = appears => {
        const pulse = read(document.querySelector('.st-key-pulse')?.textContent ?? '');
        if (!pulse || pulse[2] === shown) return;
        shown = pulse[2];
        const frame = {newest: Date.parse(pulse[1]), ...arrivals.get(shown), appears};
        arrivals.clear();
        whenPainted(painted => probe.frames.push({...frame, painted}));
    };
    new MutationObserver(changes => {
        const now = Date.now();
        seePulse(now);
        if (changes.some(({type, target}) => type === 'attributes' && target.closest('.st-key-panel-series .mark-line')))
            whenPainted(painted => probe.charts.push({redrawn: now, painted}));
    }).observe(document, {childList: true, subtree: true, characterData: true, attributeFilter: ['d']});

    new PerformanceObserver(list => probe.longTasks.push(...list.getEntries().map(each => each.duration)))
        .observe({type: 'longtask'});
})()"""

START = "() => { for (const stamps of Object.values(window.probe)) stamps.length = 0; }"


def measure(refresh: str, seconds: float) -> dict[str, Any]:
    """Figures of `seconds` at one refresh."""
    with running_app() as app, open_tab(app, {"refresh": refresh}, PROBE) as page:
        page.evaluate(START)
        page.wait_for_timeout(1000 * seconds)
        seen = page.evaluate("() => window.probe")
    return figures(seen, parse_duration(refresh), seconds)


def figures(seen: dict[str, Any], refresh_s: float, seconds: float) -> dict[str, Any]:
    """What the probe's stamps say, milliseconds since the epoch all of them."""
    charts = {name: np.array([chart[name] for chart in seen["charts"]]) for name in ("redrawn", "painted")}
    # A chart may be redrawn before or after the pulse is: a frame's is the first one redrawn since its messages came.
    frames = [frame for frame in seen["frames"] if frame["first"] <= charts["redrawn"][-1]]
    newest, first, last, appears, painted = (
        np.array([frame[name] for frame in frames]) for name in ("newest", "first", "last", "appears", "painted")
    )
    chart = np.searchsorted(charts["redrawn"], first)
    redrawn = charts["redrawn"][chart]
    painted = np.maximum(painted, charts["painted"][chart])
    due = first // (1000 * refresh_s) * 1000 * refresh_s
    return {
        "frames_per_s": round(len(frames) / seconds, 2),
        "frame_gap_ms_max": round(float(np.diff(appears).max())),
        **percentiles("newest_appears_ms", appears - newest),
        **percentiles("newest_painted_ms", painted - newest),
        **percentiles("event_appears_ms", first_shown(newest, appears)),
        **percentiles("event_painted_ms", first_shown(newest, painted)),
        "tick_ms_p50": median(due - newest),
        "frame_ms_p50": median(first - due),
        "messages_ms_p50": median(last - first),
        "browser_ms_p50": median(appears - last),
        "chart_ms_p50": median(redrawn - appears),
        "paint_ms_p50": median(painted - np.maximum(appears, redrawn)),
        "long_tasks_per_s": round(len(seen["longTasks"]) / seconds, 2),
        "long_task_ms_max": round(max(seen["longTasks"], default=0.0)),
        "measured_s": seconds,
    }


def first_shown(newest: Stamps, shown: Stamps) -> Stamps:
    """The ages at which events are first shown, one event a millisecond: each by the frame that reaches its time."""
    frames = zip(pairwise(newest), shown[1:], strict=True)
    return np.concatenate([at - np.arange(before + 1, reached + 1) for (before, reached), at in frames])


def median(values: Stamps) -> float:
    """To a tenth of a millisecond."""
    return round(float(np.median(values)), 1)


def percentiles(name: str, values: Stamps) -> dict[str, float]:
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
