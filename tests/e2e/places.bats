#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A copy of a repository is told from the repository.

load lib/common
load lib/registry
load lib/fleet
load lib/capture
load lib/alerting

setup() {
	common_setup
	capture_start "$BASE/cap"
	fleet_setup
	channel_allow "$CAPTURE"
	registry_tag your-org/app 1.0.0 1.1.0
	fleet_documents app "$REGISTRY/your-org/app"
	fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.0.0"
	"$IMAGEHOOK" install "$repo"
	printf %s "http://$CAPTURE/hook" | "$IMAGEHOOK" secret set -C "$repo" flux-system/hook address
	provider hook 'type: slack, secretRef: {name: hook}'
	alert hook
}

teardown() {
	capture_stop "$BASE/cap"
	fleet_teardown
}

@test "a copy writes and sends nothing, by a push or by hand" {
	cp -a "$repo" "$BASE/copy.git"
	local said="imagehook: '$BASE/copy.git' has the id of '$repo': a copy; say 'imagehook install --new-id' or --adopt"
	git -C "$clone" add -A
	git -C "$clone" commit -qm documents
	run push "$clone" "$BASE/copy.git"
	[[ $(tr -s ' \n' ' ' <<<"$output") == "$said "* ]]
	local command
	for command in 'run --now' deliver 'notify --test flux-system/hook' \
		'event --kind Kustomization --name a --severity error --message x'; do
		# shellcheck disable=SC2086
		run "$IMAGEHOOK" $command -C "$BASE/copy.git"
		[ "$status" -eq 1 ]
		[ "$output" = "$said" ]
	done
	[ "$(git --git-dir="$BASE/copy.git" rev-parse main)" = "$(git -C "$clone" rev-parse HEAD)" ]
	[ ! -e "$BASE/cap/request-1" ]
	# with an id of its own it is a repository like another, and has none of the other's secrets
	"$IMAGEHOOK" install --new-id "$BASE/copy.git"
	run "$IMAGEHOOK" secret list -C "$BASE/copy.git"
	[ -z "$output" ]
	run "$IMAGEHOOK" secret list -C "$repo"
	[[ $output == *flux-system/hook* ]]
}
