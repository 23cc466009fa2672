#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Events from outside: what is taken, and what is refused with its place and leaves nothing behind.

load lib/common.bash

setup() {
	common_setup
	repo=$(make_bare fleet.git)
	clone=$(make_clone work)
	"$IMAGEHOOK" install "$repo"
	commit "$clone" README
	push "$clone" "$repo"
	bounded bash -c 'until "$1" events -C "$2" 2>/dev/null | grep -q NewArtifact; do sleep 0.05; done' _ "$IMAGEHOOK" "$repo"
	"$IMAGEHOOK" events -C "$repo" -o json >"$BASE/before"
}

# json MEMBERS [OBJECT]: an event on one line whose members behind involvedObject are MEMBERS
json() {
	printf '{"involvedObject": {%s}, %s}' "${2:-"\"kind\": \"Kustomization\", \"name\": \"apps\", \"namespace\": \"flux-system\""}" "$1"
}

# refused STATUS TEXT [OPTION...]: of the event on stdin; nothing is stored
refused() {
	local expected=$1 text=$2 got=0
	shift 2
	"$IMAGEHOOK" event -C "$repo" "$@" >"$BASE/out" 2>"$BASE/errors" || got=$?
	[ ! -s "$BASE/out" ]
	diff -u - <(head -n 1 "$BASE/errors") <<<"imagehook: $text"
	[ "$got" -eq "$expected" ]
	diff -u "$BASE/before" <("$IMAGEHOOK" events -C "$repo" -o json)
}

rest='"severity": "info", "message": "m", "reason": "R"'

@test "JSON that is none is refused at its line and column" {
	refused 1 'stdin:1:1: unexpected end of the text' </dev/null
	refused 1 'stdin:2:3: unexpected character' <<<$'{\n  x'
	json "$rest" | sed 's/}$/} x/' | refused 1 'stdin:1:142: unexpected character'
	refused 1 'stdin: the event is a list, not an object' <<<'[]'
}

@test "an event of the wrong shape is refused with its field" {
	json '"severity": "loud", "message": "m", "reason": "R"' |
		refused 1 "stdin: severity 'loud' is not one of info, error and trace"
	json '"severity": "info", "message": 5, "reason": "R"' | refused 1 'stdin: message is a integer, not a string'
	json '"severity": "info", "message": "m"' | refused 1 'stdin: reason is missing'
	json "$rest" '"name": "a"' | refused 1 'stdin: involvedObject.kind is missing'
	json "$rest" '"kind": "Nope", "name": "a", "namespace": "b"' |
		refused 1 "stdin: involvedObject.kind 'Nope' is not a kind that Flux knows"
	json "$rest" '"kind": "Kustomization", "name": "A/B", "namespace": "b"' |
		refused 1 "stdin: involvedObject.name 'A/B' is not a name"
	json "$rest" '"kind": "Kustomization", "name": "a", "namespace": "b.c"' |
		refused 1 "stdin: involvedObject.namespace 'b.c' is not a namespace"
}

@test "control characters are refused, line feeds in the message are not" {
	json '"severity": "info", "message": "\u001b[31m", "reason": "R"' | refused 1 'stdin: control characters in message'
	json '"severity": "info", "message": "m", "reason": "R\n"' | refused 1 'stdin: control characters in reason'
	json "$rest"', "metadata": {"a": "\u0007"}' | refused 1 "stdin: control characters in metadata 'a'"
	json '"severity": "info", "message": "two\nlines", "reason": "R"' | "$IMAGEHOOK" event -C "$repo"
	[ "$("$IMAGEHOOK" events -C "$repo" -o json | jq -r '.[0].message')" = $'two\nlines' ]
}

@test "a huge event is refused, one of two megabytes is not" {
	json "$rest" | { head -c 3200000 /dev/zero | tr '\0' ' ' && cat; } |
		refused 1 'stdin: limit: 3145728 bytes of one event'
	json "$rest" | { head -c 2000000 /dev/zero | tr '\0' ' ' && cat; } | "$IMAGEHOOK" event -C "$repo"
}

@test "options are checked like an event on stdin" {
	local event=(--kind Kustomization --name apps --message m)
	refused 2 '--kind is missing; without it the event is read from stdin alone' --name apps -m m </dev/null
	refused 2 '--kind needs --name and --message' --kind Kustomization --name apps
	refused 1 "'Nope' is not a kind that alerts know, such as Kustomization or HelmRelease" --kind Nope --name a -m m
	refused 1 "'flux-system/A/B' is not a name of a-z, 0-9, '-' and '.'" --kind Kustomization --name A/B -m m
	refused 1 'the message has a control character or is no UTF-8' --kind Kustomization --name a -m $'\001'
	refused 1 'the reason has a control character or is no UTF-8' "${event[@]}" --reason $'\001'
	refused 1 'the revision has a control character or is no UTF-8' "${event[@]}" --revision $'\001'
	refused 2 "option '--severity' takes one of info|error, not 'trace'" "${event[@]}" --severity trace
	run "$IMAGEHOOK" event -C "$repo" "${event[@]}" --severity error --reason Broken --revision "main@sha1:$(git -C "$clone" rev-parse HEAD)"
	[ "$status" -eq 0 ]
	[ "$output" = 'imagehook: 0 deliveries, 0 sent, 0 waiting
  no alert takes it, or it was told before and lasts' ]
	run "$IMAGEHOOK" events -C "$repo" --for ks/apps --severity error -o json
	[ "$(jq -r '.[0] | .reason + " " + .message' <<<"$output")" = 'Broken m' ]
}

@test "the list of events takes a positive number, and counts" {
	run "$IMAGEHOOK" events -C "$repo" --limit -3
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "imagehook: '-3' is not a number of events" ]
	for i in 1 2 3; do
		"$IMAGEHOOK" event -C "$repo" --kind HelmRelease --name "web$i" -m "m$i"
	done
	[ "$("$IMAGEHOOK" events -C "$repo" --limit 2 -o json | jq -r '.[].message' | xargs)" = 'm3 m2' ]
	[ "$("$IMAGEHOOK" events -C "$repo" --kind hr -o json | jq -r '.[].message' | xargs)" = 'm3 m2 m1' ]
	[ "$("$IMAGEHOOK" events -C "$repo" --types Warning -o json)" = '[]' ]
	[ "$("$IMAGEHOOK" events -C "$repo" -n none 2>&1)" = 'imagehook: no events found' ]
}
