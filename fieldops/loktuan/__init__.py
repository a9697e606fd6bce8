"""LOKTUAN: a mobile passport trip from the request to the signed report."""
