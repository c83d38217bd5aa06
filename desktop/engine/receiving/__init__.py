"""From delivered bytes to a row, its receipt, and what is missing before it."""
