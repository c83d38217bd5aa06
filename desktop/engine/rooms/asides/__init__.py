"""Taken aside: letters between seats, requests, bridge cards, and the way to a conversation."""
