"""What a person takes away from a board that stands still: files that need no Pulseboard to be opened."""
