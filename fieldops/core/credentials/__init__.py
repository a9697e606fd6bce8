"""What proves who somebody is: passwords, one-time codes, recovery codes. Knows people only by their id."""
