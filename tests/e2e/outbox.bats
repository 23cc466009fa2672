#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The life of events and deliveries: what people see of them, what becomes of them in time.

load lib/common
load lib/capture
load lib/receiver

setup() {
	common_setup
	capture_start "$BASE/cap"
	repo=$(make_bare fleet.git)
	clone=$(make_clone work)
	receiver_allow "$repo"
	imagehook install "$repo" >/dev/null
}

teardown() {
	capture_stop "$BASE/cap"
}

# kustomization NAME PATH
kustomization() {
	mkdir -p "$clone/apps"
	echo 'kind: ConfigMap' >"$clone/apps/config.yaml"
	cat >"$clone/$1.yaml" <<-YAML
		apiVersion: kustomize.toolkit.fluxcd.io/v1
		kind: Kustomization
		metadata:
		  name: $1
		  namespace: flux-system
		spec:
		  interval: 5m
		  path: $2
		  prune: true
		  sourceRef:
		    kind: GitRepository
		    name: flux-system
	YAML
}

push_all() {
	git -C "$clone" add -A
	git -C "$clone" commit -qm "${1:-change}"
	push "$clone" "$repo"
}

# event NAME SEVERITY MESSAGE [ARG...]
event() {
	imagehook event -C "$repo" --kind Kustomization --name "$1" --severity "$2" --message "$3" "${@:4}"
}

query() {
	sqlite3 "$BASE/state/state.db" "$1"
}

messages() {
	bodies | jq -r .message
}

@test "a failure that lasts is told again by the timer, when that is wanted" {
	receiver_provider "$clone" hook generic /hook
	receiver_alert "$clone" failures hook Kustomization 'eventSeverity: error'
	kustomization apps ./wrong
	push_all
	wait_for has_bodies 1
	imagehook run -C "$repo"
	has_bodies 1
	git --git-dir="$repo" config imagehook.remindAfter 1s
	tick() { imagehook run -C "$repo" && has_bodies 2; }
	export -f tick
	export repo
	# the next tick learns of it from a run
	imagehook run --now -C "$repo" || true
	wait_for tick
	run messages
	[ "${lines[1]}" = "${lines[0]}" ]
	git --git-dir="$repo" config --unset imagehook.remindAfter
	kustomization apps ./apps
	push_all
	imagehook deliver -C "$repo"
	run messages
	[ "${lines[-1]}" = "Checked revision: main@sha1:$(git -C "$clone" rev-parse HEAD)" ]
}

@test "what is old goes, what is in the tree stays" {
	receiver_provider "$clone" hook generic /hook
	receiver_alert "$clone" failures hook Kustomization 'eventSeverity: error'
	kustomization apps ./wrong
	kustomization gone ./wrong
	push_all
	wait_for has_bodies 2
	rm "$clone/gone.yaml"
	push_all
	event apps info 'of 91 days ago'
	query "UPDATE event SET time_ms = time_ms - 91 * 86400000 WHERE message = 'of 91 days ago';
		UPDATE object SET seen_ms = seen_ms - 31 * 86400000;
		DELETE FROM note WHERE name = 'pruned'"
	imagehook run --now -C "$repo" || true
	[ "$(query "SELECT count(*) FROM event WHERE message = 'of 91 days ago'")" -eq 0 ]
	[ "$(query "SELECT name FROM object WHERE kind = 'Kustomization'")" = apps ]
	[ "$(query 'SELECT count(*) FROM alert_state JOIN object ON id = object_id WHERE name = "apps"')" -eq 1 ]
}
