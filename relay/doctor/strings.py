"""Every sentence of the doctor's."""

from __future__ import annotations

GRADES = {"ok": "ok     ", "warning": "look   ", "wrong": "WRONG  ", "unknown": "unknown"}
CLOCK_BELIEVED = "From its next start the relay goes by this machine's clock."
DOCTOR_LINE = "{grade} {subject}: {sentence}"

DOCTOR = {
    "clock_plausible": "later than all that this relay has written",
    "clock_early": "this machine lives before Aside was made; set its clock and keep it by NTP",
    "clock_behind": (
        "{hours} {hours:hour|hours} behind what this relay has already written; set the clock and"
        " keep it by NTP"
    ),
    "clock_disbelieved": (
        "{hours} {hours:hour|hours} behind what the relay wrote down, though not behind its files:"
        " it once ran with a clock that was ahead and goes by that, so invitations made since count"
        " as too old; if the clock is right now, stop the relay and say so: aside-relay doctor DIR"
        " --believe-clock"
    ),
    "clock_kept": "the system keeps it right",
    "clock_alone": (
        "nothing keeps it right; turn on NTP: systemctl enable --now systemd-timesyncd"
    ),
    "clock_unknown": "this system does not tell whether anything keeps it right; see that NTP runs",
    "disk_free": "{free} free",
    "disk_little": "only {free} free; make room, or members will soon be asked to wait",
    "disk_full": (
        "only {free} free, {min_free} are kept for deletes: nothing new is taken; make room"
    ),
    "disk_memory": (
        "the folder lies in memory ({filesystem}) and is gone with the next start; put it on a disk"
    ),
    "disk_far": (
        "the folder lies on another machine's disk ({filesystem}), where neither locks nor fsync"
        " can be trusted; put it on a disk of this machine"
    ),
    "disk_overlay": (
        "the folder lies in a container's own layer and may go with it; put it on a volume"
    ),
    "fsync_honest": "{median_us} µs for a write (1 in 100 takes over {p99_us} µs)",
    "fsync_lies": (
        "{median_us} µs for a write: no disk is so fast, something answers before it is there and"
        " a power cut loses what was promised; look for eatmydata, a write cache without a battery,"
        " or a virtual disk that ignores flushes"
    ),
    "fsync_slow": (
        "{median_us} µs for a write: everybody waits for this disk; a faster one would help"
    ),
    "fsync_fails": "the folder cannot be written; look at its owner and at the disk",
    "not_running": "the relay is not running; {host}:{port} is free; start it with serve",
    "port_taken": (
        "{host}:{port} cannot be had: another program has it, or no such address is here; change"
        " relay.listen or stop the other one"
    ),
    "port_forbidden": (
        "this user may not listen on port {port}; take one above 1023 or give the service"
        " CAP_NET_BIND_SERVICE"
    ),
    "here_reached": "{host}:{port} answers and proves to be this relay",
    "here_silent": "nobody answers on {host}:{port} although the relay runs; see its log",
    "here_strange": "what answers on {host}:{port} is no relay; see relay.listen",
    "here_other": (
        "what answers on {host}:{port} is another relay, or shows another certificate; start this"
        " one again"
    ),
    "public_reached": "{host}:{port} leads here from this machine, certificate and key are right",
    "public_silent": (
        "{host}:{port} does not answer from here; some routers lead nobody back to their own"
        " network, so try from elsewhere, then look at firewall and port forwarding"
    ),
    "public_strange": (
        "what answers at {host}:{port} is no relay; a proxy must pass WebSockets on, and the name"
        " must lead here"
    ),
    "public_other": (
        "what answers at {host}:{port} is another relay or shows another certificate; members would"
        " refuse it. See where the name leads"
    ),
    "public_loopback": (
        "{host} is this machine only; for others set relay.public_url and relay.listen"
    ),
    "public_private": (
        "{host} is an address of a private network; members elsewhere need another one in"
        " relay.public_url"
    ),
    "public_unknown": (
        "no name server knows {host}; set relay.public_url to a name or address that others know"
    ),
    "certificate_good": "good for {days} more {days:day|days}",
    "certificate_soon": "ends in {days} {days:day|days}; renew it",
    "certificate_expired": (
        "its time is over; renew it, or make one of its own: aside-relay rotate DIR --certificate"
    ),
    "certificate_early": "its time has not come; look at the clock and at the certificate",
    "certificate_unfit": (
        "does not name {host}; desktops do not mind, since the relay's key signs for it, but"
        " browsers and proxies do"
    ),
    "certificate_bad": "{path} or its key is missing or damaged; see tls.certificate and tls.key",
    "certificate_mismatched": "the key in tls.key does not belong to {path}",
    "certificate_none": "none: plain WebSocket, which is for this machine or a proxy on it",
    "versions": "aside {aside}, Python {python}, SQLite {sqlite}, {openssl}",
    "versions_unsound": "SQLite {sqlite} may lose data; install sqlcipher3 with {sound} or newer",
    "files_enough": "enough for {connections} {connections:connection|connections}",
    "files_few": (
        "the system allows {files}, limits.connections is {connections}; raise LimitNOFILE of the"
        " service or lower the setting"
    ),
    "secrets_closed": "keys and store are for this user only",
    "secrets_open": "others on this machine may read {names}; run chmod 600 on them",
    "secrets_unreadable": (
        "{path} is missing or damaged, and without it the relay does not start; see all of it with:"
        " aside-relay check {folder}"
    ),
    "store_sound": "no damage in what was looked at",
    "store_unreadable": (
        "it cannot be read, and so the relay does not start; see what is left with: aside-relay"
        " check {folder}"
    ),
    "moved": "this folder was moved away and is not served; if that was given up: move --undo",
}
