# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# The registry that misbehaves (tests/servers/faults.c) on a free loopback port.
#
#   faults_start DIR [FLAG...]   sets FAULTS to HOST:PORT; requests are logged to DIR/requests
#   faults_stop DIR

faults_start() {
	local dir=$1 line server
	shift
	mkdir -p "$dir"
	: >"$dir/requests"
	exec {server}< <(exec "${BUILD:-build}/tests/servers/faults" --log "$dir/requests" "$@" 3>&-)
	echo $! >"$dir/pid"
	read -r line <&"$server" || return
	exec {server}<&-
	FAULTS=${line#listening on }
}

faults_stop() {
	[ -f "$1/pid" ] || return 0
	kill "$(cat "$1/pid")" 2>/dev/null
	rm -f "$1/pid"
}
