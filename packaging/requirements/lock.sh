#!/usr/bin/env bash
# Resolves the three lists of requirements anew: with hashes, for every platform and Python
# from 3.11 on, and without the address of any index. Needs uv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v uv > /dev/null || { echo "Locking needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
for extra in desktop relay dev; do
    uv pip compile pyproject.toml --quiet --extra "$extra" --universal --python-version 3.11 \
        --generate-hashes --no-header --no-annotate \
        --output-file "packaging/requirements/$extra.lock" "$@"
done
