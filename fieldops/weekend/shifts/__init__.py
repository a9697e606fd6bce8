"""Weekend shifts: how many people a programme needs, and the roster that fills them."""
