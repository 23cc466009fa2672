#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a policy may choose from: the list and the digests of the image that its repository names now.

load lib/common
load lib/registry
load lib/fleet

setup() {
	common_setup
	fleet_setup
	registry_push team/app 1.0.0 1.1.0
	fleet_documents app "$REGISTRY/team/app"
	fleet_manifest app.yaml app "$REGISTRY/team/app:1.0.0"
	imagehook install "$repo" >/dev/null
}

teardown() {
	fleet_teardown
}

# The marked value on the branch.
value() {
	git --git-dir="$repo" show main:app.yaml | sed -n 's/^ *image: \([^ ]*\) #.*/\1/p'
}

# Gives the ImageRepository another image and pushes.
push_image() {
	git -C "$clone" pull -q --rebase origin main
	sed -i "s|^  image: .*|  image: $1|" "$clone/flux/app.yaml"
	push_all
}

@test "the list of an image is none of the one that takes its place" {
	push_all
	run push_image "$REGISTRY/team/missing"
	[[ $output == *'ImageRepository flux-system/app: scan failed: '* ]]
	[[ $output != *'main is now at'* ]]
	[ "$(value)" = "$REGISTRY/team/app:1.1.0" ]
	[[ $(imagehook get image policy app --repo "$repo") == *'no tags in database'* ]]
	# it is back at once
	push_image "$REGISTRY/team/app"
	[[ $(imagehook get image policy app --repo "$repo") == *"resolved to 1.1.0"* ]]
	[ "$(value)" = "$REGISTRY/team/app:1.1.0" ]
}

@test "a digest that is always asked for is asked for when the image moves" {
	sed -i 's|^  imageRepositoryRef:|  digestReflectionPolicy: Always\n  interval: 10m\n&|' "$clone/flux/app.yaml"
	push_all
	[[ $(value) == "$REGISTRY/team/app:1.1.0@sha256:"* ]]
	registry_push team/twin 1.0.0 1.1.0
	push_image "$REGISTRY/team/twin"
	[[ $(value) == "$REGISTRY/team/twin:1.1.0@sha256:"* ]]
}
