"""The plan (RO rows, targets, indicators) and the append-only output ledger."""
