"""Is the box alive, would it judge a scan now, what is it, and what did it count."""

from __future__ import annotations

import asyncio

from litestar import Response, get
from litestar.di import NamedDependency

from appliance.dashboard.access.keys import OPEN
from appliance.dashboard.house import House, answer


@get("/healthz", opt={"scope": OPEN})
async def alive() -> Response[bytes]:
    """The process answers."""
    return answer({"alive": True})


@get("/readyz", opt={"scope": OPEN})
async def ready(house: NamedDependency[House]) -> Response[bytes]:
    """Would a scan be judged now, and if not, why."""
    reasons = house.health.ready()
    return answer({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)


@get("/version", opt={"scope": OPEN})
async def version(house: NamedDependency[House]) -> Response[bytes]:
    """What runs here."""
    return answer(house.health.version())


@get("/metrics", opt={"scope": "read", "open_nearby": True})
async def metrics(house: NamedDependency[House]) -> Response[bytes]:
    """Everything counted, for Prometheus."""
    text = await asyncio.to_thread(house.health.metrics)
    return Response(text, media_type="text/plain; version=0.0.4")  # the framework adds the charset
