"""Distances and a schematic map from approximate points: no roads, no tiles, nothing from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0


@dataclass(frozen=True)
class Point:
    """Degrees, north and east positive."""

    latitude: float
    longitude: float


def distance_km(one: Point, other: Point) -> int:
    """The straight line over the earth's surface in whole kilometres; the road is longer."""
    north, east = radians(other.latitude - one.latitude), radians(other.longitude - one.longitude)
    half = sin(north / 2) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(east / 2) ** 2
    return round(2 * EARTH_KM * asin(sqrt(half)))


@dataclass(frozen=True)
class Frame:
    """How degrees become places on a picture of `width` × `height` units, north up, with `margin` on all sides."""

    west: float
    north: float
    scale: float
    width: int
    height: int
    margin: int

    def place(self, point: Point) -> tuple[int, int]:
        """Where a point is: x and y, from the upper left."""
        x = self.margin + (point.longitude - self.west) * self.scale
        y = self.margin + (self.north - point.latitude) * self.scale
        return round(x), round(y)


def frame(points: Sequence[Point], *, width: int, margin: int) -> Frame:
    """A frame that holds all points. Near the equator a degree is as long east as north, so one scale serves both."""
    west, east = min(one.longitude for one in points), max(one.longitude for one in points)
    south, north = min(one.latitude for one in points), max(one.latitude for one in points)
    scale = (width - 2 * margin) / max(east - west, 0.1)
    return Frame(west, north, scale, width, round((north - south) * scale) + 2 * margin, margin)


def apart(places: Sequence[tuple[int, int]], distance: int) -> list[tuple[int, int]]:
    """The same places, moved so that no two are nearer than `distance`: a schema may lie a little. Of two that are too
    near both give way, along the line between them; whoever lies on the same spot goes to the east."""
    found = [(float(x), float(y)) for x, y in places]
    for _ in range(200):
        near = [(n, m) for n in range(len(found)) for m in range(n) if _gap(found[n], found[m]) < distance]
        if not near:
            break
        for n, m in near:
            (x, y), (other_x, other_y), gap = found[n], found[m], _gap(found[n], found[m])
            east, south = ((x - other_x) / gap, (y - other_y) / gap) if gap else (1.0, 0.0)
            push = max(0.0, (distance - gap) / 2 + 0.25)
            found[n] = (x + east * push, y + south * push)
            found[m] = (other_x - east * push, other_y - south * push)
    return [(round(x), round(y)) for x, y in found]


def _gap(one: tuple[float, float], other: tuple[float, float]) -> float:
    return sqrt((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2)
