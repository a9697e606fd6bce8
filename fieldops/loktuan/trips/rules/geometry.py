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
