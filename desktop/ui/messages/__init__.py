"""The message view: a window of rows over a conversation, made for a thousand rows a second."""
