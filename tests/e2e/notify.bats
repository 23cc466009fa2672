#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `imagehook notify`: what scripts rely on.

load lib/common

setup() {
	common_setup
	mkdir -p "$BASE/secrets/flux-system/hook"
	cd "$BASE" || return
	printf 'https://hooks.slack.com/services/T0/B0/XYZZY\n' >secrets/flux-system/hook/address
	cat >docs.yaml <<-'END'
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Provider
		metadata: {name: chat, namespace: flux-system}
		spec: {type: slack, channel: '#ops', secretRef: {name: hook}}
		---
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Alert
		metadata: {name: failures, namespace: flux-system}
		spec:
		  providerRef: {name: chat}
		  eventSeverity: error
		  eventSources: [{kind: ImagePolicy, name: '*'}]
	END
	cat >event.json <<-'END'
		{"involvedObject": {"kind": "ImagePolicy", "namespace": "flux-system", "name": "web",
		 "apiVersion": "image.toolkit.fluxcd.io/v1"}, "severity": "error", "reason": "Failure",
		 "timestamp": "2026-06-06T12:00:00Z", "message": "<!channel> no", "reportingController": "imagehook"}
	END
}

# notify FILE OPTION...: status, output (stdout) and errors (stderr)
notify() {
	local file=$1
	shift
	status=0
	output=$(imagehook notify "$@" <"$file" 2>errors) || status=$?
	errors=$(cat errors)
}

@test "a dry run prints the request, sends nothing" {
	notify event.json --dry-run -f docs.yaml --secrets secrets
	[ "$status" -eq 0 ]
	[ -z "$errors" ]
	[ "$output" = '{"provider":"flux-system/chat","method":"POST","url":"https://hooks.slack.com/services/T0/B0/XYZZY","headers":{"Content-Type":"application/json"},"body":{"channel":"#ops","username":"imagehook","icon_url":"","icon_emoji":"","attachments":[{"fallback":"imagepolicy/web.flux-system: &lt;!channel&gt; no","color":"danger","author_name":"imagepolicy/web.flux-system","text":"&lt;!channel&gt; no","mrkdwn_in":["text"],"fields":[]}]}}' ]
}

@test "a masked dry run shows no secret" {
	notify event.json --dry-run --mask -f docs.yaml --secrets secrets
	[ "$status" -eq 0 ]
	[[ $output == *'"url":"*****"'* ]]
	[[ $output != *XYZZY* ]]
}

@test "what no alert takes goes nowhere, but to a named provider" {
	sed -i 's/"error"/"info"/' event.json
	notify event.json --dry-run -f docs.yaml --secrets secrets
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	notify event.json --dry-run -f docs.yaml --secrets secrets --provider flux-system/chat
	[ "$status" -eq 0 ]
	[[ $output == *'"color":"good"'* ]]
}

@test "an unusable provider is the reason, exit 1, nothing on stdout" {
	notify event.json --dry-run -f docs.yaml --provider flux-system/chat
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[ "$(tail -n 1 <<<"$errors")" = "imagehook: secret 'flux-system/hook' is not there: name its folder with --secrets" ]
	notify event.json --dry-run -f docs.yaml --provider flux-system/none
	[ "$status" -eq 1 ]
	[ "$(tail -n 1 <<<"$errors")" = "imagehook: the files have no Provider 'flux-system/none'" ]
}

@test "an event that is none is refused with its place" {
	printf '{"severity": "error"' >bad.json
	notify bad.json --dry-run -f docs.yaml --secrets secrets
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $(tail -n 1 <<<"$errors") == "imagehook: "*"standard input"* ]]
}

@test "a private host is not contacted unless it is named" {
	printf 'http://127.0.0.1:9/x\n' >secrets/flux-system/hook/address
	notify event.json -f docs.yaml --secrets secrets
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $errors == *"not permitted"* ]]
	[[ $errors != *9/x* ]]
}

@test "usage errors are 2" {
	notify event.json --dry-run
	[ "$status" -eq 2 ]
	notify event.json --mask -f docs.yaml
	[ "$status" -eq 2 ]
}
