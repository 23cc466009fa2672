#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The YAML of each kind from flux's flags, whole, and that lint takes it.

load lib/common.bash

setup() {
	common_setup
}

# prints WORDS...: create's output is stdin, nothing more, and lint finds no mistake of the object itself
prints() {
	local errors
	"$IMAGEHOOK" create "$@" >"$BASE/made.yaml" 2>"$BASE/errors"
	diff -u - "$BASE/made.yaml"
	[ ! -s "$BASE/errors" ]
	errors=$("$IMAGEHOOK" lint "$BASE/made.yaml" 2>&1 | grep ': error: ' | grep -v '\[unknown-[a-z]*\]$') || true
	[ -z "$errors" ]
}

# refuses STATUS TEXT WORDS...: nothing on stdout, TEXT as the first line of stderr
refuses() {
	local expected=$1 text=$2 got=0
	shift 2
	"$IMAGEHOOK" create "$@" >"$BASE/made.yaml" 2>"$BASE/errors" || got=$?
	[ ! -s "$BASE/made.yaml" ]
	diff -u - <(head -n 1 "$BASE/errors") <<<"imagehook: $text"
	[ "$got" -eq "$expected" ]
}

@test "an alert-provider" {
	prints alert-provider slack --type slack --channel general --username bot \
		--address https://hooks.slack.com/services/a/b/c --secret-ref webhook-url --export <<-'YAML'
			---
			apiVersion: notification.toolkit.fluxcd.io/v1beta3
			kind: Provider
			metadata:
			  name: slack
			  namespace: flux-system
			spec:
			  address: https://hooks.slack.com/services/a/b/c
			  channel: general
			  secretRef:
			    name: webhook-url
			  type: slack
			  username: bot
		YAML
	prints alert-provider pager --type pagerduty --channel '#ops' -n team --label b=2,a=1 --label 'example.com/c=' <<-'YAML'
		---
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Provider
		metadata:
		  labels:
		    a: "1"
		    b: "2"
		    example.com/c: ""
		  name: pager
		  namespace: team
		spec:
		  channel: '#ops'
		  type: pagerduty
	YAML
	refuses 1 'Provider type is required' alert-provider chat
	refuses 1 'provider nosuch not supported' alert-provider x --type nosuch
}

@test "an alert" {
	prints alert all --provider-ref slack --event-severity info --interval 5m \
		--event-source 'Kustomization/*,HelmRelease/web.apps' --event-source GitRepository/flux-system <<-'YAML'
			---
			apiVersion: notification.toolkit.fluxcd.io/v1beta3
			kind: Alert
			metadata:
			  name: all
			  namespace: flux-system
			spec:
			  eventSeverity: info
			  eventSources:
			  - kind: Kustomization
			    name: '*'
			  - kind: HelmRelease
			    name: web
			    namespace: apps
			  - kind: GitRepository
			    name: flux-system
			  providerRef:
			    name: slack
		YAML
	refuses 1 'provider ref is required' alert all --event-source 'Kustomization/*'
	refuses 1 'at least one event source is required' alert all --provider-ref slack
	refuses 1 "invalid event source 'apps', must be in format <kind>/<name>" \
		alert all --provider-ref slack --event-source apps
	refuses 2 "option '--event-severity' takes one of info|error, not 'warn'" \
		alert all --provider-ref slack --event-severity warn
}

@test "an image repository" {
	prints image repository podinfo --image ghcr.io/stefanprodan/podinfo --interval 5m --scan-timeout 90s \
		--secret-ref ghcr --cert-ref ca <<-'YAML'
			---
			apiVersion: image.toolkit.fluxcd.io/v1
			kind: ImageRepository
			metadata:
			  name: podinfo
			  namespace: flux-system
			spec:
			  certSecretRef:
			    name: ca
			  image: ghcr.io/stefanprodan/podinfo
			  interval: 5m0s
			  secretRef:
			    name: ghcr
			  timeout: 1m30s
		YAML
	prints image repository alpine --image alpine <<-'YAML'
		---
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImageRepository
		metadata:
		  name: alpine
		  namespace: flux-system
		spec:
		  image: alpine
		  interval: 1m0s
	YAML
	refuses 1 'an image repository (--image) is required' image repository podinfo
	refuses 1 "'soon' is not a duration such as 30s or 1h30m" image repository x --image x --interval soon
	run "$IMAGEHOOK" create image repository x --image alpine:3
	[ "$status" -eq 1 ]
	[[ $output == "imagehook: "*alpine:3* ]]
}

