#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# One line of the system file stops a host, whatever repositories say. Needs root: every program here
# sees an /etc of its own.

load ../lib/common
load ../lib/registry
load ../lib/faults
load ../lib/fleet
load ../lib/capture
load ../lib/alerting

setup() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	common_setup
	fleet_setup
	faults_start "$BASE/faults"
	capture_start "$BASE/cap"
	channel_allow "$CAPTURE"
	fleet_allow "$FAULTS"
	registry_tag your-org/app 1.0.0 1.1.0
	fleet_documents app "$REGISTRY/your-org/app"
	fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.0.0"
	mkdir -p "$BASE/etc/imagehook" "$BASE/etc/ssl"
	cp /etc/passwd /etc/group /etc/nsswitch.conf /etc/hosts "$BASE/etc"
	imagehook install "$repo" >/dev/null
	git --git-dir="$repo" config imagehook.write direct
	git --git-dir="$repo" config imagehook.enabled true
	printf %s "http://$CAPTURE/slow/2000/one" | imagehook secret set -C "$repo" flux-system/hook address >/dev/null
	provider hook 'type: slack, secretRef: {name: hook}'
	alert hook
}

teardown() {
	capture_stop "$BASE/cap"
	faults_stop "$BASE/faults"
	fleet_teardown
}

system_says() {
	printf '[imagehook]\n\t%s\n' "$1" >"$BASE/etc/imagehook/config"
}

# COMMAND with the system file of this test.
there() {
	unshare -m bash -c 'mount --bind /etc/ssl "$0/ssl" && mount --rbind "$0" /etc && exec "$@"' "$BASE/etc" "$@"
}

nothing_happened() {
	[ "$(tip)" = "$(git -C "$clone" rev-parse HEAD)" ] && [ ! -e "$BASE/cap/request-1" ]
}

@test "enabled = false: no repository asks, writes or sends anything" {
	system_says 'enabled = false'
	git -C "$clone" add -A
	git -C "$clone" commit -qm documents
	run there git -C "$clone" push -q "$repo" HEAD:main
	[[ $(tr -s ' \n' ' ' <<<"${output//remote:/}") == *"nothing is done here: imagehook.enabled is false in the system file"* ]]
	run there imagehook run --now --repo "$repo"
	[ "$output" = "imagehook: nothing is done: imagehook.enabled is false in the system file" ]
	run there imagehook notify --test flux-system/hook -C "$repo"
	[ "$status" -eq 1 ]
	[ "$output" = "imagehook: stopped: imagehook.enabled is false in the system file" ]
	there imagehook event -C "$repo" --kind Kustomization --name a --severity error --message x || true
	run there imagehook deliver -C "$repo"
	[[ $output == *"imagehook.enabled is false in the system file"* ]]
	nothing_happened
	run grep -c tags/list "$BASE/registry/log"
	[ "$output" = 0 ]
}

@test "write = none: everything is looked at, nothing is written or sent" {
	system_says 'write = none'
	git -C "$clone" add -A
	git -C "$clone" commit -qm documents
	there git -C "$clone" push -q "$repo" HEAD:main
	run there imagehook run --now --repo "$repo"
	[[ $output == *"imagehook.write is none in the system file"* ]]
	run there imagehook get image policy app -C "$repo"
	[[ $output == *'1.1.0'* ]]
	run there imagehook notify --test flux-system/hook -C "$repo"
	[ "$output" = "imagehook: stopped: imagehook.write is none in the system file" ]
	there imagehook event -C "$repo" --kind Kustomization --name a --severity error --message x || true
	run there imagehook deliver -C "$repo"
	[ "$output" = "imagehook: nothing was sent: imagehook.write is none in the system file" ]
	nothing_happened
}

@test "the line counts for a run that was under way: the branch is not moved" {
	fleet_documents hangs "$FAULTS/hang"
	sed -i 's/^  interval: 5m/&\n  timeout: 4s/' "$clone/flux/hangs.yaml"
	git --git-dir="$repo" config imagehook.write none
	push_all
	git --git-dir="$repo" config imagehook.write direct
	: >"$BASE/faults/requests"
	there imagehook run --now --repo "$repo" >"$BASE/out" 2>&1 3>&- &
	local pid=$!
	wait_for test -s "$BASE/faults/requests"
	system_says 'write = none'
	wait "$pid" || true
	nothing_happened
	grep -q 'imagehook.write is none in the system file' "$BASE/out"
	# without the line the same run writes
	rm "$BASE/etc/imagehook/config"
	there imagehook run --now --repo "$repo" >/dev/null || true
	[ "$(tip)" != "$(git -C "$clone" rev-parse HEAD)" ]
}

@test "the line counts for deliveries that are under way: what waits is not sent" {
	git --git-dir="$repo" config imagehook.write none
	push_all
	local name
	for name in a b c; do
		imagehook event -C "$repo" --kind Kustomization --name "$name" --severity error --message "$name failed"
	done
	git --git-dir="$repo" config imagehook.write direct
	there imagehook deliver -C "$repo" >"$BASE/out" 2>&1 3>&- &
	local pid=$!
	wait_for test -s "$BASE/cap/request-1"
	system_says 'enabled = false'
	wait "$pid" || true
	grep -q 'imagehook.enabled is false in the system file' "$BASE/out"
	[ ! -e "$BASE/cap/request-2" ]
}
