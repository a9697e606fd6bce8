"""FieldOps: the field operations of one small Indonesian immigration office."""

VERSION = "2026.11"
