"""What the names and the texts of fields say: words, units, numbers, and when an event happened."""
