# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Providers and alerts that send to the capture server of capture.bash, and what it got.
#
#   requests [PATTERN]           how many were answered, of those whose `METHOD PATH` matches
#   bodies [PATTERN]             the JSON bodies in the order of their arrival, one a line
#   has_bodies N [PATTERN]       for wait_for: whether so many came
#   receiver_allow REPO          permits plain HTTP to it
#   receiver_provider CLONE NAME TYPE PATH [LINE...]   writes NAME.yaml: a Provider; LINE of its spec
#   receiver_alert CLONE NAME PROVIDER KIND [LINE...]  writes alert-NAME.yaml: on every KIND

requests() {
	touch "$BASE/cap/log"
	grep -c -- "${1-.}" "$BASE/cap/log" || true
}

bodies() {
	local file
	for file in $(find "$BASE/cap" -name 'request-*' | sort -V); do
		head -n1 "$file" | grep -q -- "${1-.}" && sed '1,/^\r$/d' "$file" | jq -c .
	done
	return 0
}

has_bodies() {
	[ "$(bodies "${@:2}" | wc -l)" -ge "$1" ]
}

# for wait_for, which is a process of its own
export -f requests bodies has_bodies

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
