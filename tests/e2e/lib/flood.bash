# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Very many events through very many alerts to the capture server. Uses what kustomization.bash makes.
#
#   flood EVENTS ALERTS PROVIDERS   a pushed tree in which so many Kustomizations fail and every alert
#                                   takes every event; alert i names provider i modulo PROVIDERS. Then
#                                   the repository is installed.
#   shares                          how many providers got how many requests: lines `PROVIDERS REQUESTS`

flood() {
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

shares() {
	sort "$BASE/cap/log" | uniq -c | awk '{n[$1]++} END {for (i in n) print n[i], i}' | sort
}