@test "an image policy" {
	prints image policy podinfo --image-ref podinfo --select-semver '>=1.0.0' <<-'YAML'
		---
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImagePolicy
		metadata:
		  name: podinfo
		  namespace: flux-system
		spec:
		  imageRepositoryRef:
		    name: podinfo
		  policy:
		    semver:
		      range: '>=1.0.0'
	YAML
	prints image policy podinfo --image-ref podinfo --select-numeric asc --reflect-digest Always --interval 10m \
		--filter-regex '^main-[a-f0-9]+-(?P<ts>[0-9]+)' --filter-extract '$ts' <<-'YAML'
			---
			apiVersion: image.toolkit.fluxcd.io/v1
			kind: ImagePolicy
			metadata:
			  name: podinfo
			  namespace: flux-system
			spec:
			  digestReflectionPolicy: Always
			  filterTags:
			    extract: $ts
			    pattern: ^main-[a-f0-9]+-(?P<ts>[0-9]+)
			  imageRepositoryRef:
			    name: podinfo
			  interval: 10m0s
			  policy:
			    numerical:
			      order: asc
		YAML
	prints image policy podinfo --image-ref podinfo --select-alpha desc <<-'YAML'
		---
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImagePolicy
		metadata:
		  name: podinfo
		  namespace: flux-system
		spec:
		  imageRepositoryRef:
		    name: podinfo
		  policy:
		    alphabetical:
		      order: desc
	YAML
	refuses 1 'the name of an ImageRepository in the namespace is required (--image-ref)' image policy x
	refuses 1 'a policy must be provided with one of --select-semver, --select-alpha or --select-numeric' \
		image policy x --image-ref x
	refuses 1 'only one of --select-semver, --select-alpha or --select-numeric can be specified' \
		image policy x --image-ref x --select-semver 1.x --select-alpha asc
	refuses 1 'cannot specify --filter-extract without --filter-regex' \
		image policy x --image-ref x --select-alpha asc --filter-extract '$1'
	refuses 1 '--interval is only for --reflect-digest=Always' \
		image policy x --image-ref x --select-alpha asc --interval 5m
	run "$IMAGEHOOK" create image policy x --image-ref x --select-semver 'not a range'
	[ "$status" -eq 1 ]
	[[ $output == "imagehook: "*"not a range"* ]]
	run "$IMAGEHOOK" create image policy x --image-ref x --select-alpha asc --filter-regex '('
	[ "$status" -eq 1 ]
}

@test "an image update" {
	prints image update flux-system --git-repo-ref flux-system --git-repo-path ./clusters/my-cluster \
		--checkout-branch main --push-branch image-updates --author-name flux --author-email flux@example.com \
		--commit-template '{{range .Changed.Changes}}{{println .NewValue}}{{end}}' <<-'YAML'
			---
			apiVersion: image.toolkit.fluxcd.io/v1
			kind: ImageUpdateAutomation
			metadata:
			  name: flux-system
			  namespace: flux-system
			spec:
			  git:
			    checkout:
			      ref:
			        branch: main
			    commit:
			      author:
			        email: flux@example.com
			        name: flux
			      messageTemplate: '{{range .Changed.Changes}}{{println .NewValue}}{{end}}'
			    push:
			      branch: image-updates
			  interval: 1m0s
			  sourceRef:
			    kind: GitRepository
			    name: flux-system
			  update:
			    path: ./clusters/my-cluster
			    strategy: Setters
		YAML
	prints image update apps --namespace apps --git-repo-ref flux-system --git-repo-namespace flux-system \
		--checkout-branch main --author-name flux --author-email flux@example.com --interval 1h <<-'YAML'
			---
			apiVersion: image.toolkit.fluxcd.io/v1
			kind: ImageUpdateAutomation
			metadata:
			  name: apps
			  namespace: apps
			spec:
			  git:
			    checkout:
			      ref:
			        branch: main
			    commit:
			      author:
			        email: flux@example.com
			        name: flux
			  interval: 1h0m0s
			  sourceRef:
			    kind: GitRepository
			    name: flux-system
			    namespace: flux-system
		YAML
	local least=(--git-repo-ref x --checkout-branch main --author-name x --author-email x@example.com)
	refuses 1 'a reference to a GitRepository is required (--git-repo-ref)' image update x
	refuses 1 'the Git repository branch is required (--checkout-branch)' image update x "${least[@]:0:2}"
	refuses 1 'the author name is required (--author-name)' image update x "${least[@]:0:4}"
	refuses 1 'the author email is required (--author-email)' image update x "${least[@]:0:6}"
	run "$IMAGEHOOK" create image update x "${least[@]}" --commit-template '{{ .Nothing'
	[ "$status" -eq 1 ]
}

@test "a key to sign with is refused as a run would refuse it" {
	local least=(--git-repo-ref x --checkout-branch main --author-name x --author-email x@example.com)
	run "$IMAGEHOOK" create image update x "${least[@]}" --signing-key-secret key --signing-key-type ssh
	[ "$status" -eq 1 ]
	[[ $output == "imagehook: "*"signingKey is not supported yet"* ]]
	refuses 1 '--signing-key-type needs --signing-key-secret' image update x "${least[@]}" --signing-key-type ssh
}

@test "what create does not know is wrong usage" {
	refuses 2 "unknown kind 'kustomization'; it is written by hand, and checked on each push" kustomization apps
	refuses 2 "unknown kind 'secret'; 'imagehook secret set' stores one" secret git x
	refuses 2 "unknown kind 'alert-provder'; did you mean 'alert-provider'?" alert-provder x
	refuses 2 "unknown kind 'image polcy'; did you mean 'image policy'?" image polcy x
	refuses 2 "unknown kind 'image thing'" image thing x
	refuses 2 'name is required' alert
	refuses 2 'one object at a time' alert a b
	refuses 2 "name 'A_b' is invalid: lowercase letters, digits, '-' and '.' are expected" alert A_b
	refuses 2 "option '--channel' is not for 'alert'" alert a --channel x
	refuses 2 "option '--event-source' is not for 'image policy'" image policy a --event-source x/y
	refuses 2 "unknown option '--chanel'; did you mean '--channel'?" alert-provider a --chanel x
	refuses 1 "invalid label format 'a', must be key=value" alert-provider a --type slack --label a
	refuses 1 "invalid label '-a', must be such as 'team' or 'example.com/team'" \
		alert-provider a --type slack --label=-a=1
}
