"""Blank passports by serial number: the first stone of SIMAPAN."""
