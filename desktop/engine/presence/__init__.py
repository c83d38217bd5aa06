"""Who is there and who writes: told, watched, never kept."""
