"""The writes about vehicles and kit: `holding` promises them, `things` keeps the lists, `workshop` and `odometer`."""

from fieldops.core.fleet.service.holding import hold
from fieldops.core.fleet.service.odometer import put_aside_readings, put_reading
from fieldops.core.fleet.service.things import (
    add_item,
    add_vehicle,
    change_item,
    change_vehicle,
    set_active,
)
from fieldops.core.fleet.service.workshop import end_outage, put_outage

__all__ = [
    "add_item",
    "add_vehicle",
    "change_item",
    "change_vehicle",
    "end_outage",
    "hold",
    "put_aside_readings",
    "put_outage",
    "put_reading",
    "set_active",
]
