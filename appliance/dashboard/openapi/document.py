"""The routes described for tools: one OpenAPI document, written by hand and held against the routes by a test."""

from __future__ import annotations

from typing import Any

from appliance.dashboard.asked import FILTERS
from appliance.dashboard.openapi.administering import of_administering
from appliance.dashboard.openapi.counting import of_counting
from appliance.dashboard.openapi.desk import of_desk
from appliance.dashboard.openapi.people import of_people
from appliance.dashboard.openapi.scans import page, whole
from appliance.dashboard.openapi.supervising import of_supervising
from appliance.dashboard.openapi.words import JSON as _JSON
from appliance.dashboard.openapi.words import SCHEMES
from appliance.dashboard.openapi.words import ok_of as _ok
from appliance.dashboard.openapi.words import operation_of as _operation
from appliance.dashboard.openapi.words import parameter as _parameter
from appliance.scan import DeclaredItem, Verdict

_IDENTITY = {
    "name": "scan_id",
    "in": "path",
    "required": True,
    "description": "Percent-encoded; may hold any character.",
    "schema": {"type": "string"},
}
_REVISION = {
    "name": "revision",
    "in": "query",
    "description": "The newest unless given.",
    "schema": {"type": "integer", "minimum": 1},
}
_SHEET: dict[str, Any] = {
    "scan_id": {"type": "string", "maxLength": 200},
    "lane": {"type": "string", "maxLength": 100},
    "scanned_at": {"type": "string", "format": "date-time"},
    "declared_items": {"type": "array", "items": {"type": "string", "maxLength": 500}},
    "declaration": {"type": "array", "items": DeclaredItem.model_json_schema()},
    "context": {"type": "object"},
}


def describe(version: str) -> dict[str, Any]:
    """The whole document."""
    verdict = Verdict.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    parts = verdict.pop("$defs", {})
    return {
        "openapi": "3.1.0",
        "info": {"title": "Lanewatch", "version": version or "unknown"},
        "security": [{"token": []}],
        "paths": {
            **_ways_in(),
            **_ways_out(),
            **_probes(),
            **of_people(),
            **of_desk(),
            **of_supervising(),
            **of_administering(),
            **of_counting(),
        },
        "components": {
            "securitySchemes": SCHEMES,
            "schemas": {**parts, "Verdict": verdict, "Problem": _problem()},
        },
    }


def _ways_in() -> dict[str, Any]:
    inspect = {
        "type": "object",
        "required": ["image_base64"],
        "properties": {
            **_SHEET,
            "image_base64": {"type": "string", "contentEncoding": "base64"},
            "mode": {"type": "string", "enum": ["vqa"], "default": "vqa"},
        },
    }
    form = {
        "type": "object",
        "properties": {"sheet": {"type": "object", "properties": _SHEET}},
        "additionalProperties": {"type": "string", "contentMediaType": "application/octet-stream"},
        "minProperties": 1,
    }
    kept = {
        "type": "object",
        "properties": {
            "scan_id": {"type": "string"},
            "revision": {"type": "integer"},
            "address": {"type": "string"},
        },
    }
    bad = ("400", "401", "403", "408", "413", "415", "422", "503")
    return {
        "/api/v1/inspect": {
            "post": _operation(
                "Judge one picture and answer with its verdict",
                "inspect",
                {"200": _ok(_JSON, {"$ref": "#/components/schemas/Verdict"})},
                (*bad, "504", "507"),
                body={_JSON: {"schema": inspect}},
            )
        },
        "/api/v1/scans": {
            "post": _operation(
                "Keep a scan of one or more views, each a file part named by its view; answers once it is safe",
                "inspect",
                {"202": _ok(_JSON, kept)},
                (*bad, "507"),
                body={"multipart/form-data": {"schema": form}},
            ),
            "get": _operation(
                "List scans, newest first; follow the address in next for older ones. q: words that all stand in it;"
                " a page may then be short, and reached says how far back was looked",
                "read",
                {
                    "200": {
                        "description": "Done.",
                        "content": {_JSON: {"schema": page()}, "text/csv": {}, "application/x-ndjson": {}},
                    }
                },
                ("400", "401", "403", "503"),
                parameters=[
                    *(_parameter(name) for name in FILTERS),
                    _parameter("cursor", "integer"),
                    _parameter("limit", "integer"),
                    _parameter("format", words=("json", "csv", "jsonl")),
                ],
            ),
        },
    }


def _ways_out() -> dict[str, Any]:
    bad = ("400", "401", "403", "404", "503")
    number = {"name": "n", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
    return {
        "/api/v1/scans/{scan_id}": {
            "get": _operation(
                "One scan: its state, its verdicts, what officers said of it, and earlier scans of the same consignee",
                "read",
                {"200": _ok(_JSON, whole())},
                bad,
                parameters=[_IDENTITY, _REVISION],
            )
        },
        "/api/v1/scans/{scan_id}/views/{n}.png": {
            "get": _operation(
                "A clean picture of a scan",
                "read",
                {"200": _ok("image/png", {"type": "string", "contentMediaType": "image/png"})},
                bad,
                parameters=[_IDENTITY, number, _REVISION],
            )
        },
        "/api/v1/events": {
            "get": _operation(
                "Follow what happens (received, verdict, review) as server-sent events; resume with Last-Event-ID."
                " Who looks at which scan (looking), and what the detector alone sees in one that is being judged"
                " (glimpse), is told besides, without an id",
                "read",
                {"200": _ok("text/event-stream", {"type": "string"})},
                ("400", "401", "403", "503"),
                parameters=[
                    _parameter("after", "integer"),
                    {"name": "Last-Event-ID", "in": "header", "schema": {"type": "integer"}},
                ],
            )
        },
    }


def _probes() -> dict[str, Any]:
    unready: dict[str, Any] = {"503": {"description": "No.", "content": {_JSON: {}}}}
    return {
        "/healthz": _probe("Is the box alive"),
        "/readyz": _probe("Would a scan be judged now, and if not, why", more=unready),
        "/version": _probe("What runs here"),
        "/metrics": _probe(
            "Everything counted, for Prometheus; on this machine no token is needed", "read", "text/plain"
        ),
        "/docs": _probe("These routes, for people", "read", "text/html"),
        "/docs/openapi.json": _probe("These routes, for tools", "read"),
    }


def _probe(summary: str, scope: str = "", kind: str = _JSON, more: dict[str, Any] | None = None) -> dict[str, Any]:
    yes: dict[str, Any] = {"200": {"description": "Yes.", "content": {kind: {}}}}
    return {"get": _operation(summary, scope, {**yes, **(more or {})}, ("401", "403") if scope else ())}


def _problem() -> dict[str, Any]:
    texts = ("type", "title", "detail", "hint", "request_id")
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "request_id"],
        "properties": {"status": {"type": "integer"}, **{name: {"type": "string"} for name in texts}},
    }
