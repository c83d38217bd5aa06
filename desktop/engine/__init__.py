"""The engine: trio, connections, sending and receiving. It has no face and never imports Qt."""
