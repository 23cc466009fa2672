#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Commit statuses of imagehook's own work: what the run found on the commit that was pushed, what it
# changed on its own.
# shellcheck disable=SC2154  # repo and clone are made by fleet_setup

load lib/common
load lib/registry
load lib/fleet
load lib/capture
load lib/receiver

setup() {
	common_setup
	capture_start "$BASE/cap"
	fleet_setup
	receiver_allow "$repo"
	registry_tag your-org/app 1.0.0 1.1.0
	fleet_documents app "$REGISTRY/your-org/app"
	fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.0.0"
	imagehook install "$repo" >/dev/null
}

teardown() {
	fleet_teardown
	capture_stop "$BASE/cap"
}

# forge [PREFIX]: a Provider that sets statuses; PREFIX of its paths asks for misbehaviour
forge() {
	receiver_provider "$clone" forge gitea "${1-}/api/v1/org/fleet" 'secretRef:' '  name: forge'
	echo token | imagehook secret set -C "$repo" flux-system/forge token \
		--for gitea --address "http://$CAPTURE${1-}"
}

# `COMMIT STATE CONTEXT DESCRIPTION` of each status, in the order of their arrival
statuses() {
	local file
	grep -l '^POST .*/statuses/' "$BASE"/cap/request-* | sort -V | while read -r file; do
		printf '%s ' "$(sed -n '1s|.*/statuses/\([0-9a-f]*\) .*|\1|p' "$file")"
		sed '1,/^\r$/d' "$file" | jq -r '"\(.state) \(.context) \(.description)"'
	done
}

has_statuses() {
	[ "$(grep -c '^POST .*/statuses/' "$BASE/cap/log")" -ge "$1" ]
}
export -f has_statuses

@test "a push whose run commits: a status on each commit, the same contexts each time" {
	local pushed
	forge
	push_all
	wait_for has_statuses 2
	pushed=$(git -C "$clone" rev-parse HEAD)
	run statuses
	[ "$(sort <<<"$output")" = "$({
		echo "$pushed success imagehook/fleet succeeded"
		echo "$(tip) success imagehook/fleet/flux-system/update updated 1 image"
	} | sort)" ]
	# what the next run finds on our own commit; a run that finds the same again is silent
	imagehook run --now --repo "$repo"
	imagehook run --now --repo "$repo"
	run statuses
	[ "${#lines[@]}" -eq 3 ]
	[ "${lines[2]}" = "$(tip) success imagehook/fleet succeeded" ]
}

@test "a mistake in the documents: the first finding, until it is mended" {
	local broken
	forge
	sed -i 's/>=1.0.0/not a range/' "$clone/flux/app.yaml"
	push_all
	wait_for has_statuses 1
	broken=$(git -C "$clone" rev-parse HEAD)
	run statuses
	[ "$output" = "$broken failure imagehook/fleet flux/app.yaml:21: invalid policy: improper constraint: \"not a range\"" ]
	imagehook run --now --repo "$repo" || true
	run statuses
	[ "${#lines[@]}" -eq 1 ]
	sed -i 's/not a range/>=1.0.0/' "$clone/flux/app.yaml"
	push_all
	wait_for has_statuses 3
	run statuses
	[ "$(tail -n2 <<<"$output" | grep -c ' success ')" -eq 2 ]
	# what was said of a commit stays its own
	[ "$(grep -c "^$broken" <<<"$output")" -eq 1 ]
}

@test "a forge that hangs holds up no push" {
	forge /hang
	push_all >"$BASE/pushed"
	grep -q 'main is now at' "$BASE/pushed"
	wait_for test -e "$BASE/cap/request-1"
	run imagehook deliver --repo "$repo" --list -o json
	[ "$(jq -r '.[].status' <<<"$output" | sort -u)" = waiting ]
}

@test "a forge that has not seen the commit yet is asked again" {
	forge /once/status/404
	push_all
	# each look-up is answered with 404 the first time; nobody waits for the next attempt here
	wait_for bash -c 'query "UPDATE outbox SET due_ms = 0 WHERE lease_ms = 0"
		imagehook deliver -C "$1"; query "SELECT sum(status = 1) FROM outbox" | grep -qx 2' _ "$repo"
	run statuses
	[ "$(sort -u <<<"$output")" = "$({
		echo "$(git -C "$clone" rev-parse HEAD) success imagehook/fleet succeeded"
		echo "$(tip) success imagehook/fleet/flux-system/update updated 1 image"
	} | sort)" ]
}

