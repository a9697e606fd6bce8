"""LOKTUAN, mobile passport trips: not built yet; the booking engine it will use is `fieldops.core.booking`."""
