#!/usr/bin/env bash
# Builds a .deb of the relay for this machine's Debian or Ubuntu:
#
#   packaging/relay/build-deb.sh DEST [PYTHON]
#
# The libraries are the locked ones, from wheels by their hashes, in a folder of the relay's own; the
# interpreter is the system's, so the package fits the one minor version of Python that built it.
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: $0 DEST [PYTHON]" >&2; exit 2; }
dest=$(realpath -m "$1")
python=${2:-/usr/bin/python3}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$root/packaging/relay
for program in dpkg-deb dpkg "$python"; do
    command -v "$program" > /dev/null || { echo "This needs $program." >&2; exit 1; }
done
"$python" -m pip --version > /dev/null 2>&1 \
    || { echo "This needs pip for $python (apt install python3-pip)." >&2; exit 1; }

minor=$("$python" -c 'import sys; print(sys.version_info[1])')
[ "$minor" -ge 11 ] || { echo "The relay needs Python 3.11 or newer." >&2; exit 1; }
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/pyproject.toml" | head -n 1)
architecture=$(dpkg --print-architecture)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
package=$made/package
library=$package/usr/lib/aside

install -d -m 0755 "$package/DEBIAN" "$library" "$package/usr/bin" \
    "$package/usr/lib/systemd/system" "$package/usr/lib/sysusers.d" \
    "$package/usr/share/doc/aside-relay"
"$python" -m pip install --quiet --no-input --disable-pip-version-check --no-compile \
    --require-hashes --only-binary=:all: --target "$library" \
    --requirement "$root/packaging/requirements/relay.lock"
rm -rf "$library/bin"
cp -R "$root/protocol" "$root/relay" "$library/"
# What `aside-relay --version` and `doctor` read.
install -d "$library/aside-$version.dist-info"
printf 'Metadata-Version: 2.1\nName: aside\nVersion: %s\n' "$version" \
    > "$library/aside-$version.dist-info/METADATA"
find "$library" -name __pycache__ -type d -prune -exec rm -rf {} +

install -m 0755 "$here/aside-relay.py" "$package/usr/bin/aside-relay"
install -m 0644 "$here/aside-relay.service" "$package/usr/lib/systemd/system/"
install -m 0644 "$here/aside-relay.sysusers" "$package/usr/lib/sysusers.d/aside-relay.conf"
install -m 0644 "$root/relay/README.md" "$root/CHANGELOG.md" "$root/SECURITY.md" \
    "$package/usr/share/doc/aside-relay/"
install -m 0644 "$root/LICENSE" "$package/usr/share/doc/aside-relay/copyright"

cat > "$package/DEBIAN/control" << CONTROL
Package: aside-relay
Version: $version
Architecture: $architecture
Maintainer: Aside <aside@localhost>
Section: net
Priority: optional
Depends: python3 (>= 3.$minor), python3 (<< 3.$((minor + 1))), libc6
Recommends: systemd
Description: relay of Aside, a messenger
 Queues sealed envelopes in mailboxes for people it does not know. A community
 starts one in an evening on a small machine.
CONTROL

cat > "$package/DEBIAN/postinst" << 'POSTINST'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
    if command -v systemd-sysusers > /dev/null; then
        systemd-sysusers aside-relay.conf
    fi
    if ! getent passwd aside-relay > /dev/null; then
        useradd --system --home-dir /var/lib/aside-relay --shell /usr/sbin/nologin aside-relay
    fi
    install -d -m 0700 -o aside-relay -g aside-relay /var/lib/aside-relay
    # Its own user may write nothing there, and would compile all of it at each start.
    python3 -m compileall -q /usr/lib/aside
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        # One that serves is started anew: a stop is a farewell, and desktops come back.
        systemctl try-restart aside-relay.service
    fi
fi
POSTINST
cat > "$package/DEBIAN/prerm" << 'PRERM'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    systemctl disable --now aside-relay.service
fi
# dpkg knows nothing of what postinst compiled, and would leave the folders.
find /usr/lib/aside -depth -type d -name __pycache__ -exec rm -rf {} +
# What members left here stays in /var/lib/aside-relay, also when the package is purged.
PRERM
chmod 0755 "$package/DEBIAN/postinst" "$package/DEBIAN/prerm"

mkdir -p "$dest"
dpkg-deb --root-owner-group --build "$package" "$dest" > /dev/null
echo "$dest/aside-relay_${version}_$architecture.deb"
