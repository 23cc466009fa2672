#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What stops imagehook, and what has nothing to look at yet.

load lib/common
load lib/registry
load lib/fleet

setup() {
	common_setup
	fleet_setup
	registry_tag your-org/app 1.0.0 1.1.0
	fleet_documents app "$REGISTRY/your-org/app"
	fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.0.0"
	imagehook install "$repo" >/dev/null
}

teardown() {
	fleet_teardown
}

@test "enabled = false: nothing is asked, nothing is written, and one line says so" {
	git --git-dir="$repo" config imagehook.enabled false
	run push_all
	[ "$status" -eq 0 ]
	[ "$output" = "imagehook: nothing is done here: imagehook.enabled is false" ]
	run imagehook run --now --repo "$repo"
	[ "$status" -eq 0 ]
	[ "$output" = "imagehook: nothing is done: imagehook.enabled is false" ]
	run imagehook reconcile image repository app --repo "$repo"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "imagehook: nothing is done: imagehook.enabled is false" ]
	[ "$(tip)" = "$(git -C "$clone" rev-parse HEAD)" ]
	# the registry was not even asked
	run imagehook get image repository app --repo "$repo"
	[[ $output != *'successful scan'* ]]
	# switched on again, the push is looked at
	git --git-dir="$repo" config --unset imagehook.enabled
	run imagehook run --repo "$repo"
	[[ $output == *'(1 image updated)'* ]]
}

@test "an empty repository is nothing to complain of for the timer" {
	run imagehook run --repo "$repo"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run imagehook run --now --repo "$repo"
	[ "$status" -eq 1 ]
	[ "$output" = "imagehook: there is no branch yet; push one, then the documents are read from it" ]
}

@test "several branches and a HEAD that names none: the push reads what to do" {
	git --git-dir="$repo" symbolic-ref HEAD refs/heads/master
	git -C "$clone" add -A
	git -C "$clone" commit -qm first
	run push "$clone" "$repo" HEAD:main HEAD:dev
	[ "$status" -eq 0 ]
	# a path may be longer than a line
	[[ $(tr -s ' \n' ' ' <<<"$output") == "imagehook: HEAD names the branch 'master', which does not exist; say which branch holds the documents: git --git-dir="*" config imagehook.branch NAME " ]]
	git --git-dir="$repo" config imagehook.branch main
	run imagehook run --repo "$repo"
	[[ $output == *'main is now at'* ]]
}

@test "an object that is not there is not run" {
	push_all
	run imagehook run --now policy/flux-system/nothing --repo "$repo"
	[ "$status" -eq 1 ]
	[ "$output" = "imagehook: ImagePolicy object 'nothing' not found in \"flux-system\" namespace" ]
	run imagehook run --now nothing/x --repo "$repo"
	[ "$status" -eq 2 ]
}
