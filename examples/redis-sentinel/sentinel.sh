#!/bin/sh
# Sentinel rewrites its configuration, so that it gets a file of its own.
printf 'sentinel monitor store 172.23.0.1 6379 2\nsentinel down-after-milliseconds store 2000\n' >"$CLEAVE_DATA/sentinel.conf"
exec redis-server "$CLEAVE_DATA/sentinel.conf" --sentinel --protected-mode no
