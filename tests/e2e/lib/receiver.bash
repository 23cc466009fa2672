# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Providers and alerts that send to the capture server of capture.bash, and what it got.
#
#   requests [PATTERN]           how many were answered, of those whose `METHOD PATH` matches
#   bodies [PATTERN]             the JSON bodies in the order of their arrival, one a line
#   has_bodies N [PATTERN]       for wait_for: whether so many came
#   query SQL                    of the state file
#   receiver_allow REPO          permits plain HTTP to it
#   receiver_provider CLONE NAME TYPE PATH [LINE...]   writes NAME.yaml: a Provider; LINE of its spec
#   receiver_alert CLONE NAME PROVIDER KIND [LINE...]  writes alert-NAME.yaml: on every KIND

requests() {
	touch "$BASE/cap/log"
	grep -c -- "${1-.}" "$BASE/cap/log" || true
}

bodies() {
	perl -0777 -e '
		my ($pattern, $dir) = @ARGV;
		for my $n (sort { $a <=> $b } map { /request-(\d+)$/ } glob("$dir/request-*")) {
			open(my $in, "<", "$dir/request-$n") or die;
			my ($head, $body) = split(/\r\n\r\n/, <$in>, 2);
			print "$body\n" if $head =~ /\A[^\r]*$pattern/;
		}' "${1-}" "$BASE/cap" | jq -c .
}

has_bodies() {
	[ "$(bodies "${@:2}" | wc -l)" -ge "$1" ]
}

# A worker may be writing meanwhile.
query() {
	sqlite3 -cmd '.timeout 10000' "$BASE/state/state.db" "$1"
}

# for wait_for, which is a process of its own
export -f requests bodies has_bodies query

receiver_allow() {
	export BASE
	git --git-dir="$1" config --add imagehook.allowHost "$CAPTURE"
	git --git-dir="$1" config --add imagehook.insecureHost "$CAPTURE"
}

receiver_provider() {
	{
		printf 'apiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Provider\nmetadata:\n'
		printf '  name: %s\n  namespace: flux-system\n' "$2"
		printf 'spec:\n  type: %s\n  address: http://%s%s\n' "$3" "$CAPTURE" "$4"
		[ $# -le 4 ] || printf '  %s\n' "${@:5}"
	} >"$1/$2.yaml"
}

receiver_alert() {
	{
		printf 'apiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Alert\nmetadata:\n'
		printf '  name: %s\n  namespace: flux-system\n' "$2"
		printf 'spec:\n  providerRef:\n    name: %s\n' "$3"
		printf '  eventSources:\n    - kind: %s\n      name: "*"\n' "$4"
		[ $# -le 4 ] || printf '  %s\n' "${@:5}"
	} >"$1/alert-$2.yaml"
}
