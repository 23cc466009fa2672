#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Receivers that refuse, break off or answer nonsense: what is tried again and when, what is
# given up, and how it shows. Documents are pushed before the hook is installed, so that only
# the commands of a test send anything.

load lib/common.bash
load lib/capture.bash
load lib/kustomization.bash

setup() {
	common_setup
	capture_start "$BASE/cap"
	kustomization_setup "$CAPTURE"
}

teardown() {
	capture_stop "$BASE/cap"
}

# send PATH [FIELD...]: an event through a generic provider at this path, and beside it one
# that works; the command's own words are in $output
send() {
	local path=$1
	shift
	provider hook generic "address: http://$CAPTURE$path" "$@"
	provider sound generic "address: http://$CAPTURE/sound"
	alert hook
	alert sound
	fail_once
	# the other one has its message, once
	[ "$(requests /sound)" -eq 1 ]
}

fail_once() {
	kustomization ./apps first
	push "$clone" "$repo"
	"$IMAGEHOOK" install "$repo"
	run "$IMAGEHOOK" event -C "$repo" --kind Kustomization --name apps \
		--severity error --message 'apply failed'
	[ "$status" -eq 0 ]
}

requests() {
	grep -cx "POST $1" "$BASE/cap/log" || true
}

# row KEY: of the one delivery that waits or was given up
row() {
	"$IMAGEHOOK" deliver -C "$repo" --list -o json | jq -r "if length == 1 then .[0].$1 else length end"
}

# shown STATUS ERROR: the delivery's state, in every place where a person would look
shown() {
	[ "$(row status)" = "$1" ]
	[ "$(row attempts)" = 1 ]
	[ "$(row provider)" = /flux-system/hook ]
	[[ $(row lastError) == *"$2"* ]]
	run "$IMAGEHOOK" get alert-providers hook -C "$repo" -o json
	[ "$(jq -r .status.lastError <<<"$output")" = "$(row lastError)" ]
	case $1 in
	waiting) [ "$(jq -c '[.status.waiting, .status.givenUp]' <<<"$output")" = '[1,0]' ] ;;
	dead) [ "$(jq -c '[.status.waiting, .status.givenUp]' <<<"$output")" = '[0,1]' ] ;;
	esac
}

# waits SECONDS: the next attempt is at least so far away, and before the delivery expires
waits() {
	[ "$(date -d "$(row dueAt)" +%s)" -ge $(($(date +%s) + $1)) ]
	[[ $(row dueAt) < $(row expiresAt) ]]
}

# recovers: once it is due the delivery goes through with one more request
recovers() {
	wait_for bash -c '"$IMAGEHOOK" deliver -C "$repo" | grep -q "1 sent"'
	[ "$(requests "$1")" -eq 2 ]
	[ "$(row id)" = 0 ]
}

sent_once() {
	[ "$output" = "imagehook: 2 deliveries, 2 sent, 0 waiting" ]
	[ "$(row id)" = 0 ]
	run "$IMAGEHOOK" deliver -C "$repo"
	[ "$(requests "$1")" -eq 1 ]
}

@test "a receiver that refuses the connection" {
	local closed=127.0.0.1:1
	git --git-dir="$repo" config --add imagehook.allowHost $closed
	git --git-dir="$repo" config --add imagehook.insecureHost $closed
	provider closed generic "address: http://$closed/"
	alert closed
	fail_once
	[ "$output" = "imagehook: 1 delivery, 0 sent, 1 waiting" ]
	[[ $(row lastError) == "'127.0.0.1:1': cannot connect: "* ]]
	[ "$(row status)" = waiting ]
}

@test "a receiver that resets the connection, once" {
	export repo IMAGEHOOK
	send /once/reset/
	shown waiting 'the connection was lost'
	recovers /once/reset/
}

@test "a receiver that hangs" {
	send /hang/ 'timeout: 1s'
	shown waiting 'no answer in time'
	[ "$(requests /hang/)" -eq 1 ]
}

@test "a redirection is not followed, and given up" {
	send /status/301/
	shown dead 'request failed with status code 301'
	run "$IMAGEHOOK" deliver -C "$repo"
	[ "$(requests /status/301/)" -eq 1 ]
	[ "$(grep -c moved "$BASE/cap/log")" -eq 0 ]
}

@test "429 and 503 are kept waiting as long as they ask" {
	local code
	for code in 429 503; do
		capture_stop "$BASE/cap"
		rm -rf "$BASE"
		mkdir "$BASE"
		setup
		send "/later/$code/3600/"
		shown waiting "request failed with status code $code: {}"
		waits 3590
		run "$IMAGEHOOK" deliver -C "$repo"
		[ "$(requests "/later/$code/3600/")" -eq 1 ]
	done
}

@test "429 with a short Retry-After goes through when it is over" {
	export repo IMAGEHOOK
	send /once/later/429/1/
	shown waiting 'status code 429'
	recovers /once/later/429/1/
}

@test "5xx is tried again" {
	export repo IMAGEHOOK
	send /once/status/502/
	shown waiting 'request failed with status code 502: {}'
	recovers /once/status/502/
}

@test "4xx is given up at once, and can be retried by hand" {
	send /once/status/403/
	shown dead 'request failed with status code 403: {}'
	run "$IMAGEHOOK" deliver -C "$repo" --retry "$(row id)"
	[ "$status" -eq 0 ]
	[ "$(requests /once/status/403/)" -eq 2 ]
	[ "$(row id)" = 0 ]
}

@test "4xx is given up at once, and can be dropped by hand" {
	send /status/404/
	shown dead 'request failed with status code 404: {}'
	"$IMAGEHOOK" deliver -C "$repo" --drop "$(row id)"
	[ "$(row id)" = 0 ]
	[ "$(requests /status/404/)" -eq 1 ]
}

@test "100 MB behind a success are not read, and nothing is sent again" {
	send /huge/200/
	sent_once /huge/200/
}

@test "an endless answer behind a success is not read either" {
	send /flood/200/
	sent_once /flood/200/
}

@test "100 MB behind a failure are not kept" {
	send /flood/500/
	shown waiting 'request failed with status code 500: xxxxxxxx'
	[ "$(row lastError | wc -c)" -lt 700 ]
	local id
	id=$(row id)
	/usr/bin/time -f %M -o "$BASE/peak" "$IMAGEHOOK" deliver -C "$repo" --retry "$id" || true
	[ "$(requests /flood/500/)" -eq 2 ]
	[[ $BUILD == *sanitize* ]] || [ "$(tail -n 1 "$BASE/peak")" -lt 60000 ]
}

@test "a success that breaks off in its body is one" {
	send /half/202/
	sent_once /half/202/
}

@test "a failure that breaks off in its body is one, and tried again" {
	send /half/500/
	shown waiting 'request failed with status code 500: {}'
}

@test "an answer that is not HTTP" {
	send /garbage/
	shown waiting 'HTTP/0.9'
}
