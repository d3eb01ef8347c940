"""What the counts of the ways in mean, as figures for Prometheus.

Takes the counts of one source, gives figures. What only grows is called `_total`;
the rest is how it is now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from appliance.operations.metrics import Figure

FOLDER = {
    "present": ("present", "1 while the folder is there."),
    "watching": ("watching", "1 while the folder tells of changes; 0 when it is only listed."),
    "seen": ("pictures", "Pictures in the folder now."),
    "waiting": ("pictures_waiting", "Pictures in the folder that are not taken yet."),
    "ignored": ("other_files", "Files in the folder that are no pictures, sidecars or markers."),
    "refused": ("refused_files", "Links, devices and the like in the folder now."),
    "unreadable": ("unreadable_folders", "Folders in it that cannot be listed."),
    "taken": ("taken_total", "Scans handed over since the start."),
    "quarantined": ("quarantined_total", "Of the scans taken: those put in quarantine."),
}
DOOR = {
    "accepted": ("accepted_total", "Scans accepted since the start."),
    "repeated": ("repeated_total", "Of the accepted: those that had been received before."),
    "refused": ("refused_total", "What was sent and not accepted since the start."),
    "too_fast": ("too_fast_total", "Of the refused: those above messages_per_second."),
    "failed": ("failed_total", "Of the refused: those in order that could not be taken."),
    "strangers": ("strangers_total", "Connections that were not let in."),
    "verdicts": ("verdicts_sent_total", "Verdicts sent to clients."),
    "undelivered": ("undelivered_total", "Replies and verdicts whose client was gone or did not read."),
    "reopened": ("reopened_total", "How often the memory was full and all senders were disconnected."),
    "in_hand": ("in_hand", "Messages being worked on now."),
    "gaps": ("gaps_total", "Gaps in the senders' numbering."),
    "missing": ("missing_messages_total", "Messages missing in those gaps."),
    "restarts": ("restarts_total", "How often a sender began to number anew."),
    "unnumbered": ("unnumbered_total", "Messages without a number where one is expected."),
    "connections": ("connections", "Connections open now."),
}


def figures_of(source: str, counts: Mapping[str, Any]) -> Iterator[Figure]:
    """The figures of one source; what is no number is left to `lanewatch status`."""
    names = FOLDER if "listed_at" in counts else DOOR
    for key, (name, meaning) in names.items():
        if key in counts:
            yield Figure(f"source_{name}", meaning, counts[key], {"source": source})
