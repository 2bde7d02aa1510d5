"""Where events come from. Each source ends in the small protocol of `sources.protocol`."""
