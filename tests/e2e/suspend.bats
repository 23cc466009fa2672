#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Objects that are left alone because the admin says so.

load lib/common.bash
load lib/capture.bash

setup() {
	common_setup
	capture_start "$BASE/cap"
	repo=$(make_bare fleet.git)
	clone=$(make_clone work)
	git --git-dir="$repo" config imagehook.allowHost "$CAPTURE"
	git --git-dir="$repo" config imagehook.insecureHost "$CAPTURE"
	"$IMAGEHOOK" install "$repo"
}

teardown() {
	capture_stop "$BASE/cap"
}

# cluster FOLDER: a provider, two alerts and a Kustomization whose path is missing
cluster() {
	mkdir -p "$clone/$1"
	cat >"$clone/$1/flux.yaml" <<-YAML
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Provider
		metadata: {name: chat}
		spec: {type: generic, address: "http://$CAPTURE/$1"}
		---
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Alert
		metadata: {name: one}
		spec: {providerRef: {name: chat}, eventSources: [{kind: Kustomization, name: "*"}]}
		---
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Alert
		metadata: {name: two}
		spec: {suspend: true, providerRef: {name: chat}, eventSources: [{kind: Kustomization, name: "*"}]}
		---
		apiVersion: kustomize.toolkit.fluxcd.io/v1
		kind: Kustomization
		metadata: {name: apps}
		spec: {interval: 5m, path: ./gone, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}
	YAML
}

save() {
	git -C "$clone" add -A
	git -C "$clone" commit -q -m change
	push "$clone" "$repo"
}

# says STATUS LINES WORDS...: the whole of stderr is LINES, nothing on stdout
says() {
	local expected=$1 lines=$2 got=0
	shift 2
	"$IMAGEHOOK" "$@" -C "$repo" >"$BASE/out" 2>"$BASE/errors" || got=$?
	[ ! -s "$BASE/out" ]
	diff -u - "$BASE/errors" <<<"$lines"
	[ "$got" -eq "$expected" ]
}

held() {
	git --git-dir="$repo" config --get-all imagehook.suspend | xargs
}

requests() {
	grep -c POST "$BASE/cap/log" || true
}

event() {
	"$IMAGEHOOK" event -C "$repo" --kind Kustomization --name other --severity error -m "$1"
}

