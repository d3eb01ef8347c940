"""`lanewatch run`: the daemon."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

from cyclopts import Parameter

from appliance.commands.common import DEFAULT_CONFIG, Config


def run(
    *,
    config: Config = DEFAULT_CONFIG,
    with_engine: Annotated[
        bool, Parameter(negative="", help="Start the engine as a child of this process: for laptops and tests.")
    ] = False,
) -> None:
    """Run the box until it is told to stop."""
    import asyncio

    from appliance import daemon
    from appliance.config import read_settings
    from appliance.journal import open_journal

    settings = read_settings(config)
    open_journal()

    async def live() -> NoReturn:
        code = 0
        try:
            await daemon.run(settings, with_engine=with_engine)
        except (Exception, BaseExceptionGroup) as problem:  # noqa: BLE001 - the last one who can tell the operator
            daemon.log.error("ended", problem=daemon.explain(problem), exc_info=not daemon.is_foreseen(problem))
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # all is closed; a thread that hangs on somebody's share must not hold up the end

    asyncio.run(live())
