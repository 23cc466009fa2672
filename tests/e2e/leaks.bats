#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a pusher tries in order to read a secret or to have it sent elsewhere; each test breaks when its
# rule does.

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
}

teardown() {
	capture_stop "$BASE/cap"
}

secret() {
	printf '%b' "$3" | "$IMAGEHOOK" secret set --raw -C "$repo" "flux-system/$1" "$2" "${@:4}"
}

push_all() {
	git -C "$clone" add -A
	git -C "$clone" commit -qm change
	push "$clone" "$repo"
}

# Waits for a request with TEXT.
await_request() {
	wait_for grep -qr --include='request-*' "$1" "$BASE/cap"
}

# Everything that there is to read of the repository's channels and deliveries.
everything() {
	local command
	for command in 'get alert-providers' 'get alerts' events status 'deliver --list' 'secret list'; do
		# shellcheck disable=SC2086
		"$IMAGEHOOK" $command -C "$repo"
		# shellcheck disable=SC2086
		"$IMAGEHOOK" $command -C "$repo" -o json
	done
	"$IMAGEHOOK" lint -C "$repo"
	for command; do
		"$IMAGEHOOK" describe alert-provider "$command" -C "$repo"
		"$IMAGEHOOK" notify --test "flux-system/$command" -C "$repo"
	done
	cat "$BASE/state/log"
}

@test "a secret that cannot be used is quoted nowhere" {
	secret plain address 'hooks.example/services/XYZZY'
	secret bracket address 'https://[bad/services/XYZZY'
	secret control address 'https://hooks.example/services/XYZZY\a'
	secret long address "ftp://hooks.example/$(printf 'XYZZY%.0s' {1..200})"
	secret newline address 'https://hooks.example/services/XYZZY'
	secret newline token 'a\r\nX-Evil: XYZZY'
	secret alias address 'https://hooks.example/services/XYZZY'
	secret alias headers 'X-Key: *XYZZY'
	secret via address 'https://hooks.example/services/XYZZY'
	secret via proxy 'user:XYZZY@proxy.example'
	local name type names=()
	for name in alias plain bracket control long newline via; do
		for type in slack zulip sentry github gitlab bitbucketserver generic matrix; do
			provider "$name-$type" "type: $type, channel: a/b, secretRef: {name: $name}"
			alert "$name-$type"
			names+=("$name-$type")
		done
	done
	run push_all
	[ "$status" -eq 0 ]
	[[ $output == *"Provider flux-system/alias"* ]]
	[[ $output != *XYZZY* ]]
	run everything "${names[@]}"
	[[ $output == *"invalid Slack hook URL *****"* ]]
	[[ $output != *XYZZY* ]]
	[ ! -s "$BASE/cap/log" ]
	run grep -rlI --text XYZZY "$BASE/state" --exclude-dir=secrets
	[ -z "$output" ]
}

@test "a secret that is used is shown and kept nowhere else" {
	secret hook address "http://$CAPTURE/hook/XYZZY-hook"
	secret refused address "http://$CAPTURE/status/403/XYZZY-refused"
	secret away address "http://127.0.0.1:1/XYZZY-away"
	channel_allow 127.0.0.1:1
	secret token token XYZZY-token --for gitea --address "http://$CAPTURE/org/fleet"
	provider hook 'type: slack, secretRef: {name: hook}'
	provider refused 'type: generic, secretRef: {name: refused}'
	provider away 'type: discord, secretRef: {name: away}'
	provider token "type: gitea, address: 'http://$CAPTURE/org/fleet', secretRef: {name: token}"
	alert hook
	alert refused
	alert away
	run push_all
	[[ $output != *XYZZY* ]]
	"$IMAGEHOOK" deliver -C "$repo" >"$BASE/delivered" 2>&1 || true
	await_request 'POST /hook/XYZZY-hook'
	await_request 'POST /status/403/XYZZY-refused'
	await_request 'Authorization: token XYZZY-token'
	run everything hook refused away token
	[[ $output == *'403'* ]]
	[[ $output != *XYZZY* ]]
	run grep -rl --text XYZZY "$BASE/state" "$repo" "$BASE/delivered" --exclude-dir=secrets
	[ -z "$output" ]
}

@test "a token goes to no host that a granted address hides" {
	secret token token XYZZY --for gitea --address http://git.example
	secret token token XYZZY --for generic --address http://git.example
	channel_allow git.example:80
	local i=0 host type
	for host in "git.example?@$CAPTURE" "git.example#@$CAPTURE" "git.example\\@$CAPTURE" \
		"git.example@$CAPTURE" "git.example:80@$CAPTURE" "git.example;@$CAPTURE" "git.example/@$CAPTURE"; do
		for type in gitea generic giteapullrequestcomment; do
			i=$((i + 1))
			provider "p$i" "type: $type, address: 'http://$host/org/repo', secretRef: {name: token}"
			alert "p$i"
		done
	done
	run push_all
	"$IMAGEHOOK" deliver -C "$repo" >/dev/null 2>&1 || true
	[ ! -e "$BASE/cap/request-1" ]
	# and the same channel works when it is what was granted
	secret token token XYZZY --for gitea --address "http://$CAPTURE"
	provider good "type: gitea, address: 'http://$CAPTURE/org/repo', secretRef: {name: token}"
	push_all
	await_request XYZZY
}

@test "a document's proxy does not read what goes without TLS" {
	channel_allow git.example:80
	secret token token XYZZY --for gitea --address http://git.example/org
	secret hook address http://git.example/hook/XYZZY
	provider status "type: gitea, address: 'http://git.example/org/repo', secretRef: {name: token}, proxy: 'http://proxy.example:443'"
	provider hook "type: slack, secretRef: {name: hook}, proxy: 'http://proxy.example:443'"
	alert hook
	run push_all
	run "$IMAGEHOOK" notify --test flux-system/hook -C "$repo"
	[ "$status" -eq 1 ]
	[[ $output == *"plain HTTP goes only through a proxy in imagehook.allowHost"* ]]
	run "$IMAGEHOOK" notify --test flux-system/status -C "$repo"
	[[ $output == *"plain HTTP goes only through a proxy in imagehook.allowHost"* ]]
}

@test "what a test of a channel shows has no control characters" {
	secret hook address "http://$CAPTURE/hook"
	provider hook 'type: slack, channel: "\u202eevil\u009b31m\u2066", username: "\u202e", secretRef: {name: hook}'
	alert hook
	push_all
	run "$IMAGEHOOK" notify --test flux-system/hook -C "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *'\u202eevil'* ]]
	run grep -P '[\x{80}-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}]' <<<"$output"
	[ -z "$output" ]
}
