"""Drawing letters and papers as PDF. Importing these modules loads reportlab: do it in the view that prints."""
