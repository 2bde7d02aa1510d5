"""How messages are read: one small file a format, each from the bytes of one message to its rows."""
