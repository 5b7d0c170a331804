"""Time zones that depend on the image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject

# tzdata's file `backward`, which distributions ship apart (tzdata-legacy) and small images leave out.
_LEGACY: Final = re.compile(r"(?:US|Canada|Brazil|Chile|Mexico)/.*|(?!UTC$|GMT$)[^/]+|Asia/Calcutta|Asia/Saigon")


def _run(subject: Subject) -> Iterator[Hit]:
    for index, named in enumerate(subject.config.time_intervals):
        for at, interval in enumerate(named.intervals):
            zone = interval.location
            place = ("time_intervals", index, "time_intervals", at, "location")
            if zone == "Local":
                yield Hit(
                    place, f"the interval {named.name} is in the pod's own zone, which is UTC in most images", zone
                )
            elif zone and _LEGACY.fullmatch(zone):
                yield Hit(place, f"the interval {named.name} is in {zone}, an old name that small images do not have")


CHECK = check(
    _run,
    id="AP106",
    name="zone-missing-in-pod",
    severity="warning",
    summary="A time zone means what the pod's image makes of it, or may be missing there.",
    why="Alertmanager does not start with a zone that it cannot load, and `Local` follows the image, not the people.",
    mend="use the zone's current name, AREA/CITY, such as America/New_York or Asia/Seoul",
)
