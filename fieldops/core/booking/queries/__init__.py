"""Reads of booking: `public` for the public's pages, `desk` for officers and figures."""
