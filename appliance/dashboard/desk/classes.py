"""What there is to find, by the taxonomy of the rulebook in force, for whoever names what they see."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from appliance.dashboard.house import House, answer
from appliance.rules.taxonomy import ItemClass
from appliance.scan import LANGUAGES


@get("/api/v1/classes", opt={"scope": "read"})
async def list_classes(house: NamedDependency[House]) -> Response[bytes]:
    """All classes with their names in every language."""
    return await asyncio.to_thread(lambda: answer([_told(item) for item in house.rulebooks.told().taxonomy.items]))


def _told(item: ItemClass) -> dict[str, Any]:
    return {
        "id": item.id,
        "category": item.category,
        "standing": item.standing,
        "names": {language: item.names.get(language, ()) for language in LANGUAGES},
    }
