# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# The receiver that keeps every request (tests/servers/capture.c) on a free loopback port.
#
#   capture_start DIR   sets CAPTURE to HOST:PORT; DIR/log, DIR/request-N and more tell what came
#   capture_stop DIR

capture_start() {
	mkdir -p "$1"
	"$BUILD/tests/servers/capture" "$1" 3>&- &
	echo $! >"$1/pid"
	wait_for test -s "$1/port" || return
	CAPTURE=127.0.0.1:$(<"$1/port")
}

capture_stop() {
	[ -f "$1/pid" ] || return 0
	kill "$(<"$1/pid")"
	rm -f "$1/pid"
}
