"""Public holidays and cuti bersama, each with its source."""
