#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a pusher, a registry or a receiver writes is shown, and obeyed by no terminal: whatever command
# prints it, in whatever form.
# shellcheck disable=SC2154

load lib/common
load lib/registry
load lib/fleet
load lib/alerting

bats_require_minimum_version 1.5.0

setup() {
	common_setup
	fleet_setup
	registry_tag your-org/app 1.0.0 1.1.0
	imagehook install "$repo" >/dev/null
	# as bytes of a path, and as a text between double quotes of YAML
	raw=$'\e[31m\xc2\x9b\xe2\x80\xae\xe2\x81\xa6'
	yaml='\e[31m\u009b\u202e\u2066\u0085\nforged: '
}

teardown() {
	fleet_teardown
}

# Runs each line of stdin as a command, as a text and as JSON, and demands that what it prints has
# neither a character that a terminal obeys nor a line that it did not write itself.
all_are_clean() {
	local line form
	while read -r line; do
		for form in '' ' -o json'; do
			# shellcheck disable=SC2086
			run imagehook $line$form
			if grep -qP '[\x{00}-\x{08}\x{0b}-\x{1f}\x{7f}-\x{9f}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2066}-\x{2069}]|^forged' <<<"$output"; then
				echo "imagehook $line$form:" && cat -v <<<"$output"
				return 1
			fi
		done
	done
}

push_hostile() {
	git -C "$clone" add -A
	git -C "$clone" commit -qm "$raw" --author "$raw <a@example.com>"
	run push "$clone" "$repo"
	run ! grep -P '[^\x20-\x7e]' <<<"$output"
}

@test "documents, paths, names and events" {
	mkdir -p "$clone/$raw"
	printf 'image.toolkit.fluxcd.io/ "$imagepolicy": [\xff' >"$clone/$raw/$raw.yaml"
	cat >"$clone/bad.yaml" <<-YAML
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImageRepository
		metadata: {name: "a$yaml", namespace: "a$yaml"}
		---
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImageRepository
		metadata: {name: image, namespace: flux-system, annotations: {"$yaml": "$yaml"}}
		spec: {image: "x$yaml", interval: "$yaml", secretRef: {name: "$yaml"}, "$yaml": 1}
		---
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImagePolicy
		metadata: {name: policy, namespace: flux-system, labels: {"$yaml": "$yaml"}}
		spec: {imageRepositoryRef: {name: "$yaml"}, filterTags: {pattern: "($yaml"}, policy: {semver: {range: "$yaml"}}}
		---
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImageUpdateAutomation
		metadata: {name: update, namespace: flux-system}
		spec:
		  interval: 1m
		  sourceRef: {kind: GitRepository, name: flux-system}
		  git: {commit: {author: {email: "$yaml"}}, push: {branch: "p\u009b\u202e"}}
		---
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImageUpdateAutomation
		metadata: {name: update2, namespace: flux-system}
		spec:
		  interval: 1m
		  sourceRef: {kind: GitRepository, name: elsewhere}
		  git: {commit: {author: {email: a@example.com}}}
		---
		apiVersion: source.toolkit.fluxcd.io/v1
		kind: GitRepository
		metadata: {name: elsewhere, namespace: flux-system}
		spec: {url: "ssh://host/$yaml", interval: 1m}
		---
		apiVersion: kustomize.toolkit.fluxcd.io/v1
		kind: Kustomization
		metadata: {name: apps, namespace: flux-system}
		spec: {path: "./$yaml", interval: 1m, sourceRef: {kind: GitRepository, name: flux-system}, dependsOn: [{name: "$yaml"}]}
	YAML
	provider one "type: \"$yaml\", address: \"$yaml\", channel: \"$yaml\", proxy: \"$yaml\", timeout: \"$yaml\""
	provider two "type: slack, address: \"https://h.example/$yaml\", channel: \"$yaml\", username: \"$yaml\""
	provider three "type: github, address: \"https://github.com/$yaml\", commitStatusExpr: \"$yaml\""
	alert two
	push_hostile
	imagehook event -C "$repo" --kind Kustomization --name apps --message $'a\nforged: b' --reason R || true
	all_are_clean <<-LINES
		status -C $repo
		config -C $repo
		lint -C $repo
		plan -C $repo
		run --now -C $repo
		events -C $repo
		get image all -C $repo
		get image repository -C $repo -o yaml
		get image policy -C $repo -o yaml
		get image update -C $repo -o yaml
		get alert-providers -C $repo
		get alerts -C $repo
		get kustomizations -C $repo
		get source git -C $repo
		describe alert-provider one -C $repo
		describe alert-provider two -C $repo
		describe alert-provider three -C $repo
		notify --test flux-system/one -C $repo
		notify --test flux-system/two -C $repo
		notify --test flux-system/three -C $repo
		deliver --list -C $repo
		secret list -C $repo
		explain policy flux-system/policy -C $repo
		reconcile image repository image -C $repo
		reconcile image policy policy -C $repo
		reconcile image update update2 -C $repo
		reconcile kustomization apps -C $repo
		lint $clone
		lint $clone/$raw
		get image policy $raw -C $repo
		$raw
	LINES
	run ! grep -P '[\x{7f}-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}\e]' "$BASE/state/log"
}

@test "a change is shown as it is to a program, and escaped to a terminal" {
	fleet_documents app "$REGISTRY/your-org/app"
	fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.0.0"
	local turned=$'\xe2\x80\xae' # YAML has no other that a terminal obeys
	echo "          # $turned" >>"$clone/apps/app.yaml"
	git --git-dir="$repo" config imagehook.write none
	push_hostile
	run imagehook plan -C "$repo"
	[[ $output == *"           # $turned"* ]]
	run script -qec "imagehook plan -C '$repo'" /dev/null
	[[ $output == *'           # \u{202e}'* && $output != *"$turned"* ]]
}
