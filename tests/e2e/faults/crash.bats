#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A worker that is killed: nothing is lost, nothing is written twice, the next run settles it.
# shellcheck disable=SC2154  # repo and clone are made by fleet_setup

load ../lib/common
load ../lib/registry
load ../lib/fleet

setup() {
	common_setup
	fleet_setup
	registry_tag your-org/app 1.5.1 1.5.2
	fleet_documents app "$REGISTRY/your-org/app"
	git --git-dir="$repo" config imagehook.maxCommits 1000
	imagehook install "$repo" >/dev/null
	push_all >/dev/null
}

teardown() {
	fleet_teardown
}

# A Deployment with the old tag, one more with each call.
stale() {
	fleet_manifest "apps/n$1.yaml" app "$REGISTRY/your-org/app:1.5.1"
	git -C "$clone" add -A
	git -C "$clone" commit -qm "n$1"
	git -C "$clone" push -q origin HEAD:main >"$BASE/pushed" 2>&1 && return
	git -C "$clone" pull -q --rebase origin main
	git -C "$clone" push -q origin HEAD:main >"$BASE/pushed" 2>&1
}

commits_of_ours() {
	git --git-dir="$repo" log --format=%h --author=bot main -- "$@" | wc -l
}

@test "what a dead worker left is taken up by the next run, whoever looked in between" {
	local program
	program=$(sed -n 's/^program //p' "$repo/imagehook/watch")
	# the worker has read the documents, and is killed
	printf '#!/bin/sh\n"%s" get image all --repo "%s" >/dev/null\nkill -9 $$\n' "$program" "$repo" >"$BASE/worker"
	chmod 755 "$BASE/worker"
	sed -i "s|^program .*|program $BASE/worker|" "$repo/imagehook/watch"
	stale 1
	grep -q 'the program died of signal 9' "$BASE/pushed"
	[ "$(commits_of_ours apps/n1.yaml)" -eq 0 ]
	run imagehook plan --exit-code --repo "$repo"
	[ "$status" -eq 1 ]
	imagehook lint --repo "$repo"
	run imagehook run --repo "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *'(1 image updated)'* ]]
	[ "$(commits_of_ours apps/n1.yaml)" -eq 1 ]
	[ -z "$(ls "$repo/imagehook/jobs")" ]
}

@test "a run that fails keeps its jobs for the next one" {
	printf 'exit 1\n' >"$BASE/worker"
	chmod 755 "$BASE/worker"
	sed -i "s|^program .*|program $BASE/worker|" "$repo/imagehook/watch"
	stale 1
	git --git-dir="$repo" config imagehook.branch nothing
	run imagehook run --repo "$repo"
	[ "$status" -eq 1 ]
	git --git-dir="$repo" config --unset imagehook.branch
	run imagehook run --repo "$repo"
	[ "$status" -eq 0 ]
	[ "$(commits_of_ours apps/n1.yaml)" -eq 1 ]
}

@test "workers killed at random in a hundred pushes lose nothing and write nothing twice" {
	# two of three workers die, at any point of their work
	cat >"$BASE/worker" <<WORKER
#!/bin/bash
"$IMAGEHOOK" "\$@" &
[ \$((RANDOM % 3)) -eq 0 ] && wait && exit
read -rt 0.0\$((RANDOM % 10)) <>"$BASE/fifo"
kill -9 \$!
WORKER
	mkfifo "$BASE/fifo"
	chmod 755 "$BASE/worker"
	local i files
	for i in $(seq 100); do
		sed -i "s|^program .*|program $BASE/worker|" "$repo/imagehook/watch"
		stale "$i"
	done
	imagehook run --repo "$repo"
	imagehook run --now --repo "$repo"
	git --git-dir="$repo" fsck --strict
	run git --git-dir="$repo" grep -l ':1\.5\.1 #' main -- apps
	[ -z "$output" ]
	files=$(git --git-dir="$repo" ls-tree --name-only main apps/ | grep -c '/n')
	[ "$files" -eq 100 ]
	for i in $(seq 100); do
		[ "$(commits_of_ours "apps/n$i.yaml")" -eq 1 ]
	done
	[ -z "$(find "$repo" -name '*.lock')" ]
	[ -z "$(ls "$repo/imagehook/jobs")" ]
	run imagehook run --now --repo "$repo"
	[[ $output == *'nothing to update'* ]]
}
