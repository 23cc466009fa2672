#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Real receivers: what they make of what is sent.

load lib/common.bash
load lib/capture.bash
load lib/kustomization.bash

setup() {
	common_setup
}

teardown() {
	[ ! -f "$BASE/alertmanager/pid" ] || kill "$(<"$BASE/alertmanager/pid")"
}

# Starts Alertmanager on a port that it finds free itself, and waits until it answers: sets MANAGER.
# Nothing resolves there by time within a test.
alertmanager_start() {
	local dir=$BASE/alertmanager
	mkdir "$dir"
	cat >"$dir/config.yml" <<-END
		global: {resolve_timeout: 10h}
		route: {receiver: none}
		receivers: [{name: none}]
	END
	prometheus-alertmanager --config.file="$dir/config.yml" --storage.path="$dir/data" \
		--web.listen-address=127.0.0.1:0 --cluster.listen-address= >"$dir/log" 2>&1 3>&- &
	echo $! >"$dir/pid"
	wait_for grep -q 'msg="Listening on"' "$dir/log"
	MANAGER=$(sed -n 's/.*msg="Listening on" address=//p' "$dir/log")
	wait_for curl -sf -o /dev/null "http://$MANAGER/-/ready"
}

# active FILTER: what jq says of the alerts that are active now
active() {
	curl -sf "http://$MANAGER/api/v2/alerts?active=true" | jq -c "$1"
}

is_active() {
	[ "$(active length)" -eq "$1" ]
}

@test "Alertmanager: a failure is active, a recovery resolves it" {
	alertmanager_start
	kustomization_setup "$MANAGER"
	"$IMAGEHOOK" install "$repo"
	provider pager alertmanager "address: http://$MANAGER/api/v2/alerts"
	alert pager
	kustomization ./apps first
	push "$clone" "$repo"
	is_active 0
	kustomization ./wrong break
	push "$clone" "$repo"
	export MANAGER
	export -f active is_active
	wait_for bash -c 'is_active 1'
	local commit
	commit=$(git -C "$clone" rev-parse HEAD)
	[ "$(active '.[0].labels')" = "$(jq -nc --arg commit "$commit" '{
		alertname: "FluxKustomizationArtifactfailed", branch: "main", commit: $commit,
		kind: "Kustomization", name: "apps", namespace: "flux-system", reason: "ArtifactFailed",
		reportingcontroller: "imagehook", revision: "main@sha1:\($commit)", severity: "error"}')" ]
	[ "$(active '.[0].annotations')" = "{\"message\":\"kustomization path not found: ks.yaml:5: './wrong' is not in the tree\"}" ]
	kustomization ./apps fix
	push "$clone" "$repo"
	wait_for bash -c 'is_active 0'
	run "$IMAGEHOOK" deliver -C "$repo" --list
	[ "$output" = "imagehook: nothing waits, nothing was given up" ]
}

@test "Alertmanager: another failure takes the place of the first" {
	alertmanager_start
	kustomization_setup "$MANAGER"
	"$IMAGEHOOK" install "$repo"
	provider pager alertmanager "address: http://$MANAGER/api/v2/alerts"
	alert pager
	kustomization ./wrong break
	push "$clone" "$repo"
	export MANAGER
	export -f active is_active
	wait_for bash -c 'is_active 1'
	kustomization ./worse 'break otherwise'
	push "$clone" "$repo"
	wait_for bash -c "active '.[].annotations.message' | grep worse"
	is_active 1
	kustomization ./apps fix
	push "$clone" "$repo"
	wait_for bash -c 'is_active 0'
}
