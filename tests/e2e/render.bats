#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `imagehook render`, and the files of all stage commands: a pipe is as good as a file.

load lib/common

setup() {
	common_setup
	mkdir -p "$BASE"
	cd "$BASE" || return
	cat >changes.json <<-'JSON'
		{"automation": {"namespace": "flux-system", "name": "apps"},
		 "files": {"a.yaml": [{"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "prod", "name": "web",
		   "changes": [{"old": "o/web:1.0.0", "new": "o/web:1.1.0", "setter": "flux-system:web"}]}]}}
	JSON
}

@test "the example of the help runs as it stands" {
	local example
	example=$(imagehook render --help | sed -n "s/^  \(echo 'tag.*\)/\1/p")
	[ -n "$example" ]
	[ "$(eval "$example")" = 'tag 1.5.3' ]
}

@test "templates, data and changes come from files or from pipes" {
	echo '{{ .AutomationObject }}{{ range .Changed.Changes }} {{ .NewValue }}{{ end }}' >message
	local want='flux-system/apps o/web:1.1.0'
	[ "$(imagehook render --changes changes.json message)" = "$want" ]
	[ "$(imagehook render --changes <(cat changes.json) <(cat message))" = "$want" ]
	[ "$(imagehook render --changes /dev/stdin message <changes.json)" = "$want" ]
	[ "$(tee <changes.json | imagehook render --changes /dev/stdin message)" = "$want" ]
}

@test "policies come from pipes" {
	policy() {
		echo '{apiVersion: image.toolkit.fluxcd.io/v1, kind: ImagePolicy, metadata: {name: app},'
		echo ' spec: {imageRepositoryRef: {name: app}, policy: {semver: {range: "1.x"}}}}'
	}
	[ "$(printf '%s\n' 1.0.0 1.1.0 2.0.0 | imagehook select -f <(policy))" = 1.1.0 ]
}

@test "providers and events come from pipes" {
	provider() {
		echo '{apiVersion: notification.toolkit.fluxcd.io/v1beta3, kind: Provider, metadata: {name: p, namespace: a},'
		echo ' spec: {type: generic, address: "https://hook.example.com/x"}}'
	}
	echo '{"involvedObject": {"kind": "Kustomization", "name": "a", "namespace": "a"}, "severity": "info", "message": "m"}' |
		imagehook notify --dry-run --provider a/p -f <(provider) | grep -F https://hook.example.com/x
}

@test "what is no text is refused" {
	run imagehook render --data . <<<x
	[ "$status" -eq 1 ]
	[ "$output" = "imagehook: '.' is a folder" ]
	run imagehook render --data gone <<<x
	[ "$status" -eq 1 ]
	[ "$output" = "imagehook: cannot open 'gone': No such file or directory" ]
	run imagehook render --data <(echo '{"a": x}') <<<x
	[[ $output == 'imagehook: /dev/fd/'*':1:7: unexpected character' ]]
	run imagehook select -f <(head -c 100000000 /dev/zero) <<<1.0.0
	[ "$status" -eq 1 ]
	[[ $output == *'more than '*' bytes' ]]
}
