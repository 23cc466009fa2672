#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What an automation reads and writes: its reference, its path, its policies, its push branch, its message.

bats_require_minimum_version 1.5.0

load lib/common
load lib/registry
load lib/fleet

setup() {
	common_setup
	fleet_setup
	imagehook install "$repo" >/dev/null 2>&1
	fleet_documents app "$REGISTRY/team/app"
	registry_tag team/app 1.0.0 1.1.0
}

teardown() {
	fleet_teardown
}

# automation NAME PATH PUSH-BRANCH [MORE]: a second automation; MORE goes to the end of its spec.git
automation() {
	cat >"$clone/flux/$1.yaml" <<YAML
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata: {name: $1, namespace: flux-system}
spec:
  interval: 30m
  sourceRef: {kind: GitRepository, name: flux-system}
  update: {path: $2}
  git:
    commit: {author: {name: $1, email: $1@example.com}}
    push: {branch: $3}
${4-}
YAML
}

# image PATH [BRANCH]: the marked value there
image() {
	git --git-dir="$repo" show "${2:-main}:$1" | sed -n 's/ *image: \([^ ]*\).*/\1/p'
}

run_now() {
	imagehook run --now --repo "$repo"
}

# log RANGE: author and subject of each commit, the oldest first
log() {
	git --git-dir="$repo" log --reverse --format='%an: %s' "$1"
}

@test "automations that share a push branch keep each other's changes" {
	rm "$clone/flux/update.yaml"
	fleet_manifest prod/app.yaml app "$REGISTRY/team/app:1.0.0"
	fleet_manifest test/app.yaml app "$REGISTRY/team/app:1.0.0"
	automation prod prod updates
	automation test test updates
	push_all
	[ "$(log main..updates)" = "prod: chore(image): update $REGISTRY/team/app to 1.1.0
test: chore(image): update $REGISTRY/team/app to 1.1.0" ]
	[ "$(image prod/app.yaml updates)" = "$REGISTRY/team/app:1.1.0" ]
	[ "$(image test/app.yaml updates)" = "$REGISTRY/team/app:1.1.0" ]
	before=$(tip updates)
	run_now
	[ "$(tip updates)" = "$before" ]
	# one of them has something new, the other's stays
	fleet_manifest test/app.yaml app "$REGISTRY/team/app:0.9.0"
	push_all
	[ "$(git --git-dir="$repo" rev-parse updates~2)" = "$(tip)" ]
	[ "$(image prod/app.yaml updates)" = "$REGISTRY/team/app:1.1.0" ]
	[ "$(image test/app.yaml updates)" = "$REGISTRY/team/app:1.1.0" ]
	registry_tag team/app 1.2.0
	run_now
	[ "$(image prod/app.yaml updates)" = "$REGISTRY/team/app:1.2.0" ]
	[ "$(image test/app.yaml updates)" = "$REGISTRY/team/app:1.2.0" ]
	before=$(tip updates)
	run_now
	[ "$(tip updates)" = "$before" ]
	# one is gone, and with it what it wrote
	rm "$clone/flux/prod.yaml"
	push_all
	[ "$(git --git-dir="$repo" rev-parse updates~1)" = "$(tip)" ]
	[ "$(image prod/app.yaml updates)" = "$REGISTRY/team/app:1.0.0" ]
	[ "$(image test/app.yaml updates)" = "$REGISTRY/team/app:1.2.0" ]
}

@test "a push branch: others' commits are built upon, merged or gone it begins anew" {
	sed -i 's|^    commit:|    push: {branch: updates}\n&|' "$clone/flux/update.yaml"
	fleet_manifest app.yaml app "$REGISTRY/team/app:1.0.0"
	push_all
	[ "$(log main..updates)" = "bot: chore(image): update $REGISTRY/team/app to 1.1.0" ]
	# somebody works on it
	git -C "$clone" fetch -q origin
	git -C "$clone" switch -q updates
	echo note >"$clone/note.txt"
	git -C "$clone" add -A
	git -C "$clone" commit -qm note
	git -C "$clone" push -q origin updates 2>/dev/null
	theirs=$(tip updates)
	registry_tag team/app 1.2.0
	run imagehook run --now --repo "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *"warning: the branch 'updates' holds commits that are not ours: the change goes on top of them"* ]]
	[ "$(git --git-dir="$repo" rev-parse updates~1)" = "$theirs" ]
	[ "$(image app.yaml updates)" = "$REGISTRY/team/app:1.2.0" ]
	git --git-dir="$repo" show updates:note.txt
	# merged
	git -C "$clone" fetch -q origin
	git -C "$clone" switch -q main
	git -C "$clone" merge -q --no-edit origin/updates
	git -C "$clone" push -q origin main 2>/dev/null
	registry_tag team/app 1.3.0
	run_now
	[ "$(log main..updates)" = "bot: chore(image): update $REGISTRY/team/app to 1.3.0" ]
	[ "$(git --git-dir="$repo" rev-parse updates~1)" = "$(tip)" ]
	# deleted
	git --git-dir="$repo" branch -qD updates
	run_now
	[ "$(log main..updates)" = "bot: chore(image): update $REGISTRY/team/app to 1.3.0" ]
}
