"""What a person sees of the roster: duties, calendar address, wishes."""
