#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the system file decides for every repository: where the home is, whether anything is sent.
# It is put in place by a mount that only this test's processes see, which needs root.

load ../lib/common
load ../lib/capture
load ../lib/receiver

setup() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	common_setup
	capture_start "$BASE/cap"
	mkdir -p "$BASE/etc/imagehook"
	cp /etc/passwd /etc/group /etc/nsswitch.conf "$BASE/etc"
	system
	repo=$(make_bare fleet.git)
	git --git-dir="$repo" config --unset imagehook.state
	receiver_allow "$repo"
	clone=$(make_clone work)
	receiver_provider "$clone" hook generic /hook
	receiver_alert "$clone" all hook Kustomization
	commit "$clone" file
	hosted imagehook install "$repo" >/dev/null
	hosted git -C "$clone" push -q "$repo" HEAD:main
}

teardown() {
	capture_stop "$BASE/cap"
}

# system [LINE...]: the system file from now on
system() {
	{
		printf '[imagehook]\n\tstate = %s\n' "$BASE/state"
		[ $# -eq 0 ] || printf '\t%s\n' "$@"
	} >"$BASE/etc/imagehook/config"
}

hosted() {
	unshare -m sh -c 'mount --bind "$0" /etc && exec "$@"' "$BASE/etc" "$@"
}

event() {
	hosted imagehook event -C "$1" --kind Kustomization --name apps --message "$2"
}

# two messages that a receiver did not want yet
two_wait() {
	touch "$BASE/cap/fail"
	event "$repo" first >/dev/null
	event "$repo" second >/dev/null
	rm -f "$BASE/cap/fail" "$BASE"/cap/request-* "$BASE/cap/log"
	query 'UPDATE outbox SET due_ms = 0'
}

@test "deliver --all sends for every repository, and only below the folder that is named" {
	local other
	other=$(make_bare other.git)
	git --git-dir="$other" config --unset imagehook.state
	receiver_allow "$other"
	hosted imagehook install "$other" >/dev/null
	hosted git -C "$clone" push -q "$other" HEAD:main
	touch "$BASE/cap/fail"
	event "$repo" first >/dev/null
	event "$other" second >/dev/null
	rm -f "$BASE/cap/fail" "$BASE"/cap/request-*
	query 'UPDATE outbox SET due_ms = 0'
	hosted imagehook deliver --all "$other"
	[ "$(bodies | jq -r .message)" = second ]
	hosted imagehook deliver --all
	[ "$(bodies | jq -r .message)" = "second
first" ]
	run hosted imagehook deliver --all "$BASE/nowhere"
	[ "$status" -eq 1 ]
	run hosted imagehook deliver --all "$BASE" more
	[ "$status" -eq 2 ]
}

@test "a shared secret of root's is told to be of use to root's repositories alone" {
	cd "$BASE"
	hosted imagehook secret set a/b token --shared --repo "$BASE/*.git" <<<x >"$BASE/out" 2>"$BASE/errors"
	diff - "$BASE/errors" <<-'END'
		hint: this is for root's own repositories; for those of another owner call it as that user, or in one of them
	END
	hosted imagehook secret list --shared 2>"$BASE/errors" >"$BASE/out"
	[ ! -s "$BASE/errors" ]
	cd "$repo"
	hosted imagehook secret set a/b token --shared --repo "$BASE/*.git" <<<x 2>"$BASE/errors" >"$BASE/out"
	[ ! -s "$BASE/errors" ]
}

@test "a worker of the timer is bounded as that of a push is" {
	local tick worker
	receiver_provider "$clone" hook generic /slow/2000/hook
	commit "$clone" file
	hosted git -C "$clone" push -q "$repo" HEAD:main
	two_wait
	hosted imagehook run --all >/dev/null 2>&1 3>&- &
	tick=$!
	wait_for compgen -G "$BASE/cap/request-*" >/dev/null
	worker=$(pgrep -nf '^imagehook run --all$')
	[[ $(grep 'core file' "/proc/$worker/limits") =~ size\ +0\  ]]
	[[ $(grep 'cpu time' "/proc/$worker/limits") =~ time\ +900\  ]]
	[[ $BUILD == *sanitize* || $(grep 'data size' "/proc/$worker/limits") =~ size\ +4294967296\  ]]
	wait "$tick"
}

@test "write = none or enabled = false in the system file: nothing is sent, by anything" {
	local line
	two_wait
	git --git-dir="$repo" config imagehook.write direct
	git --git-dir="$repo" config imagehook.enabled true
	for line in 'write = none' 'enabled = false'; do
		system "$line"
		run hosted imagehook deliver -C "$repo"
		[ "$status" -eq 1 ]
		[[ $output == "imagehook: nothing was sent: "*"$line"* || $output == "imagehook: nothing was sent: "*"${line%% *} is ${line##* }"* ]]
		hosted imagehook deliver --all
		hosted imagehook run --now -C "$repo"
		hosted imagehook run --all
		run event "$repo" third
		[ "$(requests)" -eq 0 ]
	done
	system
	hosted imagehook deliver -C "$repo"
	[ "$(bodies | jq -r .message | head -n2)" = "first
second" ]
}

@test "the system file is read again before each send" {
	sed -i 's|/hook|/slow/1500/|' "$clone/hook.yaml"
	git -C "$clone" commit -qam slow
	two_wait
	hosted git -C "$clone" push -q "$repo" HEAD:main
	wait_for has_bodies 1
	system 'write = none'
	# the one that is under way arrives, the other one is not begun
	wait_for grep -q slow "$BASE/cap/log"
	wait_for bash -c 'query "SELECT status FROM outbox" | grep -q 1'
	[ "$(bodies | jq -r .message)" = first ]
	[ "$(query 'SELECT count(*) FROM outbox WHERE status = 0')" -eq 1 ]
}
