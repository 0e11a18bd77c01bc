#!/bin/sh
# The servers that the tests run against: installed from Debian when root asks for it, told of loudly when they are missing.
missing=""
have() { command -v "$1" >/dev/null 2>&1 || [ -x "$1" ]; }
library() { ls /usr/lib/*/"$1".so.0 >/dev/null 2>&1; }  # WeasyPrint loads them
have dovecot || have /usr/sbin/dovecot || missing="$missing dovecot-imapd"
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
have chromium || missing="$missing chromium"
have pdftoppm || missing="$missing poppler-utils"
library libpango-1.0 || missing="$missing libpango-1.0-0"
library libpangoft2-1.0 || missing="$missing libpangoft2-1.0-0"
library libharfbuzz-subset || missing="$missing libharfbuzz-subset0"
[ -f /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || missing="$missing fonts-dejavu-core"
have systemd-analyze || missing="$missing systemd"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && have apt-get; then
    echo "installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    # Servers that the package starts by itself are not wanted: the tests start their own.
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null && exit 0
    echo "could not install$missing" >&2
fi
[ -n "$MAILBOT_TEST_SERVERS_REQUIRED" ] && { echo "MISSING:$missing; tests of real servers are required here" >&2; exit 1; }
echo "==================================================================================" >&2
echo "MISSING:$missing: the tests that need them are LEFT OUT." >&2
echo "As root \`make test\` installs them; or: apt-get install$missing" >&2
echo "==================================================================================" >&2
exit 0
