#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Many events and alerts: budgets and fair shares of them, and what waits.

load lib/common.bash
load lib/capture.bash
load lib/kustomization.bash
load lib/flood.bash

setup() {
	common_setup
	capture_start "$BASE/cap"
	kustomization_setup "$CAPTURE"
}

teardown() {
	capture_stop "$BASE/cap"
}

@test "what a budget leaves is shared among the providers, the rest waits" {
	flood 40 40 40
	run "$IMAGEHOOK" run -C "$repo"
	[ "$(shares)" = "40 15" ]
	run "$IMAGEHOOK" deliver -C "$repo"
	[ "$(sed -E 's/at [0-9TZ:-]+/at TIME/' <<<"$output")" = "imagehook: 0 sent, 1000 waiting, 0 given up
hint: the next is due at TIME; see 'imagehook deliver --list'" ]
	run "$IMAGEHOOK" get alert-providers p-7 -C "$repo" -o json
	[ "$(jq -c '[.status.waiting, .status.givenUp, .status.lastError]' <<<"$output")" = \
		'[25,0,"waits: this repository has sent its 600 deliveries of the hour"]' ]
}

@test "a provider has a budget of its own" {
	flood 100 3 3
	run "$IMAGEHOOK" run -C "$repo"
	[ "$(shares)" = "3 60" ]
	run "$IMAGEHOOK" describe alert-provider p-1 -C "$repo"
	[[ $output == *"Waiting:        40"* ]]
	[[ $output == *"Last error:     waits: the provider has got its 60 deliveries of the hour"* ]]
}

@test "each attempt counts, and who waits for the hour forgets none" {
	provider chat generic "address: http://$CAPTURE/status/500"
	alert chat
	kustomization ./none break
	push "$clone" "$repo"
	"$IMAGEHOOK" install "$repo"
	"$IMAGEHOOK" run -C "$repo" || true
	id=$("$IMAGEHOOK" deliver -C "$repo" --list -o json | jq -r '.[0].id')
	for _ in {1..65}; do
		"$IMAGEHOOK" deliver -C "$repo" --retry "$id" >"$BASE/out" || true
	done
	[ "$(wc -l <"$BASE/cap/log")" -eq 60 ]
	[ "$("$IMAGEHOOK" deliver -C "$repo" --list -o json | jq -r '.[0] | [.attempts, .lastError] | join("; ")')" = \
		'60; waits: the provider has got its 60 deliveries of the hour; before: postMessage failed: request failed: request failed with status code 500: {}' ]
	[ "$(sqlite3 "$BASE/state/state.db" 'SELECT last_attempt_ms > created_ms FROM outbox')" = 1 ]
}

@test "what is not sent costs nothing" {
	provider chat slack 'secretRef: {name: chat}'
	alert chat
	kustomization ./none break
	push "$clone" "$repo"
	"$IMAGEHOOK" install "$repo"
	"$IMAGEHOOK" run -C "$repo" || true
	for _ in {1..61}; do
		"$IMAGEHOOK" deliver -C "$repo" >"$BASE/out" || true
	done
	[[ $("$IMAGEHOOK" deliver -C "$repo" --list -o json | jq -r '.[0].lastError') == "not sent: secret 'flux-system/chat' not found"* ]]
	"$IMAGEHOOK" secret set -C "$repo" flux-system/chat address <<<"http://$CAPTURE/chat"
	"$IMAGEHOOK" deliver -C "$repo"
	[ "$(cat "$BASE/cap/log")" = 'POST /chat' ]
}

@test "two alerts on one provider are one delivery of each event" {
	flood 20 6 2
	run "$IMAGEHOOK" run -C "$repo"
	[ "$(shares)" = "2 20" ]
	run "$IMAGEHOOK" deliver -C "$repo" --list
	[ "$output" = "imagehook: nothing waits, nothing was given up" ]
}
