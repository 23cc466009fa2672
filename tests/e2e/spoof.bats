#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What documents cannot make an event say: of which commit it is, and what another program's status is.

load lib/common
load lib/capture
load lib/alerting

setup() {
	common_setup
	capture_start "$BASE/cap"
	repo=$(make_bare fleet.git)
	clone=$(make_clone work)
	channel_allow "$CAPTURE"
	"$IMAGEHOOK" install "$repo"
	printf %s "http://$CAPTURE/hook" | "$IMAGEHOOK" secret set -C "$repo" flux-system/hook address
	printf %s token | "$IMAGEHOOK" secret set -C "$repo" flux-system/token token --for gitea --address "http://$CAPTURE/org"
	mkdir "$clone/apps"
	echo 'kind: ConfigMap' >"$clone/apps/config.yaml"
}

teardown() {
	capture_stop "$BASE/cap"
}

push_all() {
	git -C "$clone" add -A
	git -C "$clone" commit -qm change
	push "$clone" "$repo"
}

# requests to PATH, their bodies one a line
bodies() {
	local file
	grep -l "^POST $1" "$BASE"/cap/request-* | while read -r file; do
		sed '1,/^\r$/d' "$file"
		echo
	done
}

@test "neither annotations nor eventMetadata set commit, revision or originRevision" {
	local keys='' key ones=1111111111111111111111111111111111111111
	for key in commit revision originRevision; do
		keys+="event.toolkit.fluxcd.io/$key: 'main@sha1:$ones', kustomize.toolkit.fluxcd.io/$key: '$ones', "
	done
	cat >"$clone/ks.yaml" <<-YAML
		apiVersion: kustomize.toolkit.fluxcd.io/v1
		kind: Kustomization
		metadata: {name: apps, namespace: flux-system, annotations: {$keys}}
		spec: {interval: 5m, path: ./apps, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}
	YAML
	provider hook 'type: generic, secretRef: {name: hook}'
	provider status "type: gitea, address: 'http://$CAPTURE/org/repo', secretRef: {name: token}"
	alert hook
	alert status
	sed -i "s/spec: {providerRef/spec: {eventMetadata: {commit: '$ones', revision: 'main@sha1:$ones', originRevision: 'main@sha1:$ones', other: mine}, providerRef/" \
		"$clone/notification.yaml"
	push_all
	local commit
	commit=$(git -C "$clone" rev-parse HEAD)
	wait_for grep -q '"Kustomization"' -r "$BASE/cap"
	"$IMAGEHOOK" deliver -C "$repo" || true
	run jq -c '.metadata | [.commit, .revision, .originRevision, .other]' <(bodies /hook)
	[ "${#lines[@]}" -eq 2 ]
	[ "${lines[0]}" = "[\"$commit\",\"main@sha1:$commit\",null,\"mine\"]" ]
	[ "${lines[1]}" = "${lines[0]}" ]
	run grep -o 'statuses/[0-9a-f]*' "$BASE/cap/log"
	[ "$(sort -u <<<"$output" | grep -v '/$')" = "statuses/$commit" ]
	run grep -r 1111111 "$BASE/cap"
	[ -z "$output" ]
}

@test "a status of a name that is not imagehook's needs the admin's word" {
	provider status "type: gitea, address: 'http://$CAPTURE/org/repo', secretRef: {name: token}, commitStatusExpr: '\"ci/build\"'"
	alert status
	push_all
	wait_for grep -q '"context":"imagehook/fleet"' -r "$BASE/cap"
	run "$IMAGEHOOK" deliver -C "$repo"
	run "$IMAGEHOOK" deliver -C "$repo" --list
	[[ $output == *"the status 'ci/build' is not below 'imagehook/'; the admin permits it with imagehook.statusContext"* ]]
	run grep -r 'ci/build' "$BASE/cap"
	[ -z "$output" ]
	git --git-dir="$repo" config imagehook.statusContext 'ci/*'
	run "$IMAGEHOOK" deliver -C "$repo" --list -o json
	"$IMAGEHOOK" deliver -C "$repo" --retry "$(jq -r '.[0].id' <<<"$output")" || true
	wait_for grep -q '"context":"ci/build"' -r "$BASE/cap"
}

@test "an alert hears of its own repository alone" {
	local first=$repo
	provider hook 'type: generic, secretRef: {name: hook}'
	alert hook
	push_all
	wait_for grep -q 'POST /hook' "$BASE/cap/log"
	# another repository of the same owner, with the same names and what fails
	repo=$(make_bare other.git)
	"$IMAGEHOOK" install "$repo"
	rm "$clone/notification.yaml"
	push_all
	"$IMAGEHOOK" event -C "$repo" --kind Kustomization --name apps --severity error --message 'of the other'
	"$IMAGEHOOK" deliver -C "$repo"
	"$IMAGEHOOK" deliver -C "$first"
	run "$IMAGEHOOK" events -C "$first"
	[[ $output != *'of the other'* ]]
	run grep -r 'of the other' "$BASE/cap"
	[ -z "$output" ]
	run "$IMAGEHOOK" secret list -C "$repo"
	[ -z "$output" ]
}
