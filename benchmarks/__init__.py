"""How fast it is, measured against the same networks written by hand on the bare engines."""
