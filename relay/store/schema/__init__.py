"""The store's shape: numbered steps, each of which leads from the version before it."""
