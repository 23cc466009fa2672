#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Events through alerts to a local receiver: the tutorial's third exercise, statuses of
# commits, receivers that are away, a drain that is killed.

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

# slack NAME URL: a provider with its secret and an alert on every Kustomization
slack() {
	printf '%s' "$2" | "$IMAGEHOOK" secret set -C "$repo" "flux-system/$1" address
	cat >>"$clone/notification.yaml" <<-YAML
		---
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Provider
		metadata:
		  name: $1
		  namespace: flux-system
		spec:
		  type: slack
		  channel: "#k8s-deployments"
		  secretRef:
		    name: $1
		---
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Alert
		metadata:
		  name: $1
		  namespace: flux-system
		spec:
		  providerRef:
		    name: $1
		  eventSeverity: error
		  eventSources:
		    - kind: Kustomization
		      namespace: flux-system
		      name: "*"
	YAML
}

kustomization() {
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
		  path: $1
		  prune: true
		  sourceRef:
		    kind: GitRepository
		    name: flux-system
	YAML
	git -C "$clone" add -A
	git -C "$clone" commit -q -m "$2"
}

texts() {
	grep -aho '"text":"[^"]*"' "$BASE"/cap/request-* || true
}

@test "break a path: the alert fires; fix it: the recovery arrives" {
	slack on-call "http://127.0.0.1:$PORT/hook"
	kustomization ./apps first
	push "$clone" "$repo"
	kustomization ./wrong break
	run push "$clone" "$repo"
	[[ $output == *"'./wrong' is not in the tree"* ]]
	wait_for grep -q . "$BASE/cap/log"
	kustomization ./apps fix
	push "$clone" "$repo"
	wait_for grep -q "Checked revision" -r "$BASE/cap"
	run texts
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == *"ks.yaml:8: './wrong' is not in the tree"* ]]
	[[ ${lines[1]} == *"Checked revision: main@sha1:$(git -C "$clone" rev-parse HEAD)"* ]]
}

@test "a status of the pushed commit arrives without an alert" {
	echo token | "$IMAGEHOOK" secret set -C "$repo" flux-system/status token \
		--for gitea --address "http://127.0.0.1:$PORT/org/fleet"
	cat >"$clone/status.yaml" <<-YAML
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Provider
		metadata:
		  name: status
		  namespace: flux-system
		spec:
		  type: gitea
		  address: http://127.0.0.1:$PORT/org/fleet
		  secretRef:
		    name: status
	YAML
	kustomization ./apps first
	push "$clone" "$repo"
	local commit
	commit=$(git -C "$clone" rev-parse HEAD)
	wait_for grep -q "POST /api/v1/repos/org/fleet/statuses/$commit" "$BASE/cap/log"
	grep -q '"context":"imagehook/fleet"' -r "$BASE/cap"
	grep -q '"state":"success"' -r "$BASE/cap"
}

@test "a token that was not granted for the address goes nowhere" {
	echo token | "$IMAGEHOOK" secret set -C "$repo" flux-system/status token \
		--for gitea --address "http://127.0.0.1:$PORT/other/fleet"
	cat >"$clone/status.yaml" <<-YAML
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Provider
		metadata:
		  name: status
		  namespace: flux-system
		spec:
		  type: gitea
		  address: http://127.0.0.1:$PORT/org/fleet
		  secretRef:
		    name: status
	YAML
	kustomization ./apps first
	run push "$clone" "$repo"
	[[ $output == *"'flux-system/status' not found"* ]]
	run "$IMAGEHOOK" deliver -C "$repo"
	[ ! -e "$BASE/cap/log" ]
}

@test "a dead receiver delays no other, and nothing is lost" {
	slack away "http://127.0.0.1:$PORT/status/503/"
	slack here "http://127.0.0.1:$PORT/hook"
	kustomization ./wrong break
	push "$clone" "$repo"
	wait_for grep -q "POST /hook" "$BASE/cap/log"
	run "$IMAGEHOOK" deliver -C "$repo" --list -o json
	[[ $output == *'"provider": "/flux-system/away"'* ]]
	[ "$(grep -c 'POST /hook' "$BASE/cap/log")" -eq 1 ]
}

@test "many slow receivers delay no other of their host" {
	local n
	for n in 1 2 3 4 5 6 7 8 9; do slack "a-slow-$n" "http://127.0.0.1:$PORT/slow/30000/$n"; done
	slack b-quick "http://127.0.0.1:$PORT/hook"
	sed -i 's/^  type: slack$/&\n  timeout: 1m/' "$clone/notification.yaml"
	kustomization ./apps first
	push "$clone" "$repo"
	"$IMAGEHOOK" event -C "$repo" --kind Kustomization --name apps \
		--severity error --message 'apply failed' 3>&- &
	local pid=$!
	wait_for grep -q "POST /hook" "$BASE/cap/log"
	# a request of the slow one came, and is not answered yet
	wait_for grep -q "POST /slow/" -r "$BASE/cap" --include='request-*'
	[ "$(grep -c "POST /slow/" "$BASE/cap/log")" -eq 0 ]
	kill "$pid"
	wait "$pid" || true
}

@test "a provider that is pushed while another receiver is waited for is used" {
	slack away "http://127.0.0.1:$PORT/status/503/"
	kustomization ./wrong break
	push "$clone" "$repo"
	wait_for grep -q "POST /status" "$BASE/cap/log"
	slack here "http://127.0.0.1:$PORT/hook"
	kustomization ./wronger break
	push "$clone" "$repo"
	wait_for grep -q "POST /hook" "$BASE/cap/log"
}

@test "an event of a script goes through the alerts" {
	slack on-call "http://127.0.0.1:$PORT/hook"
	kustomization ./apps first
	push "$clone" "$repo"
	"$IMAGEHOOK" event -C "$repo" --kind Kustomization --name apps \
		--severity error --message 'apply failed'
	wait_for grep -q "apply failed" -r "$BASE/cap"
	run "$IMAGEHOOK" event -C "$repo" <<<'{"involvedObject": 7'
	[ "$status" -eq 1 ]
	run "$IMAGEHOOK" events -C "$repo" --for ks/apps -o json
	[[ $output == *'"message": "apply failed"'* ]]
}

@test "a drain that is killed loses nothing" {
	slack slow "http://127.0.0.1:$PORT/slow/3000/"
	kustomization ./wrong break
	git --git-dir="$repo" config imagehook.write none
	push "$clone" "$repo"
	git --git-dir="$repo" config imagehook.write direct
	"$IMAGEHOOK" event -C "$repo" --kind Kustomization --name apps \
		--severity error --message 'apply failed' 3>&- &
	local pid=$!
	wait_for test -e "$BASE/cap/request-1"
	kill -9 "$pid"
	wait "$pid" || true
	run "$IMAGEHOOK" deliver -C "$repo" --list -o json
	[[ $output == *'"status": "waiting"'* ]]
	[[ $output == *'"attempts": 1'* ]]
	# nobody takes it up before the time of the killed one has ended, and the list says so
	[ "$(date -d "$(jq -r '.[0].dueAt' <<<"$output")" +%s)" -gt "$(date +%s)" ]
}
