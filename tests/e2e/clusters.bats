#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Two clusters in one repository: a run that is asked for and an event from outside may be of one of them.

load lib/common
load lib/registry
load lib/fleet
load lib/capture
load lib/alerting

setup() {
	common_setup
	fleet_setup
	capture_start "$BASE/cap"
	channel_allow "$CAPTURE"
	git --git-dir="$repo" config imagehook.path clusters/prod
	git --git-dir="$repo" config --add imagehook.path clusters/test
	imagehook install "$repo" >/dev/null 2>&1
	for cluster in prod test; do
		registry_tag team/$cluster 1.0.0
		mkdir -p "$clone/clusters/$cluster"
		fleet_documents app "$REGISTRY/team/$cluster"
		provider chat "type: generic, address: 'http://$CAPTURE/$cluster'"
		alert chat
		mv "$clone/flux/app.yaml" "$clone/notification.yaml" "$clone/clusters/$cluster/"
		rm -r "$clone/flux"
	done
	push_all >/dev/null
	imagehook deliver -C "$repo" >/dev/null
}

teardown() {
	capture_stop "$BASE/cap"
	fleet_teardown
}

# paths MESSAGE: where the event with this message went, in the order of the bytes
paths() {
	grep -l -- "$1" "$BASE"/cap/request-* | xargs -r sed -sn '1s/^POST \([^ ]*\).*/\1/p' | sort
}

# refused TEXT COMMAND...
refused() {
	run "$IMAGEHOOK" "${@:2}" -C "$repo"
	[ "$output" = "imagehook: $1" ]
	[ "$status" -eq 1 ]
}

@test "a run that is asked for scans what one cluster has" {
	run imagehook run --now -o json -C "$repo"
	[ "$(jq .scanned <<<"$output")" -eq 2 ]
	run imagehook run --now --cluster clusters/test/ -o json -C "$repo"
	[ "$(jq .scanned <<<"$output")" -eq 1 ]
	run imagehook run --now repository/flux-system/app -o json -C "$repo"
	[ "$(jq .scanned <<<"$output")" -eq 2 ]
	run imagehook run --now repository/app --cluster clusters/prod -o json -C "$repo"
	[ "$(jq .scanned <<<"$output")" -eq 1 ]
	refused 'ImageRepository object '"'none'"' not found in "any" namespace' run --now repository/none --cluster clusters/prod
}

@test "an event from outside reaches the alerts of every cluster, or of one" {
	event() {
		imagehook event -C "$repo" --kind Kustomization --name apps --severity error -m "$@"
	}
		[ "$(event 'to all')" = 'imagehook: 2 deliveries, 2 sent, 0 waiting' ]
	[ "$(paths 'to all' | xargs)" = '/prod /test' ]
	[ "$(event 'to one' --cluster ./clusters/test)" = 'imagehook: 1 delivery, 1 sent, 0 waiting' ]
	[ "$(paths 'to one')" = /test ]
	run imagehook event -C "$repo" --cluster clusters/prod <<-'JSON'
		{"involvedObject": {"kind": "Kustomization", "namespace": "flux-system", "name": "apps"}, "severity": "info",
		 "reason": "Done", "timestamp": "2026-06-06T12:00:00Z", "message": "read", "reportingController": "script"}
	JSON
	[ "$output" = 'imagehook: 1 delivery, 1 sent, 0 waiting' ]
	[ "$(paths '"message":"read"')" = /prod ]
}

@test "what an alert adds to an event from outside may name a commit, as without a cluster" {
	sed -i 's/eventSources/eventMetadata: {commit: "0123456789012345678901234567890123456789"}, &/' \
		"$clone/clusters/prod/notification.yaml"
	push_all >/dev/null
	imagehook event -C "$repo" --kind Kustomization --name apps -m deployed --cluster clusters/prod
	wait_for grep -qr '"message":"deployed"' "$BASE/cap"
	grep -h '"message":"deployed"' "$BASE"/cap/request-* | jq -e '.metadata.commit == "0123456789012345678901234567890123456789"'
}

@test "a cluster that is not there is no cluster, and one is named for what is asked for alone" {
	local missing="there is no cluster 'dev' in imagehook.path, but 'clusters/prod' or 'clusters/test'"
	refused "$missing" run --now --cluster dev
	refused "$missing" event --kind Kustomization --name apps -m x --cluster dev
	run imagehook run --cluster clusters/prod -C "$repo"
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = 'imagehook: --cluster goes with --now' ]
	run imagehook run --all --now --cluster clusters/prod
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = 'imagehook: --cluster is for one repository' ]
}
