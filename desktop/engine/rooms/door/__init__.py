"""Coming to a room: by its link, or by opening one."""
