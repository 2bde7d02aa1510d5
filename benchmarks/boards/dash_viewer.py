"""A tab on a Dash app without a browser."""

import asyncio
from typing import Any

from aiohttp import ClientSession, ClientTimeout

from benchmarks.viewers import OPEN_S, Tab


class DashViewer(Tab):
    """One tab on the app at `url`, which has one callback on one Interval.

    A reply that takes longer than the interval is waited for. The page would ask meanwhile and throw the late reply away,
    so this is to Dash's advantage.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    async def watch(self) -> None:
        """Load the page and ask for updates until cancelled. Raises an aiohttp.ClientError if the server does not answer."""
        async with ClientSession(self._url, raise_for_status=True, timeout=ClientTimeout(OPEN_S)) as session:
            await (await session.get("/")).read()
            layout = await (await session.get("/_dash-layout")).json()
            [callback] = await (await session.get("/_dash-dependencies")).json()
            [trigger] = callback["inputs"]
            interval_s = _interval_ms(layout) / 1000
            loop = asyncio.get_running_loop()
            due, intervals = loop.time(), 0
            while True:
                await self._ask(session, callback, trigger | {"value": intervals})
                intervals += 1
                due = max(due + interval_s, loop.time())
                await asyncio.sleep(due - loop.time())

    async def _ask(self, session: ClientSession, callback: dict[str, Any], trigger: dict[str, Any]) -> None:
        changed = f"{trigger['id']}.{trigger['property']}"
        outputs = [output.rsplit(".", 1) for output in callback["output"].strip(".").split("...")]
        question = {
            "output": callback["output"],
            "outputs": [{"id": place, "property": name} for place, name in outputs],
            "inputs": [trigger],
            "changedPropIds": [changed],
            "parsedChangedPropsIds": [changed],
        }
        async with session.post("/_dash-update-component", json=question) as reply:
            self.received.bytes += len(await reply.read())
        self.received.messages += 1
        self.complete()


def _interval_ms(layout: Any) -> int:
    """How often the layout's Interval asks."""
    [interval] = [each["props"] for each in layout["props"]["children"] if each["type"] == "Interval"]
    return int(interval["interval"])
