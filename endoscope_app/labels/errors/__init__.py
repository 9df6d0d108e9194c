"""Labels that every model contradicts, found and shown."""
