# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# A repository with providers, alerts and one Kustomization that can be broken. Uses $repo and
# $clone, which kustomization_setup makes.
#
#   kustomization_setup HOST:PORT...  a repository that may send to these by plain HTTP; not installed yet
#   provider NAME TYPE [FIELD...]     FIELD is a line of its spec, such as 'address: http://x/'
#   alert PROVIDER [SEVERITY]         an Alert on every Kustomization (default: error)
#   kustomization PATH MESSAGE        one more commit, in which the Kustomization has this path

kustomization_setup() {
	local host
	repo=$(make_bare fleet.git)
	clone=$(make_clone work)
	for host; do
		git --git-dir="$repo" config --add imagehook.allowHost "$host"
		git --git-dir="$repo" config --add imagehook.insecureHost "$host"
	done
}

provider() {
	local name=$1 type=$2
	shift 2
	{
		printf '%s\n' --- 'apiVersion: notification.toolkit.fluxcd.io/v1beta3' 'kind: Provider' \
			"metadata: {name: $name, namespace: flux-system}" 'spec:' "  type: $type"
		[ $# -eq 0 ] || printf '  %s\n' "$@"
	} >>"$clone/notification.yaml"
}

alert() {
	cat >>"$clone/notification.yaml" <<-YAML
		---
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Alert
		metadata: {name: $1, namespace: flux-system}
		spec:
		  providerRef: {name: $1}
		  eventSeverity: ${2-error}
		  eventSources: [{kind: Kustomization, name: '*'}]
	YAML
}

kustomization() {
	mkdir -p "$clone/apps"
	echo 'kind: ConfigMap' >"$clone/apps/config.yaml"
	cat >"$clone/ks.yaml" <<-YAML
		apiVersion: kustomize.toolkit.fluxcd.io/v1
		kind: Kustomization
		metadata: {name: apps, namespace: flux-system}
		spec:
		  path: $1
		  sourceRef: {kind: GitRepository, name: flux-system}
	YAML
	git -C "$clone" add -A
	git -C "$clone" commit -q -m "$2"
}
