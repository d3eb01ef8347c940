"""Is this file finished, and is this scan ready to be taken?

Takes files as they were last seen and the time, gives a decision: take, wait
until some time, or rest until something changes. Pure; nothing is read here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from appliance.intake.folder.grouping import Place, missing
from appliance.settings import FolderSource
from appliance.store.sightings import Look

NEVER = math.inf


@dataclass(slots=True)
class File:
    """One file of a source as it was last seen. Times are seconds of a clock that never jumps."""

    place: Place
    look: Look
    since: float
    """When it was first seen looking like this."""
    told: float | None = None
    """When the system said that its writer had closed it or renamed it into place, looking like this."""
    taken: Look | None = None
    """How it looked when it was taken as part of a scan."""
    looked: float = 0.0
    """When it was last looked at."""

    @property
    def news(self) -> bool:
        return self.taken != self.look


@dataclass(slots=True)
class Gathered:
    """All files of one scan that are there."""

    scan: bytes
    pictures: dict[bytes, File] = field(default_factory=dict[bytes, File])
    sidecars: dict[bytes, File] = field(default_factory=dict[bytes, File])
    markers: dict[bytes, File] = field(default_factory=dict[bytes, File])
    """By what they say is finished."""
    unfinished: frozenset[tuple[bytes, Look]] = frozenset()
    """Pictures that looked like this when one of them turned out to end too early."""
    not_before: float = 0.0
    """After a failure: when to try again."""

    def empty(self) -> bool:
        return not (self.pictures or self.sidecars or self.markers)

    def files(self) -> tuple[File, ...]:
        return (*self.pictures.values(), *self.sidecars.values(), *self.markers.values())


@dataclass(frozen=True, slots=True)
class Take:
    """These files are to be taken now, as one scan, if they still look like this."""

    scan: bytes
    pictures: tuple[tuple[Place, Look], ...]
    sidecars: tuple[tuple[bytes, Look, float], ...]
    """With the time when each counts as finished."""
    markers: tuple[tuple[bytes, Look], ...]
    missing: tuple[str, ...]
    accept_incomplete: bool
    """True once waiting for the end of a cut-off file was given up: it is taken as it is."""
    since: float
    """When the first of what is new was finished."""

    @property
    def oldest(self) -> tuple[int, bytes]:
        """The order of taking: by age, then by name."""
        return min(look.mtime_ns for _, look in self.pictures), self.scan

    def looks(self) -> frozenset[tuple[bytes, Look]]:
        """The pictures, to be remembered if one of them ends too early."""
        return frozenset((place.path, look) for place, look in self.pictures)


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to take before this time, unless a file changes."""

    until: float = NEVER


def finished_at(file: File, markers: dict[bytes, File], scan: bytes, settle_seconds: float) -> float:
    """When a file counts as finished, if it does not change until then. An empty file never does."""
    if file.look.size == 0:
        return NEVER
    moments = [file.since + settle_seconds]
    if file.told is not None:
        moments.append(file.told)
    stem = file.place.path.rpartition(b".")[0]
    for base in (file.place.path, stem, scan):
        marker = markers.get(base)
        if marker and marker.look.mtime_ns >= file.look.mtime_ns:  # an older one spoke of what was there before
            moments.append(max(marker.since, file.since))
    return min(moments)


def decide(group: Gathered, settings: FolderSource, now: float) -> Take | Wait:
    """Say whether a scan is to be taken now."""
    if not any(file.news for file in (*group.pictures.values(), *group.sidecars.values())):
        return Wait()
    if group.not_before > now:
        return Wait(group.not_before)
    ends = {
        path: finished_at(file, group.markers, group.scan, settings.settle_seconds)
        for path, file in group.pictures.items()
    }
    ready = tuple(file for path, file in sorted(group.pictures.items()) if ends[path] <= now)
    soonest = min((end for end in ends.values() if end > now), default=NEVER)
    if not ready:
        return Wait(soonest)
    fresh = [ends[file.place.path] for file in ready if file.news]
    lacks = missing((file.place for file in ready), settings.expected_views, settings.views)
    if fresh:
        until = _company_until(group, min(fresh), settings, whole=not lacks)
    else:  # only a sidecar is new, and a picture that is just being written may be about to be
        until = _sidecar_until(group, settings) if soonest == NEVER else NEVER
    if until > now:
        return Wait(min(until, soonest))
    take = _take(group, ready, lacks, min(fresh, default=now), settings)
    if take.looks() != group.unfinished:
        return take
    patience = max(file.since for file in ready) + settings.incomplete_seconds
    return Wait(min(patience, soonest)) if patience > now else replace(take, accept_incomplete=True)


def _take(
    group: Gathered, ready: tuple[File, ...], lacks: tuple[str, ...], since: float, settings: FolderSource
) -> Take:
    return Take(
        scan=group.scan,
        pictures=tuple((file.place, file.look) for file in ready),
        sidecars=tuple((path, file.look, sidecar_end(file, settings)) for path, file in sorted(group.sidecars.items())),
        markers=tuple((file.place.path, file.look) for file in group.markers.values()),
        missing=lacks,
        accept_incomplete=False,
        since=since,
    )


def _company_until(group: Gathered, first: float, settings: FolderSource, *, whole: bool) -> float:
    """Until when finished pictures wait for what belongs to them."""
    for_views = 0.0 if whole else settings.views_wait_seconds
    for_sidecar = 0.0 if group.sidecars else settings.sidecar_wait_seconds
    return first + max(for_views, for_sidecar)


def _sidecar_until(group: Gathered, settings: FolderSource) -> float:
    """Until when a new sidecar waits for its own end. Its pictures were taken before."""
    return max((sidecar_end(file, settings) for file in group.sidecars.values() if file.news), default=NEVER)


def sidecar_end(file: File, settings: FolderSource) -> float:
    """When a sidecar counts as finished, if it does not change until then. An empty one does, too."""
    return min(file.since + settings.settle_seconds, NEVER if file.told is None else file.told)
