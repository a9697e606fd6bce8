"""Files that belong to something: letters of request, photos of a trip."""
