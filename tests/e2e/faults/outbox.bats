#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A drain that is killed at any point: every delivery arrives at least once, as the same delivery,
# none vanishes, and what was given up can be seen.

load ../lib/common
load ../lib/capture
load ../lib/receiver

setup() {
	common_setup
	capture_start "$BASE/cap"
	repo=$(make_bare fleet.git)
	clone=$(make_clone work)
	receiver_allow "$repo"
	git --git-dir="$repo" config imagehook.write none
	imagehook install "$repo" >/dev/null
}

teardown() {
	capture_stop "$BASE/cap"
}

# channel NAME PATH: a provider with an alert on everything
channel() {
	receiver_provider "$clone" "$1" generic "$2"
	receiver_alert "$clone" "$1" "$1" Kustomization
}

# A Sentry, whose events bear the id of the delivery.
sentry() {
	receiver_provider "$clone" sentry sentry /ignored 'secretRef:' '  name: sentry'
	sed -i '/address:/d' "$clone/sentry.yaml"
	receiver_alert "$clone" sentry sentry Kustomization
	printf 'http://key@%s/sentry/1' "$CAPTURE" | imagehook secret set -C "$repo" flux-system/sentry address
}

# fill N: so many messages for every channel, none of them tried
fill() {
	local i
	git -C "$clone" add -A
	git -C "$clone" commit -qm channels
	push "$clone" "$repo"
	for i in $(seq "$1"); do
		imagehook event -C "$repo" --kind Kustomization --name apps --message "message $i" >/dev/null
	done
	git --git-dir="$repo" config imagehook.write direct
}

# As if the lease of a dead drain had ended, and every receiver's time had come.
pass_time() {
	query 'UPDATE outbox SET due_ms = 0, lease_ms = 0 WHERE status = 0'
}

# The messages that arrived at a path, each once, in the order of their first arrival.
arrived() {
	bodies "$1" | jq -r 'select(.message) | .message' | awk '!seen[$0]++'
}

sent_ids() {
	bodies sentry | jq -r 'select(.event_id and .message) | "\(.message) \(.event_id)"' | sort -u
}

# deliver_killed_at CALL N: from the same beginning, a drain that is killed as it makes a system call
# for the nth time, then one that is not; sets status to that of the first
deliver_killed_at() {
	rm -rf "$BASE/state" "$BASE"/cap/request-* "$BASE/cap/log"
	cp -a "$BASE/before" "$BASE/state"
	ASAN_OPTIONS=detect_leaks=0 run strace -qq -o /dev/null -e "trace=$1" \
		-e "inject=$1:signal=KILL:when=$2" imagehook deliver -C "$repo"
	query 'UPDATE outbox SET lease_ms = 0'
	[ "$status" -eq 0 ] || imagehook deliver -C "$repo" >/dev/null
}

messages() {
	seq -f 'message %.0f' "$1"
}

@test "killed at any step: each message arrives, in its order, and is the same one when it comes twice" {
	local call step ids=''
	channel one /one
	channel two /two
	sentry
	fill 2
	cp -a "$BASE/state" "$BASE/before"
	# what is durable, what is on its way, what was answered
	for call in fdatasync sendto recvfrom; do
		step=0
		status=137
		while [ "$status" -eq 137 ]; do
			step=$((step + 1))
			deliver_killed_at "$call" "$step"
			[ "$(arrived /one)" = "$(messages 2)" ]
			[ "$(arrived /two)" = "$(messages 2)" ]
			[ "$(query 'SELECT status, count(*) FROM outbox GROUP BY status')" = '1|6' ]
			# nothing was sent more often than there were drains
			[ -z "$(bodies /one | sort | uniq -c | awk '$1 > 2')$(bodies /two | sort | uniq -c | awk '$1 > 2')" ]
			[ "$(sent_ids | wc -l)" -eq 2 ]
			[ -z "$ids" ] || [ "$(sent_ids)" = "$ids" ]
			ids=$(sent_ids)
		done
		[ "$status" -eq 0 ]
		[ "$step" -gt 5 ]
	done
}

@test "killed at random among receivers of all kinds: all arrives, and dead letters are seen" {
	local i name pid
	mkfifo "$BASE/fifo"
	channel quick /quick
	channel slow /slow/30/
	channel flaky /once/status/503/
	channel resets /once/reset/
	channel refuses /status/410/
	fill 12
	for i in $(seq 200); do
		imagehook deliver -C "$repo" >/dev/null 2>&1 3>&- &
		pid=$!
		read -rt "0.0$((RANDOM % 10))$((RANDOM % 10))" <>"$BASE/fifo" || true
		kill -9 "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
		pass_time
		[ "$(query 'SELECT count(*) FROM outbox WHERE status = 0')" -gt 0 ] || break
	done
	imagehook deliver -C "$repo" || true
	[ "$(query 'SELECT status, count(*) FROM outbox GROUP BY status')" = '1|48
2|12' ]
	for name in /quick /slow/ /once/status/503/ /once/reset/; do
		[ "$(arrived "$name")" = "$(messages 12)" ]
	done
	run imagehook deliver -C "$repo" --list -o json
	[ "$(jq -r '.[] | "\(.status) \(.provider) \(.attempts)"' <<<"$output" | sort -u | grep -c '^dead /flux-system/refuses ')" -ge 1 ]
	[ "$(jq length <<<"$output")" -eq 12 ]
	[ "$(query 'PRAGMA integrity_check')" = ok ]
}
