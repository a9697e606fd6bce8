"""The writes of booking. `pages` opens sessions and seats, `holds` claims them, `tickets` confirms, moves and
cancels, `desk` is what officers do, `contacts` reads whom to call, `upkeep` sweeps and erases. Locks always in the
order session(s) by id, booking, applicant; seats are locked through their session."""
