"""The machine's own port: health, readiness, metrics."""
