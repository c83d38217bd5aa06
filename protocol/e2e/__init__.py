"""What only desktops may read. A relay may never import this package."""
