#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `imagehook select`: what scripts rely on.

load lib/common

setup() {
	common_setup
	mkdir -p "$BASE"
	cd "$BASE" || return
	printf '%s\n' 0.9.0 1.5.1 '' 1.5.2 1.6.0-rc.1 2.0.0 latest 1.5.2.sig >tags
}

# select_tags FILE OPTION...: status, output (stdout) and errors (stderr)
select_tags() {
	local file=$1
	shift
	status=0
	output=$(imagehook select "$@" <"$file" 2>errors) || status=$?
	errors=$(cat errors)
}

# refuses STATUS LAST-LINE FILE OPTION...: nothing on stdout, the reason last on stderr
refuses() {
	local wanted=$1 line=$2
	shift 2
	select_tags "$@"
	[ "$status" -eq "$wanted" ]
	[ -z "$output" ]
	[ "$(tail -n 1 <<<"$errors")" = "$line" ]
}

@test "text is the tag and nothing else" {
	select_tags tags --semver '>=1.0.0 <2.0.0'
	[ "$status" -eq 0 ]
	[ "$output" = 1.5.2 ]
	[ -z "$errors" ]
}

@test "json tells tag, key, message and warnings" {
	select_tags tags --semver '*' -o json
	[ "$output" = '{"tag":"2.0.0","key":"2.0.0","message":"Latest image tag resolved to 2.0.0","warnings":[]}' ]
	select_tags tags --alphabetical asc --pattern '^[0-9.]+$' --extract '$ts' -o json
	[ "$(jq -r .tag <<<"$output")" = 2.0.0 ]
	[ "$(jq '.warnings | length' <<<"$output")" -eq 1 ]
	[[ $errors == *'[extract-without-group]'* ]]
}

@test "explain tells every tag's fate" {
	select_tags tags --semver '>=1.0.0 <2.0.0' --pattern '^[^l].*' -o explain
	[ "$output" = "$(printf '%s\t%s\t%s\n' \
		latest no-match '' \
		2.0.0 out-of-range 2.0.0 \
		1.6.0-rc.1 out-of-range 1.6.0-rc.1 \
		1.5.2.sig excluded '' \
		1.5.2 chosen 1.5.2 \
		1.5.1 older 1.5.1 \
		0.9.0 out-of-range 0.9.0)" ]
}

@test "exclusions replace the default" {
	select_tags tags --alphabetical desc --exclude '^0' --exclude '^1[.]5[.][12]$'
	[ "$output" = 1.5.2.sig ]
}

@test "failures are upstream's words" {
	refuses 1 'imagehook: unable to determine latest version from provided list' \
		tags --semver '>=3'
	refuses 1 'imagehook: version list argument cannot be empty' \
		tags --semver '*' --pattern '^x'
	refuses 1 'imagehook: retrying in 30s error: no tags in database' \
		/dev/null --semver '*' --pattern '['
	refuses 1 'imagehook: invalid policy: improper constraint: "1."' /dev/null --semver 1.
	refuses 1 "imagehook: failed to parse invalid numeric value 'latest'" tags --numerical asc
	refuses 1 "imagehook: invalid policy: invalid order argument provided: 'NEWEST', must be one of: ASC, DESC" \
		tags --alphabetical newest
}

@test "an order in capitals works, with a warning" {
	cat >policy.yaml <<-'EOF'
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImagePolicy
		metadata: {name: app}
		spec:
		  imageRepositoryRef: {name: app}
		  policy:
		    alphabetical: {order: DESC}
	EOF
	select_tags tags -f policy.yaml
	[ "$status" -eq 0 ]
	[ "$output" = 0.9.0 ]
	[ "$errors" = "policy.yaml:7:27: warning: spec.policy.alphabetical.order is 'DESC', which the schema of Flux refuses; expected asc or desc [order-case]" ]
	select_tags tags --alphabetical DESC
	[ "$output" = 0.9.0 ]
	[ -z "$errors" ]
}

@test "usage" {
	select_tags tags
	[ "$status" -eq 2 ]
	select_tags tags --semver 1 extra
	[ "$status" -eq 2 ]
	select_tags tags --policy a/b --semver 1
	[ "$status" -eq 2 ]
}

@test "the policy comes from a file, with its repository's exclusions" {
	cat >policies.yaml <<-'EOF'
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImageRepository
		metadata: {name: app, namespace: team}
		spec: {image: ghcr.io/org/app, interval: 5m, exclusionList: ["^2"]}
		---
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImagePolicy
		metadata: {name: app, namespace: team}
		spec:
		  imageRepositoryRef: {name: app}
		  policy: {semver: {range: '*'}}
		---
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImagePolicy
		metadata: {name: bad, namespace: team}
		spec:
		  imageRepositoryRef: {name: app}
		  policy: {semver: {range: '1.0.0p'}}
	EOF
	select_tags tags -f policies.yaml --policy team/app -o json
	[ "$(jq -r .message <<<"$output")" = 'Latest image tag for ghcr.io/org/app resolved to 1.5.2' ]
	refuses 1 'imagehook: invalid policy: improper constraint: "1.0.0p"' \
		tags -f policies.yaml --policy team/bad
	refuses 1 "imagehook: 'policies.yaml' has 2 policies: name one with --policy NS/NAME" \
		tags -f policies.yaml
	refuses 1 "imagehook: 'policies.yaml' has no ImagePolicy 'team/none'" \
		tags -f policies.yaml --policy team/none
}
