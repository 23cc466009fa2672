#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Registries that fail in a whole run: nothing is lost or downgraded, the reason can be read, and the
# images of other registries are written as ever.

load ../lib/common
load ../lib/registry
load ../lib/faults
load ../lib/fleet

bats_require_minimum_version 1.5.0

setup() {
	common_setup
	fleet_setup
	faults_start "$BASE/faults"
	fleet_allow "$FAULTS"
	git --git-dir="$repo" config imagehook.maxCommits 100
	registry_tag your-org/app 1.0.0 1.1.0
	fleet_documents app "$REGISTRY/your-org/app"
	fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.0.0"
	imagehook install "$repo" >/dev/null
}

teardown() {
	faults_stop "$BASE/faults"
	fleet_teardown
}

# The image `broken` comes from the fault server from now on, and its file names a tag that is newer
# than any that half a list has.
break_with() {
	fleet_documents broken "$FAULTS/$1"
	sed -i 's/^  interval: 5m/&\n  timeout: 1s/' "$clone/flux/broken.yaml"
	fleet_manifest apps/broken.yaml broken "$FAULTS/$1:1.9.9"
}

# What get shows of the image `broken`: its READY and its message.
state_of() {
	imagehook get image "$1" broken --no-header --repo "$repo" |
		awk -F'\t' '{ sub(/ *$/, "", $(NF - 1)); gsub(/ /, "", $(NF - 2)); print $(NF - 2), $(NF - 1) }'
}

@test "every fault: the reason is told, the file is left alone, the other image is written" {
	local fault want
	while IFS='|' read -r fault want; do
		break_with "$fault"
		fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.0.0"
		push_all "$fault" >"$BASE/pushed"
		grep -q '(1 image updated)' "$BASE/pushed"
		[ "$(git --git-dir="$repo" diff --name-only main~1 main)" = apps/app.yaml ]
		[[ $(state_of repository) == "False scan failed: "*"$want"* ]]
		[[ $(state_of policy) == "False retrying in 30s error: no tags in database" ]]
		run --separate-stderr imagehook run --now --repo "$repo"
		[ "$status" -eq 1 ]
		[[ $output$stderr == *"ImageRepository flux-system/broken: scan failed: "*"$want"* ]]
		git -C "$clone" pull -q --rebase "$repo" main
	done <<-END
		status-401|unexpected status code 401
		status-403|unexpected status code 403
		status-404|unexpected status code 404
		status-429|unexpected status code 429
		status-500|unexpected status code 500
		reset|
		hang|no answer in time
		endless|
		huge|limit: 33554432 bytes
		half|
		page2-reset|
		page2-500|unexpected status code 500
		truncated|
		redirect|a redirect is not followed
	END
}

@test "a registry that hangs delays no other" {
	local pid
	break_with hang
	sed -i 's/^  timeout: 1s/  timeout: 60s/' "$clone/flux/broken.yaml"
	git --git-dir="$repo" config imagehook.enabled false
	push_all hang >/dev/null
	git --git-dir="$repo" config imagehook.enabled true
	imagehook run --now --repo "$repo" >"$BASE/run" 2>&1 3>&- &
	pid=$!
	bounded bash -c 'until git --git-dir="$1" show main:apps/app.yaml | grep -q ":1\.1\.0 #"; do sleep 0.05; done' _ "$repo"
	# it still waits for the other
	kill -0 "$pid"
	[ ! -s "$BASE/run" ]
	kill "$pid"
	wait "$pid" || true
}

@test "null is an empty list: a good scan, no tag, nothing written" {
	break_with null
	push_all >/dev/null
	[[ $(state_of repository) == "True successful scan: found 0 tags"* ]]
	[[ $(state_of policy) == "False retrying in 30s error: no tags in database" ]]
	git --git-dir="$repo" show main:apps/broken.yaml | grep -q ':1\.9\.9 #'
}

@test "a registry that goes away keeps its last list, choice and file, and comes back" {
	push_all >/dev/null
	before=$(tip)
	registry_stop "$BASE/registry" || true
	# the same documents pushed anew, and the state of policies asked for
	git -C "$clone" pull -q --rebase "$repo" main
	fleet_manifest apps/more.yaml app "$REGISTRY/your-org/app:1.0.0"
	push_all >/dev/null
	git --git-dir="$repo" show main:apps/more.yaml | grep -q ':1\.1\.0 #'
	run imagehook run --now --repo "$repo"
	[ "$status" -eq 1 ]
	run imagehook get image repository app --repo "$repo"
	[[ ${lines[1]} == *False*'scan failed: '* ]]
	run imagehook get image policy app --repo "$repo"
	[[ ${lines[1]} == *1.1.0*True* ]]
	run imagehook explain policy app --repo "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *chosen*1.1.0* ]]
	git --git-dir="$repo" show main:apps/app.yaml | grep -q ':1\.1\.0 #'
}

@test "without its store a failing registry causes no downgrade" {
	fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.9.9"
	registry_tag your-org/app 1.9.9
	push_all >/dev/null
	rm -r "$BASE"/state/state.db*
	registry_stop "$BASE/registry" || true
	before=$(tip)
	run imagehook run --now --repo "$repo"
	[ "$status" -eq 1 ]
	[ "$(tip)" = "$before" ]
}
