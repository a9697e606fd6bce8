"""Staff: who may do what, one-time sign-in links, sessions that can be ended."""
