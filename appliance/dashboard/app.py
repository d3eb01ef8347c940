"""The HTTP side as one room of the house: READ THIS FIRST.

Takes the rooms it works with, opens two doors (the network's and the box's own)
and serves them until cancelled. Each route stands in its module; each names the
scope it needs, and one that names none is shut.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from litestar import Litestar
from litestar.di import Provide

from appliance.dashboard import inbound, live, pages, probes
from appliance.dashboard.access.keys import Keyring
from appliance.dashboard.access.refusals import Refusals
from appliance.dashboard.administering import box, fill, record
from appliance.dashboard.chains import Chains
from appliance.dashboard.control.door import control_app
from appliance.dashboard.counting import shift, statistics
from appliance.dashboard.desk import classes, queue, reviews, scans
from appliance.dashboard.doors import DashboardCounts, Health
from appliance.dashboard.house import House
from appliance.dashboard.news import News
from appliance.dashboard.people import accounts, deeds, machines, own, second_factor, signing
from appliance.dashboard.people.first import invite_first
from appliance.dashboard.problems import answer_problem
from appliance.dashboard.server import address_of_listener, join_journal, listen, listen_unix, server_for
from appliance.dashboard.shell import App, Shell
from appliance.dashboard.supervising import backtesting, changing, overriding, shown
from appliance.dashboard.supervising.bench import Bench
from appliance.dashboard.tls import context_of
from appliance.glimpses import Glimpses
from appliance.ports import Reception
from appliance.rulebooks import Rulebooks
from appliance.settings import Dashboard as DashboardSettings
from appliance.store.database import Store

ROUTES: tuple[Any, ...] = (
    inbound.inspect,
    inbound.keep_scan,
    scans.list_scans,
    scans.look_below,
    queue.list_queue,
    queue.look,
    reviews.add_review,
    reviews.undo_review,
    reviews.add_outcome,
    classes.list_classes,
    statistics.statistics,
    shift.report,
    live.follow_events,
    probes.alive,
    probes.ready,
    probes.version,
    probes.metrics,
    signing.me,
    signing.remember,
    signing.sign_in,
    signing.use_code,
    signing.sign_out,
    signing.change_password,
    signing.here,
    second_factor.begin_factor,
    second_factor.confirm_factor,
    second_factor.end_factor,
    accounts.list_people,
    accounts.add_person,
    accounts.new_code,
    accounts.disable_person,
    accounts.list_sessions,
    accounts.end_sessions,
    machines.list_tokens,
    machines.add_token,
    machines.revoke_token,
    own.list_own,
    own.end_others,
    deeds.list_deeds,
    shown.show_rules,
    shown.show_texts,
    changing.check_rules,
    changing.activate_rules,
    changing.roll_rules_back,
    changing.switch_rules_level,
    backtesting.show_backtest,
    backtesting.begin_backtest,
    backtesting.cancel_backtest,
    overriding.list_overrides,
    pages.desk,
    pages.older,
    pages.rules,
    pages.supervision,
    box.look,
    fill.count,
    record.tell_chains,
    record.walk_chains,
    record.take_evidence,
    pages.account,
    pages.people,
    pages.box,
    pages.record,
    pages.statistics,
    pages.shift,
    pages.static,
    pages.docs,
    pages.manual,
    pages.licences,
    pages.openapi,
)


def web_app(house: House, bench: Bench | None = None) -> Litestar:
    """The application behind the network's door."""
    bench = bench or Bench()
    return Litestar(
        list(ROUTES),
        dependencies={
            "house": Provide(lambda: house, sync_to_thread=False),
            "bench": Provide(lambda: bench, sync_to_thread=False),
        },
        guards=[house.keys.guard],
        exception_handlers={Exception: answer_problem},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,  # our own limits stop at the byte, not at the buffer
        debug=False,
        pdb_on_exception=False,
    )


class Dashboard:
    """The HTTP side."""

    def __init__(
        self,
        settings: DashboardSettings,
        reception: Reception,
        store: Store,
        health: Health,
        rulebooks: Rulebooks,
        glimpses: Glimpses,
    ) -> None:
        self._settings = settings
        self._store = store
        self._news = News(store, glimpses)
        keys = Keyring(store, settings)
        refusals, chains = Refusals(store), Chains(store)
        self._house = House(settings, reception, store, health, keys, self._news, rulebooks, refusals, chains)
        self._bench = Bench()
        self._web = Shell(cast("App", web_app(self._house, self._bench)))
        self._control = Shell(cast("App", control_app(store, health, rulebooks, keys)))
        self._address: asyncio.Future[str] | None = None

    async def address(self) -> str:
        """Where people reach it, as soon as it listens."""
        return await asyncio.shield(self._promise())

    def counts(self) -> DashboardCounts:
        return DashboardCounts(self._web.requests, self._web.refused, self._web.failed, self._news.streams)

    async def run(self) -> None:
        """Serve until cancelled; a stop ends open streams at once."""
        join_journal()
        path = self._store.root / "run" / "control.sock"
        tls = context_of(self._settings)
        outer = listen(self._settings.bind)
        with outer, listen_unix(path) as inner:
            servers = {server_for(self._web, tls): outer, server_for(self._control): inner}
            await invite_first(self._store)
            tail = asyncio.create_task(self._news.run())
            counting = asyncio.create_task(self._house.refusals.run())
            serving = [asyncio.create_task(server.serve([door])) for server, door in servers.items()]
            self._promise().set_result(address_of_listener(outer, "https" if tls else "http"))
            try:
                ended, _ = await asyncio.wait([tail, counting, *serving], return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    task.result()
            finally:
                self._news.stop()
                for server in servers:
                    server.should_exit = True
                tail.cancel()
                counting.cancel()
                await self._bench.cancel()
                await self._house.chains.stop()
                await asyncio.gather(tail, counting, *serving, return_exceptions=True)
                path.unlink(missing_ok=True)

    def _promise(self) -> asyncio.Future[str]:
        if self._address is None:
            self._address = asyncio.get_running_loop().create_future()
        return self._address
