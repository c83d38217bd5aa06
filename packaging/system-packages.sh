#!/usr/bin/env bash
# Installs what Aside needs from the system and pip cannot bring: Qt's libraries, a virtual
# screen for tests and the demo, fonts for the world's scripts.
#
#   packaging/system-packages.sh [--bench]
#
# Silent when nothing is missing; asks for root only when something is.
set -euo pipefail

PYTHON=${PYTHON:-python3}

qt=(
    libegl1 libgl1 libglib2.0-0 libfontconfig1 libfreetype6 libdbus-1-3 libgssapi-krb5-2
    libx11-6 libx11-xcb1 libxkbcommon0 libxkbcommon-x11-0
    libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0
    libxcb-render-util0 libxcb-shape0 libxcb-shm0 libxcb-sync1 libxcb-util1 libxcb-xfixes0
    libxcb-xkb1
)
screen=(xvfb openbox xdotool dbus)
fonts=(fonts-noto-core fonts-noto-color-emoji fonts-noto-cjk)
bench=(redis-server prosody ejabberd nats-server mosquitto gcc libc6-dev libssl-dev)

wanted=("${qt[@]}" "${screen[@]}" "${fonts[@]}")
for argument in "$@"; do
    case $argument in
        --bench) wanted+=("${bench[@]}") ;;
        *) echo "usage: $0 [--bench]" >&2; exit 2 ;;
    esac
done

elsewhere() {
    # Not Debian or Ubuntu: name what is needed and let the work go on; it may all be there.
    local program missing=()
    for program in Xvfb openbox xdotool dbus-daemon; do
        command -v "$program" > /dev/null || missing+=("$program")
    done
    [ ${#missing[@]} -eq 0 ] && return
    cat >&2 <<TEXT
Not found: ${missing[*]}. This script installs packages on Debian and Ubuntu only. Elsewhere:
  Fedora: dnf install mesa-libEGL mesa-libGL fontconfig dbus-libs dbus-daemon libxkbcommon-x11 \\
            xcb-util-cursor xcb-util-wm xcb-util-image xcb-util-keysyms xcb-util-renderutil \\
            xorg-x11-server-Xvfb openbox xdotool google-noto-sans-fonts \\
            google-noto-color-emoji-fonts google-noto-sans-cjk-fonts
  Arch:   pacman -S --needed libglvnd fontconfig dbus libxkbcommon-x11 xcb-util-cursor \\
            xcb-util-wm xcb-util-image xcb-util-keysyms xcb-util-renderutil \\
            xorg-server-xvfb openbox xdotool noto-fonts noto-fonts-emoji noto-fonts-cjk
  For the benches also: redis, prosody, ejabberd, nats-server, mosquitto a C compiler and OpenSSL's headers
TEXT
}

if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
    elsewhere
    exit 0
fi

# Debian keeps ensurepip, which a virtual environment needs, in a package of its own.
if ! "$PYTHON" -c 'import ensurepip, venv' 2> /dev/null; then
    wanted+=("$("$PYTHON" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')")
fi

# Since the change to 64-bit times some libraries are called …t64 and provide the old name.
here=$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' 2> /dev/null |
    sed -n 's/^installed //p' | sed 's/t64$//' | sort -u)
missing=()
for package in "${wanted[@]}"; do
    grep -qxF -- "$package" <<< "$here" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo > /dev/null && { [ -t 0 ] || sudo -n true 2> /dev/null; }; then
        root=(sudo)
        echo "Missing from the system, to be installed with sudo: ${missing[*]}" >&2
    else
        echo "Missing from the system. As root, please: apt-get install ${missing[*]}" >&2
        exit 1
    fi
fi

echo "Installing from the system's packages: ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install \
        --yes --quiet --no-install-recommends "${missing[@]}" < /dev/null
}
# The lists may be old or, in a fresh container, not there at all.
if ! { "${root[@]}" apt-get update --quiet < /dev/null && install; } > "$log" 2>&1; then
    cat "$log" >&2
    echo "The system's packages could not be installed; see above." >&2
    exit 1
fi
