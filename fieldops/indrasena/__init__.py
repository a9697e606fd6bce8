"""INDRASENA, service-linked supervision: not built yet; it will follow `fieldops.core.agenda`."""
