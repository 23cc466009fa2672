#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a pusher reads when something is not as it was meant: the cause, once, and where to look on.

bats_require_minimum_version 1.5.0

load lib/common
load lib/registry
load lib/fleet

setup() {
	common_setup
	fleet_setup
	imagehook install "$repo" >/dev/null 2>&1
	fleet_documents app "$REGISTRY/team/app"
	fleet_manifest apps/app.yaml app "$REGISTRY/team/app:1.0.0"
}

teardown() {
	fleet_teardown
}

@test "an update.path that names nothing fails the automation at its place" {
	registry_tag team/app 1.0.0 1.1.0
	sed -i 's|^    path: .*|    path: ./aps|' "$clone/flux/update.yaml"
	diff - <(push_all) <<-'END'
		imagehook: error: spec.update.path: 'aps' is not in the tree of the
		  branch that is read
		  flux/update.yaml:20:11
	END
	diff - <(imagehook lint --repo "$repo") <<-'END'
		flux/update.yaml:20:11: error: spec.update.path: 'aps' is not in the tree of the branch that is read [unknown-path]
	END
	[[ $(imagehook get image update update --repo "$repo") == *False*"failed to apply policies: spec.update.path: 'aps' is not in the tree"* ]]
	sed -i 's|^    path: .*|    path: ./apps|' "$clone/flux/update.yaml"
	push_all
	[ "$(git --git-dir="$repo" show main:apps/app.yaml | grep -c :1.1.0)" -eq 1 ]
}

@test "a path without markers, and one that is a file, are in order" {
	registry_tag team/app 1.0.0
	sed -i 's|^    path: .*|    path: ./flux|' "$clone/flux/update.yaml"
	[ "$(push_all)" = 'imagehook: 1 of 1 image policies ready, nothing to update' ]
	sed -i 's|^    path: .*|    path: apps/app.yaml|' "$clone/flux/update.yaml"
	[ "$(push_all)" = 'imagehook: 1 of 1 image policies ready, nothing to update' ]
}

@test "policies that wait for a list that could not be had are not told one by one" {
	registry_tag team/app 1.0.0
	fleet_documents other "$REGISTRY/team/none"
	sed 's/^  name: other$/  name: second/;1,/^---/d' "$clone/flux/other.yaml" >"$clone/flux/second.yaml"
	fleet_manifest apps/other.yaml other "$REGISTRY/team/none:1.0.0"
	run push_all
	[ "$status" -eq 0 ]
	[[ $output == 'imagehook: ImageRepository flux-system/other: scan failed: '* ]]
	[[ $output != *ImagePolicy* ]]
	# whoever asks gets all of it
	run --separate-stderr imagehook run --now --repo "$repo"
	[ "$status" -eq 1 ]
	[[ $output == *'ImagePolicy flux-system/second: '* ]]
	# nor does a push that comes before the next attempt tell them in its place
	sed -i '1i # later' "$clone/flux/second.yaml"
	run push_all
	[[ $output == 'imagehook: ImageRepository flux-system/other: scan failed: '* ]]
	[[ $output != *ImagePolicy* ]]
}

@test "in a clone, lint reads the folder; in the repository, the tip" {
	registry_tag team/app 1.0.0
	sed -i 's/"flux-system:app"/"flux-system:ap"/' "$clone/apps/app.yaml"
	push_all >/dev/null
	local told="apps/app.yaml:10:$((${#REGISTRY} + 34)): warning: the marker names policy 'flux-system/ap', which is not known [unknown-policy]
  hint: did you mean 'flux-system:app'?"
	[ "$(cd "$repo" && imagehook lint)" = "$told" ]
	[ "$(cd "$clone" && imagehook lint)" = "$told" ]
	sed -i 's/"flux-system:ap"/"flux-system:app"/' "$clone/apps/app.yaml"
	[ "$(cd "$clone" && imagehook lint)" = '' ]
	[ "$(cd "$repo" && imagehook lint)" = "$told" ]
}

@test "what is wrong in the files that were pushed comes before what was wrong before" {
	registry_tag team/app 1.0.0
	for n in 1 2 3; do
		fleet_manifest "apps/old$n.yaml" gone "$REGISTRY/team/app:1.0.0"
	done
	push_all >/dev/null
	fleet_manifest releases/new.yaml other "$REGISTRY/team/app:1.0.0"
	run push_all
	diff - <(head -4 <<<"$output") <<-END
		imagehook: warning: the marker names policy 'flux-system/other', which
		  is not known
		  releases/new.yaml:10:$((${#REGISTRY} + 34))
		imagehook: warning: the marker names policy 'flux-system/gone', which is
	END
	[ "${lines[-1]}" = "imagehook: and 1 more; see 'imagehook lint'" ]
}

@test "markers and policies without an automation: nothing would ever be written" {
	registry_tag team/app 1.0.0 1.1.0
	rm "$clone/flux/update.yaml"
	diff - <(push_all) <<-'END'
		imagehook: warning: no ImageUpdateAutomation is in the tree, so the
		  markers are not looked at
		  apps/app.yaml
		  fix: add one; 'imagehook create image update' prints it
	END
	diff - <(imagehook lint --repo "$repo") <<-'END'
		apps/app.yaml: warning: no ImageUpdateAutomation is in the tree, so the markers are not looked at [no-automation]
		  hint: add one; 'imagehook create image update' prints it
	END
	# policies alone are a way to look at tags
	rm "$clone/apps/app.yaml"
	[ "$(push_all)" = 'imagehook: 1 of 1 image policies ready, nothing to update' ]
	# one that cannot be read is told by itself
	fleet_manifest apps/app.yaml app "$REGISTRY/team/app:1.0.0"
	printf 'apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageUpdateAutomation\nmetadata: [\n' >"$clone/flux/update.yaml"
	run push_all
	[[ $output != *ImageUpdateAutomation* ]]
}