@test "a suspended alert sends nothing until it is resumed" {
	cluster a
	save
	bounded bash -c 'until grep -qs POST "$1"; do sleep 0.05; done' _ "$BASE/cap/log"
	says 0 "► suspending alert one in flux-system namespace
✔ alert suspended" suspend alert one
	[ "$(held)" = Alert/flux-system/one ]
	says 0 "► suspending alert one in flux-system namespace
✔ alert suspended" suspend alert one
	[ "$(held)" = Alert/flux-system/one ]
	run "$IMAGEHOOK" get alert one --no-header -C "$repo"
	[[ $output == "one"*"True"*"True"*"Alert is Ready"* ]]
	before=$(requests)
	run event 'first'
	[ "$output" = 'imagehook: 0 deliveries, 0 sent, 0 waiting
  no alert takes it, or it was told before and lasts' ]
	[ "$(requests)" -eq "$before" ]
	says 0 "► resuming alert one in flux-system namespace
✔ alert resumed" resume alert one
	[ -z "$(held)" ]
	run event 'second'
	[ "$output" = 'imagehook: 1 delivery, 1 sent, 0 waiting' ]
	run "$IMAGEHOOK" get alert one --no-header -C "$repo"
	[[ $output =~ ^one.*False.*True.*Alert\ is\ Ready.*20[0-9-]+T[0-9:]+Z.*0.*$ ]]
}

@test "what the document suspends is resumed in the document" {
	cluster a
	save
	says 1 "► resuming alert two in flux-system namespace
imagehook: Alert 'flux-system/two' is suspended by its document, a/flux.yaml:11; push it without 'suspend: true'" resume alert two
	says 0 "► suspending alert one in flux-system namespace
✔ alert suspended
► suspending alert two in flux-system namespace
✔ alert suspended" suspend alerts --all
	[ "$(held)" = 'Alert/flux-system/one Alert/flux-system/two' ]
}

@test "a suspended Kustomization is not checked, a suspended provider takes nothing" {
	cluster a
	save
	says 0 "► suspending kustomization apps in flux-system namespace
✔ kustomization suspended" suspend kustomization apps
	says 1 'imagehook: resource is suspended' reconcile kustomization apps
	run "$IMAGEHOOK" get ks --no-header -C "$repo"
	[[ $output == "apps"*"True"*"Unknown"*"not checked here: it is suspended"* ]]
	says 0 "► suspending alert-provider chat in flux-system namespace
✔ alert-provider suspended" suspend alert-provider chat
	run event 'third'
	[ "$output" = 'imagehook: 0 deliveries, 0 sent, 0 waiting
  no alert takes it, or it was told before and lasts' ]
}

# sources of GitRepository events so far
artifacts() {
	"$IMAGEHOOK" events -C "$repo" --kind GitRepository -o json | jq -r '.[] | "\(.involvedObject.name) \(.reason)"' | sort
}

@test "a suspended source is silent, by its document or by the admin" {
	local name
	for name in told held still; do
		cat >"$clone/$name.yaml" <<-YAML
			apiVersion: source.toolkit.fluxcd.io/v1
			kind: GitRepository
			metadata: {name: $name}
			spec: {interval: 5m, url: "file://$repo", ref: {branch: main}, suspend: $([ $name = still ] && echo true || echo false)}
		YAML
	done
	git --git-dir="$repo" config imagehook.suspend GitRepository/flux-system/held
	save
	"$IMAGEHOOK" run --now -C "$repo"
	diff -u - <(artifacts) <<<'told NewArtifact'
	"$IMAGEHOOK" resume source git held -C "$repo"
	"$IMAGEHOOK" run --now -C "$repo"
	diff -u - <(artifacts) <<'LINES'
held NewArtifact
told NewArtifact
LINES
}

@test "one cluster's object is suspended, not the other's" {
	git --git-dir="$repo" config imagehook.path a
	git --git-dir="$repo" config --add imagehook.path b
	cluster a
	cluster b
	save
	says 1 "imagehook: Alert object 'one' is in several clusters; say --cluster 'a' or 'b'" suspend alert one
	says 0 "► suspending alert one in flux-system namespace
✔ alert suspended" suspend alert one --cluster b
	[ "$(held)" = b/Alert/flux-system/one ]
	run "$IMAGEHOOK" get alert one --no-header -C "$repo"
	[[ ${lines[0]} == "a"*"False"*"True"* ]]
	[[ ${lines[1]} == "b"*"True"*"True"* ]]
	says 0 "► resuming alert one in flux-system namespace
✔ alert resumed" resume alert one --cluster b
	[ -z "$(held)" ]
}

@test "what cannot be suspended is said" {
	cluster a
	save
	says 1 "imagehook: Alert object 'none' not found in \"flux-system\" namespace" suspend alert none
	says 1 "imagehook: no ImagePolicy objects found in \"flux-system\" namespace" suspend image policy --all
	run "$IMAGEHOOK" suspend alert -C "$repo"
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = 'imagehook: either names or --all is expected' ]
	run "$IMAGEHOOK" suspend image all x -C "$repo"
	[ "$status" -eq 2 ]
	local value
	for value in one Alert/one Alerts/flux-system/one Alert/flux-system/; do
		git --git-dir="$repo" config imagehook.suspend "$value"
		run "$IMAGEHOOK" get alerts -C "$repo"
		[ "$status" -eq 1 ]
		[[ $output == *"imagehook.suspend"*"'$value'"*"an object such as ImagePolicy/flux-system/web"* ]]
	done
	for value in Alert/flux-system/one clusters/a/Alert/flux-system/one; do
		git --git-dir="$repo" config imagehook.suspend "$value"
		"$IMAGEHOOK" get alerts -C "$repo"
	done
}
