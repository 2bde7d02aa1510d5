"""How messages are read: one small file a format."""
