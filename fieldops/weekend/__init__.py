"""PERSARI (Saturday) and BONTANG ON SEVEN (Saturday and Sunday): weekend service days, from template to counts."""
