#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A worker that is killed between the steps of a commit: no commit without its events, no event
# without its commit, no second commit for one change.
# shellcheck disable=SC2154  # repo and clone are made by fleet_setup

load ../lib/common
load ../lib/registry
load ../lib/fleet
load ../lib/capture
load ../lib/receiver

setup() {
	common_setup
	capture_start "$BASE/cap"
	fleet_setup
	receiver_allow "$repo"
	registry_tag your-org/app 1.0.0 1.1.0
	fleet_documents app "$REGISTRY/your-org/app"
	receiver_provider "$clone" hook generic /hook
	receiver_alert "$clone" commits hook ImageUpdateAutomation
	# a hook that could refuse a commit of ours is the admin's to permit
	git --git-dir="$repo" config imagehook.write direct
}

teardown() {
	fleet_teardown
	capture_stop "$BASE/cap"
}

# kill_at REPO STATE STATUS: the next move of main in REPO kills the worker in that state of git's
# transaction, and the hook ends with STATUS
kill_at() {
	cat >"$1/hooks/reference-transaction" <<-HOOK
		#!/bin/sh
		[ "\$1" = $2 ] || exit 0
		grep -q refs/heads/main || exit 0
		rm -f "$1/hooks/reference-transaction"
		read -r _ _ _ worker _ <"/proc/\$PPID/stat"
		kill -9 "\$worker"
		exit $3
	HOOK
	chmod 755 "$1/hooks/reference-transaction"
}

# The whole fleet in place, and nothing done yet.
push_unseen() {
	git --git-dir="$repo" config imagehook.enabled false
	imagehook install "$repo" >/dev/null
	push_all >/dev/null
	git --git-dir="$repo" config --unset imagehook.enabled
}

# The same, then a run that is killed.
run_killed() {
	push_unseen
	kill_at "$@"
	run imagehook run --now --repo "$repo"
	[ "$status" -eq 137 ]
}

commits_of_ours() {
	git --git-dir="$1" log --format=%H --author=bot main | wc -l
}

# What was told of commits, one line each.
told() {
	bodies | jq -r '"\(.severity) \(.involvedObject.name) \(.metadata.revision) \(.message | split("\n")[0])"'
}

settle() {
	imagehook run --repo "$repo"
	imagehook run --now --repo "$repo"
}

@test "killed before the ref moved: the commit is made once, and told once" {
	fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.0.0"
	run_killed "$repo" prepared 1
	[ "$(commits_of_ours "$repo")" -eq 0 ]
	settle
	[ "$(commits_of_ours "$repo")" -eq 1 ]
	run told
	[ "$output" = "info update main@sha1:$(tip) pushed commit '$(tip | cut -c1-7)' to branch 'main'" ]
}

@test "killed after the ref moved: the next run tells what the dead one did" {
	fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.0.0"
	run_killed "$repo" committed 0
	[ "$(commits_of_ours "$repo")" -eq 1 ]
	settle
	[ "$(commits_of_ours "$repo")" -eq 1 ]
	run told
	[ "$output" = "info update main@sha1:$(tip) pushed commit '$(tip | cut -c1-7)' to branch 'main'" ]
}

@test "what a dead worker's commit replaced does not come back within the hour" {
	push_unseen
	imagehook run --now --repo "$repo"
	# documents that change would let it go
	fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.0.0"
	run_killed "$repo" committed 0
	settle
	run query 'SELECT automation, path, setter, old_value, new_value FROM written'
	[ "$output" = "/flux-system/update|apps/app.yaml|flux-system:app|$REGISTRY/your-org/app:1.0.0|$REGISTRY/your-org/app:1.1.0" ]
}

@test "killed after the ref of a mapped repository moved: told all the same" {
	local apps
	apps=$(make_bare apps.git)
	git --git-dir="$apps" config --unset imagehook.state
	git --git-dir="$repo" config imagehook.source "apps=$apps"
	git --git-dir="$repo" config imagehook.pushBranch main
	sed -i 's/^    name: flux-system$/    name: apps/' "$clone/flux/update.yaml"
	git init -q "$BASE/apps"
	clone=$BASE/apps fleet_manifest app.yaml app "$REGISTRY/your-org/app:1.0.0"
	git -C "$BASE/apps" add -A
	git -C "$BASE/apps" commit -qm apps
	push "$BASE/apps" "$apps"
	printf '#!/bin/sh\n{ echo "$0 $PWD"; cat; } >>"%s"\n' "$BASE/hooks" >"$apps/hooks/post-receive"
	chmod 755 "$apps/hooks/post-receive"
	run_killed "$apps" committed 0
	[ "$(commits_of_ours "$apps")" -eq 1 ]
	# while it is away, that alone is nothing to do
	mv "$apps" "$apps.away"
	run imagehook run --now --repo "$repo"
	[ "$status" -eq 1 ]
	run imagehook run --repo "$repo"
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	mv "$apps.away" "$apps"
	settle
	[ "$(commits_of_ours "$apps")" -eq 1 ]
	local commit
	commit=$(git --git-dir="$apps" rev-parse main)
	[ "$(told | grep 'pushed commit')" = "info update main@sha1:$commit pushed commit '${commit:0:7}' to branch 'main'" ]
	# and the hook of the repository that was written to has seen it, once
	[ "$(<"$BASE/hooks")" = "$apps/hooks/post-receive $apps
$(git --git-dir="$apps" rev-parse "$commit^") $commit refs/heads/main" ]
}

@test "killed at any durable step of a run: one commit, told at least once and of nothing else" {
	local step=0 commit
	fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.0.0"
	push_unseen
	cp -a "$repo" "$BASE/before.git"
	cp -a "$BASE/state" "$BASE/before"
	status=137
	while [ "$status" -eq 137 ]; do
		step=$((step + 1))
		rm -rf "$repo" "$BASE/state" "$BASE"/cap/request-* "$BASE/cap/log"
		cp -a "$BASE/before.git" "$repo"
		cp -a "$BASE/before" "$BASE/state"
		ASAN_OPTIONS=detect_leaks=0 run strace -qq -o /dev/null -e trace=fsync,fdatasync,rename,unlink \
			-e "inject=fsync,fdatasync,rename,unlink:signal=KILL:when=$step" \
			imagehook run --now --repo "$repo"
		# a row that a dead drain holds is free again when its lease has ended
		query 'UPDATE outbox SET lease_ms = 0'
		settle
		commit=$(tip)
		[ "$(commits_of_ours "$repo")" -eq 1 ]
		[ "$(told | sort -u)" = "info update main@sha1:$commit pushed commit '${commit:0:7}' to branch 'main'" ]
		[ "$(query 'SELECT count(*) FROM outbox WHERE status <> 1')" -eq 0 ]
	done
	[ "$status" -eq 0 ]
	[ "$step" -gt 5 ]
}
