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

@test "alerts that refuse other namespaces say so, as flux's controllers with that flag" {
	sed -i "s/name: '\*'/name: '*', namespace: other/" docs.yaml
	sed -i 's/"namespace": "flux-system"/"namespace": "other"/' event.json
	notify event.json --dry-run -f docs.yaml --secrets secrets
	[ "$status" -eq 0 ]
	[[ $output == *'"provider":"flux-system/chat"'* ]]
	notify event.json --dry-run --no-cross-namespace-refs -f docs.yaml --secrets secrets
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[ "$(tail -n 1 <<<"$errors")" = "imagehook: discarding event, access denied to cross-namespace sources: alert 'flux-system/failures' can't process event from 'ImagePolicy/other/web'" ]
	notify event.json --dry-run --no-cross-namespace-refs -f docs.yaml --secrets secrets --provider flux-system/chat
	[ "$status" -eq 2 ]
	[ "${errors%%$'\n'*}" = "imagehook: --no-cross-namespace-refs is about alerts, which --provider passes by" ]
}

@test "the requests before a failure are printed with it" {
	cat >forge.yaml <<-'END'
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Provider
		metadata: {name: forge, namespace: flux-system}
		spec: {type: gitea, address: 'https://git.example/a/b', secretRef: {name: hook}}
	END
	rm secrets/flux-system/hook/address
	printf 'T' >secrets/flux-system/hook/token
	notify event.json --dry-run -f forge.yaml --secrets secrets --provider flux-system/forge
	[ "$status" -eq 1 ]
	[ "$output" = '{"provider":"flux-system/forge","method":"GET","url":"https://git.example/api/v1/version","headers":{"Authorization":"token T"},"body":null}' ]
	[ "$errors" = "imagehook: missing revision metadata" ]
}

@test "labels come from the files, whose other mistakes are not told" {
	sed -i "s/name: '\*'/&, matchLabels: {team: a}/" docs.yaml
	notify event.json --dry-run -f docs.yaml --secrets secrets
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $errors == *"matchLabels cannot be judged: ImagePolicy 'flux-system/web' is not in the tree"* ]]
	cat >policy.yaml <<-'END'
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImagePolicy
		metadata: {name: web, namespace: flux-system, labels: {team: a}}
	END
	notify event.json --dry-run -f docs.yaml -f policy.yaml --secrets secrets
	[ "$status" -eq 0 ]
	[ -z "$errors" ]
	[[ $output == *'"method":"POST"'* ]]
}

@test "an expression that is none is told once and lets nothing in" {
	printf "  inclusionList: ['[']\n" >>docs.yaml
	notify event.json --dry-run -f docs.yaml --secrets secrets
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$errors" = "docs.yaml:13:19: warning: failed to compile inclusion regex '[', so it is left out: error parsing regexp: missing closing ]: \`[\` [invalid-regex]" ]
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

@test "the manual has every type of provider" {
	local types
	types=$(sed -n 's/^PROVIDER_[A-Z_]*([^"]*"\([^"]*\)".*/\1/p' "$BATS_TEST_DIRNAME/../../src/model/provider_types.list")
	[ "$(wc -l <<<"$types")" -ge 34 ]
	run "$IMAGEHOOK" help --manual providers
	[ "$status" -eq 0 ]
	for type in $types; do
		[[ $output == *"*$type*"* ]]
	done
}
