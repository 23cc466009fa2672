#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# As many events and alerts as a tree may hold: what is sent, what waits, what is refused.

load ../lib/common.bash
load ../lib/capture.bash
load ../lib/kustomization.bash
load ../lib/flood.bash

setup() {
	common_setup
	capture_start "$BASE/cap"
	kustomization_setup "$CAPTURE"
}

teardown() {
	capture_stop "$BASE/cap"
}

query() {
	sqlite3 "$BASE/state/state.db" "$1"
}

# peak COMMAND...: runs it, prints nothing, and demands that it took less than 150 MB
peak() {
	/usr/bin/time -f %M -o "$BASE/peak" "$@" >"$BASE/output" 2>&1 || true
	[[ $BUILD == *sanitize* ]] || [ "$(tail -n 1 "$BASE/peak")" -lt 150000 ]
}

# shared HOW: the providers' shares of what was sent; what else there is shows when they are others
shared() {
	[ "$(shares)" = "$1" ] && return
	shares
	query 'SELECT status, attempts, last_error, count(*) FROM outbox GROUP BY 1, 2, 3'
	tail -n 5 "$BASE/output"
	return 1
}

@test "10,000 documents: 9,780 failures, 200 alerts, 20 providers" {
	flood 9780 200 20
	peak "$IMAGEHOOK" run -C "$repo"
	# every failure is an event; no event was queued twice for a provider
	[ "$(query "SELECT count(*), count(DISTINCT name) FROM event WHERE kind = 'Kustomization'")" = "9780|9780" ]
	[ "$(query 'SELECT count(*) FROM (SELECT DISTINCT provider, payload FROM outbox WHERE status <> 2)')" = 14400 ]
	# an hour's worth is sent, a day's worth waits, the same for each; what is beyond that shows
	shared "20 30"
	[ "$(query 'SELECT count(*), min(n), max(n) FROM (SELECT count(*) AS n FROM outbox
		WHERE status = 0 GROUP BY provider)')" = "20|690|690" ]
	[ "$(query 'SELECT count(DISTINCT provider), count(*) FROM outbox WHERE status = 2')" = "20|20" ]
	grep -q "Provider flux-system/p-3: 14400 deliveries of this repository wait, as many as can be sent in a day; further events are kept, but not sent" "$BASE/output"
	peak "$IMAGEHOOK" get alert-providers p-3 -C "$repo" -o json
	[ "$(jq -c '[.status.waiting, .status.givenUp]' "$BASE/output")" = '[690,1]' ]
	[[ $(jq -r .status.lastError "$BASE/output") == "not queued, nor what came after it: "* ]]
	peak "$IMAGEHOOK" deliver -C "$repo" --list -o json
	[ "$(jq length "$BASE/output")" -eq 13820 ]
	# nothing changes by asking again, and nothing is sent again
	peak "$IMAGEHOOK" run -C "$repo"
	shared "20 30"
	[ "$(query 'SELECT count(*) FROM outbox')" = 14420 ]
}
