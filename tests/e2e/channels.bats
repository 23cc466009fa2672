#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# One channel by hand: is it usable, does a test event arrive.

load lib/common.bash
load lib/capture.bash

setup() {
	common_setup
	capture_start "$BASE/cap"
	PORT=${CAPTURE#*:}
	repo=$(make_bare fleet.git)
	clone=$(make_clone work)
	git --git-dir="$repo" config imagehook.allowHost "127.0.0.1:$PORT"
	git --git-dir="$repo" config imagehook.insecureHost "127.0.0.1:$PORT"
	"$IMAGEHOOK" install "$repo"
}

teardown() {
	capture_stop "$BASE/cap"
}

# slack URL: a provider whose secret holds the URL, and an alert that uses it
slack() {
	printf '%s' "$1" | "$IMAGEHOOK" secret set -C "$repo" flux-system/chat address
	cat >"$clone/notification.yaml" <<-YAML
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Provider
		metadata:
		  name: chat
		  namespace: flux-system
		spec:
		  type: slack
		  channel: "#ops"
		  secretRef:
		    name: chat
		---
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Alert
		metadata:
		  name: failures
		  namespace: flux-system
		spec:
		  providerRef:
		    name: chat
		  eventSeverity: error
		  eventSources:
		    - kind: Kustomization
		      name: "*"
	YAML
	git -C "$clone" add -A
	git -C "$clone" commit -q -m channels
	push "$clone" "$repo"
}

@test "a test event arrives, and is shown without its secret" {
	slack "http://127.0.0.1:$PORT/hook/XYZZY"
	run "$IMAGEHOOK" notify --test flux-system/chat -C "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *"> POST *****"* ]]
	[[ $output == *"< 200"* ]]
	[[ $output == *"imagehook: flux-system/chat: sent"* ]]
	[[ $output != *XYZZY* ]]
	grep -q 'POST /hook/XYZZY' "$BASE/cap/log"
	grep -q 'This is a test of imagehook' -r "$BASE/cap"
}

@test "a test that the receiver refuses fails and shows the answer" {
	slack "http://127.0.0.1:$PORT/status/403/XYZZY"
	run "$IMAGEHOOK" notify --test flux-system/chat -C "$repo"
	[ "$status" -eq 1 ]
	[[ $output == *"< 403"* ]]
	[[ $output != *XYZZY* ]]
	run "$IMAGEHOOK" notify --test flux-system/none -C "$repo"
	[ "$status" -eq 1 ]
	[ "$output" = "imagehook: Provider object 'none' not found in \"flux-system\" namespace" ]
	run "$IMAGEHOOK" notify --test flux-system/chat -f x.yaml
	[ "$status" -eq 2 ]
}

@test "describe tells whether a provider can be used, and who uses it" {
	slack "http://127.0.0.1:$PORT/hook/XYZZY"
	run "$IMAGEHOOK" describe alert-provider chat -C "$repo"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "Name:           chat" ]
	[ "${lines[1]}" = "Namespace:      flux-system" ]
	[ "${lines[2]}" = "Type:           slack" ]
	[ "${lines[3]}" = "Address:        ***** (from the secret)" ]
	[ "${lines[4]}" = "Secret:         chat (usable)" ]
	[ "${lines[5]}" = "Ready:          True" ]
	[ "${lines[6]}" = "Waiting:        0" ]
	[ "${lines[7]}" = "Given up:       0" ]
	[ "${lines[10]}" = "Alerts:         failures" ]
	[ "${lines[11]}" = "Events:         <none>" ]
	[[ $output != *XYZZY* ]]
	run "$IMAGEHOOK" describe alert-provider none -C "$repo"
	[ "$status" -eq 1 ]
	[[ $output == *"Provider object 'none' not found"* ]]
	run "$IMAGEHOOK" describe alert-provider chat -C "$repo" -o json
	[ "$(jq -r '.kind + " " + .metadata.name + " " + .status.conditions[0].status + " " + .status.alerts[0]' <<<"$output")" = \
		'Provider chat True failures' ]
	[[ $output != *XYZZY* ]]
	run "$IMAGEHOOK" describe --help
	[[ $output == *"imagehook describe alert-provider on-call-slack"* ]]
}

@test "describe tells of a secret that is missing" {
	slack "http://127.0.0.1:$PORT/hook"
	sed -i 's/    name: chat$/    name: gone/' "$clone/notification.yaml"
	git -C "$clone" commit -q -am gone
	push "$clone" "$repo"
	run "$IMAGEHOOK" describe alert-provider chat -C "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *"Secret:         gone (not usable: secret 'flux-system/gone' not found"* ]]
	[[ $output == *"Ready:          False (secret"* ]]
}

@test "reconcile kustomization sends its event each time" {
	mkdir -p "$clone/apps"
	echo 'kind: ConfigMap' >"$clone/apps/config.yaml"
	cat >"$clone/ks.yaml" <<-YAML
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
	slack "http://127.0.0.1:$PORT/hook"
	wait_for grep -q . "$BASE/cap/log"
	run "$IMAGEHOOK" reconcile kustomization apps -C "$repo"
	[ "$status" -eq 1 ]
	[[ $output == *"Kustomization reconciliation failed: 'kustomization path not found: ks.yaml:8: './wrong' is not in the tree"* ]]
	[ "$(grep -c 'POST /hook' "$BASE/cap/log")" -eq 2 ]
	run "$IMAGEHOOK" reconcile kustomization none -C "$repo"
	[ "$status" -eq 1 ]
	[ "$output" = "imagehook: Kustomization object 'none' not found in \"flux-system\" namespace" ]
}
