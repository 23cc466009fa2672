# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Providers and alerts of one line each, in $clone/notification.yaml.
#
#   channel_allow HOST:PORT   $repo may send there, without TLS too
#   provider NAME SPEC        a Provider; SPEC: YAML in flow style, without braces
#   alert NAME                an Alert on every GitRepository and Kustomization through the Provider NAME

channel_allow() {
	git --git-dir="$repo" config --add imagehook.allowHost "$1"
	git --git-dir="$repo" config --add imagehook.insecureHost "$1"
}

provider() {
	cat >>"$clone/notification.yaml" <<-YAML
		---
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Provider
		metadata: {name: $1, namespace: flux-system}
		spec: {$2}
	YAML
}

alert() {
	cat >>"$clone/notification.yaml" <<-YAML
		---
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Alert
		metadata: {name: $1, namespace: flux-system}
		spec: {providerRef: {name: $1}, eventSources: [{kind: GitRepository, name: '*'}, {kind: Kustomization, name: '*'}]}
	YAML
}
