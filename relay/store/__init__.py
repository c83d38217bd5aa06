"""What a relay keeps on disk: one SQLite file, one committing thread, a reader beside it."""