@test "a commit that the forge never sees is given up, and others need not wait for it" {
	local ids
	forge /status/404
	push_all
	wait_for bash -c 'imagehook deliver -C "$1" --list -o json | jq -e "[.[].lastError | select(startswith(\"commit unknown: \"))] | length == 2"' _ "$repo"
	query 'UPDATE outbox SET created_ms = created_ms - 660000, due_ms = 0, lease_ms = 0'
	wait_for bash -c '! imagehook deliver -C "$1"; imagehook deliver -C "$1" --list -o json | jq -e "[.[].status] == [\"dead\", \"dead\"]"' _ "$repo"
	ids=$(imagehook deliver -C "$repo" --list -o json | jq -r '.[].id' | sort -u | wc -l)
	[ "$ids" -eq 2 ]
}

@test "what was found while nothing could be sent is told once it can" {
	forge
	receiver_provider "$clone" hook generic /hook
	receiver_alert "$clone" failures hook Kustomization 'eventSeverity: error'
	cat >"$clone/ks.yaml" <<-'YAML'
		apiVersion: kustomize.toolkit.fluxcd.io/v1
		kind: Kustomization
		metadata:
		  name: apps
		  namespace: flux-system
		spec:
		  interval: 5m
		  path: ./wrong
		  prune: true
		  sourceRef:
		    kind: GitRepository
		    name: flux-system
	YAML
	fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.1.0"
	git --git-dir="$repo" config imagehook.write none
	push_all
	imagehook run --now --repo "$repo" || true
	imagehook run --now --repo "$repo" || true
	[ "$(requests)" -eq 0 ]
	git --git-dir="$repo" config imagehook.write direct
	imagehook run --now --repo "$repo" || true
	imagehook run --now --repo "$repo" || true
	run statuses
	[ "$output" = "$(tip) failure imagehook/fleet Kustomization flux-system/apps: kustomization path not found: ks.yaml:8: './wrong' is not in the tree" ]
	[ "$(bodies /hook | jq -r '.severity + " " + .reason')" = 'error ArtifactFailed' ]
}

@test "a commit in a mapped repository goes to no other project of its forge" {
	local apps
	apps=$(make_bare apps.git)
	git --git-dir="$apps" config --unset imagehook.state
	git --git-dir="$repo" config imagehook.source "apps=$apps"
	git --git-dir="$repo" config imagehook.pushBranch main
	clone=$BASE/apps
	git init -q "$clone"
	fleet_manifest app.yaml app "$REGISTRY/your-org/app:1.0.0"
	git -C "$clone" add -A
	git -C "$clone" commit -qm apps
	push "$clone" "$apps"
	clone=$BASE/fleet
	rm -r "$clone/apps"
	sed -i 's/^    name: flux-system$/    name: apps/' "$clone/flux/update.yaml"
	cat >"$clone/flux/source.yaml" <<-YAML
		apiVersion: source.toolkit.fluxcd.io/v1
		kind: GitRepository
		metadata: {name: apps, namespace: flux-system}
		spec: {interval: 5m, url: "ssh://git@127.0.0.1/org/apps.git"}
	YAML
	forge
	receiver_provider "$clone" ours gitea /api/v1/org/apps 'secretRef:' '  name: forge'
	imagehook secret set -C "$repo" flux-system/forge token --for gitea --address "http://$CAPTURE/api/v1/org/apps" <<<token
	push_all
	wait_for has_statuses 3
	imagehook deliver -C "$repo"
	local commit pushed
	commit=$(git --git-dir="$apps" rev-parse main) pushed=$(git -C "$clone" rev-parse HEAD)
	[ "$(sed -n 's|^POST /api/v1/repos/||p' "$BASE/cap/log" | sort)" = "$({
		echo "org/apps/statuses/$commit"
		echo "org/apps/statuses/$pushed"
		echo "org/fleet/statuses/$pushed"
	} | sort)" ]
}
