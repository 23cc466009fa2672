#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Very many events and alerts: budgets and fair shares of them, what waits, how much may.

load lib/common.bash
load lib/capture.bash
load lib/kustomization.bash

setup() {
	common_setup
	capture_start "$BASE/cap"
	kustomization_setup "$CAPTURE"
}

teardown() {
	capture_stop "$BASE/cap"
}

# flood EVENTS ALERTS PROVIDERS: a pushed tree in which so many Kustomizations fail and every alert
# takes every event; alert i names provider i modulo PROVIDERS. The hook is not installed yet.
flood() {
	local i
	# shellcheck disable=SC2016
	perl -e '
		my ($dir, $events, $alerts, $providers, $host) = @ARGV;
		for my $i (0 .. $events - 1) {
			my $file = int($i / 500);
			open(my $out, ">>", "$dir/ks-$file.yaml") or die;
			print $out "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n",
				"metadata: {name: k-$i, namespace: flux-system}\nspec:\n  path: ./none-$i\n",
				"  sourceRef: {kind: GitRepository, name: flux-system}\n";
		}
		open(my $out, ">", "$dir/alerts.yaml") or die;
		for my $i (0 .. $alerts - 1) {
			my $provider = $i % $providers;
			print $out "---\napiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Provider\n",
				"metadata: {name: p-$i, namespace: flux-system}\n",
				"spec: {type: generic, address: \"http://$host/p-$i\"}\n" if $i < $providers;
			print $out "---\napiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Alert\n",
				"metadata: {name: a-$i, namespace: flux-system}\nspec:\n",
				"  providerRef: {name: p-$provider}\n  eventSeverity: error\n",
				"  eventSources: [{kind: Kustomization, name: \"*\"}]\n",
				"  exclusionList: [\"no-$i.*such\"]\n";
		}' "$clone" "$1" "$2" "$3" "$CAPTURE"
	git -C "$clone" add -A
	git -C "$clone" commit -qm flood
	push "$clone" "$repo"
	"$IMAGEHOOK" install "$repo"
}

# How many providers got how many requests: lines of `PROVIDERS REQUESTS`.
shares() {
	sort "$BASE/cap/log" | uniq -c | awk '{n[$1]++} END {for (i in n) print n[i], i}' | sort
}

query() {
	sqlite3 "$BASE/state/state.db" "$1"
}

@test "what a budget leaves is shared among the providers, the rest waits" {
	flood 40 40 40
	run "$IMAGEHOOK" run -C "$repo"
	[ "$(shares)" = "40 15" ]
	run "$IMAGEHOOK" deliver -C "$repo"
	[ "$output" = "imagehook: 0 sent, 1000 waiting, 0 given up" ]
	run "$IMAGEHOOK" get alert-providers p-7 -C "$repo" -o json
	[ "$(jq -c '[.status.waiting, .status.givenUp, .status.lastError]' <<<"$output")" = \
		'[25,0,"waits: this repository has sent its 600 deliveries of the hour"]' ]
}

@test "a provider has a budget of its own" {
	flood 100 3 3
	run "$IMAGEHOOK" run -C "$repo"
	[ "$(shares)" = "3 60" ]
	run "$IMAGEHOOK" describe alert-provider p-1 -C "$repo"
	[[ $output == *"Waiting:        40"* ]]
	[[ $output == *"Last error:     waits: the provider has got its 60 deliveries of the hour"* ]]
}

@test "two alerts on one provider are one delivery of each event" {
	flood 20 6 2
	run "$IMAGEHOOK" run -C "$repo"
	[ "$(shares)" = "2 20" ]
	run "$IMAGEHOOK" deliver -C "$repo" --list
	[ "$output" = "imagehook: nothing waits, nothing was given up" ]
}
