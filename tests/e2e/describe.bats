#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What `describe` tells of each kind of object.

load lib/common
load lib/registry
load lib/fleet

setup() {
	common_setup
	fleet_setup
	imagehook install "$repo" >/dev/null 2>&1
	fleet_documents app "$REGISTRY/team/app"
	registry_tag team/app 1.0.0 1.1.0
	fleet_manifest app.yaml app "$REGISTRY/team/app:1.0.0"
}

teardown() {
	fleet_teardown
}

# describes KIND NAME...: stdin is the output, in which times, ages and commits are words, and
# blanks and tabs at the end of a line are none
describes() {
	run "$IMAGEHOOK" describe "$@" -C "$repo"
	[ "$status" -eq 0 ]
	diff - <(sed -E 's/[0-9-]{10}T[0-9:]{8}Z/TIME/g; s/[0-9a-f]{64}/HASH/g; s/[0-9a-f]{40}/COMMIT/g; s/(commit .)[0-9a-f]{7}/\1COMMIT/; s/^  [0-9]+s( *\t)/  AGE\1/; s/[ \t]+$//; s/ *\t/ | /g' <<<"$output" |
		sed "s|$REGISTRY|REGISTRY|g")
}

@test "the objects of image automation" {
	push_all
	describes image repository app <<-'END'
		Name:           app
		Namespace:      flux-system
		Document:       flux/app.yaml:1
		Suspended:      False
		Ready:          True
		Reason:         Succeeded
		Message:        successful scan: found 2 tags with checksum sha256:HASH
		Since:          TIME
		Image:          REGISTRY/team/app
		Last scan:      TIME
		Tags:           2
		Newest tags:    1.1.0
		                1.0.0
		Exclusions:     ^.*\.sig$
		                ^sha256-[a-f0-9]{64}(\.[a-z]+)?$
		Spec:
		  image: "REGISTRY/team/app"
		  interval: 5m
		  insecure: true
		Events:
		  LAST SEEN | TYPE | REASON | MESSAGE
		  AGE | Normal | Succeeded | successful scan: found 2 tags with checksum sha256:HASH
	END
	describes image policy app <<-'END'
		Name:           app
		Namespace:      flux-system
		Document:       flux/app.yaml:11
		Suspended:      False
		Ready:          True
		Reason:         Succeeded
		Message:        Latest image tag for REGISTRY/team/app resolved to 1.1.0
		Since:          TIME
		Image:          REGISTRY/team/app
		Tag:            1.1.0
		Digest:         <none>
		Tag before:     <none>
		Spec:
		  imageRepositoryRef:
		    name: app
		  policy:
		    semver:
		      range: '>=1.0.0'
		Events:
		  LAST SEEN | TYPE | REASON | MESSAGE
		  AGE | Normal | Succeeded | Latest image tag for REGISTRY/team/app resolved to 1.1.0
	END
	describes image update update <<-'END'
		Name:           update
		Namespace:      flux-system
		Document:       flux/update.yaml:1
		Suspended:      False
		Ready:          True
		Reason:         Succeeded
		Message:        repository up-to-date
		Since:          TIME
		Last run:       TIME
		Last commit:    COMMIT
		Committed:      TIME
		Source:         main@sha1:COMMIT
		Spec:
		  interval: 30m
		  sourceRef:
		    kind: GitRepository
		    name: flux-system
		  git:
		    checkout:
		      ref:
		        branch: main
		    commit:
		      author:
		        name: bot
		        email: bot@example.com
		  update:
		    path: .
		    strategy: Setters
		Events:
		  LAST SEEN | TYPE | REASON | MESSAGE
		  AGE | Normal | Succeeded | pushed commit 'COMMIT' to branch 'main' chore(image): update REGISTRY/team/app to 1.1.0 - flux-system/app: REGISTRY/team/app 1.0.0 -> 1.1.0
	END
}

@test "what is checked, and what is not" {
	cat >"$clone/ks.yaml" <<-'YAML'
		apiVersion: kustomize.toolkit.fluxcd.io/v1
		kind: Kustomization
		metadata: {name: apps, labels: {team: a, tier: test}, annotations: {note: "two\nlines"}}
		spec:
		  suspend: false
		  interval: 10m
		  path: ./none
		  prune: true
		  sourceRef: {kind: GitRepository, name: flux-system}
		---
		apiVersion: helm.toolkit.fluxcd.io/v2
		kind: HelmRelease
		metadata: {name: web}
		spec: {suspend: true, chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: charts}}}}
	YAML
	push_all
	describes kustomization apps <<-'END'
		Name:           apps
		Namespace:      flux-system
		Labels:         team=a
		                tier=test
		Annotations:    note=two\x0alines
		Document:       ks.yaml:1
		Suspended:      False
		Ready:          False
		Reason:         ArtifactFailed
		Message:        kustomization path not found: ks.yaml:7: './none' is not in the tree
		Revision:       main@sha1:COMMIT
		Spec:
		  suspend: false
		  interval: 10m
		  path: ./none
		  prune: true
		  sourceRef:
		    kind: GitRepository
		    name: flux-system
		Events:
		  LAST SEEN | TYPE | REASON | MESSAGE
		  AGE | Warning | ArtifactFailed | kustomization path not found: ks.yaml:7: './none' is not in the tree
	END
	describes hr web <<-'END'
		Name:           web
		Namespace:      flux-system
		Document:       ks.yaml:11
		Suspended:      True
		Ready:          Unknown
		Reason:         NotChecked
		Message:        not checked here: it is suspended
		Revision:       <none>
		Spec:
		  suspend: true
		  chart:
		    spec:
		      chart: web
		      sourceRef:
		        kind: HelmRepository
		        name: charts
		Events:         <none>
	END
}

@test "an alert, and one that cannot work" {
	cat >"$clone/alert.yaml" <<-'YAML'
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Alert
		metadata: {name: lost}
		spec:
		  providerRef: {name: none}
		  eventSources: [{kind: Kustomization, name: '*'}]
	YAML
	push_all
	imagehook suspend alert lost -C "$repo" 2>&1
	describes alert lost <<-'END'
		Name:           lost
		Namespace:      flux-system
		Document:       alert.yaml:1
		Suspended:      True (imagehook.suspend)
		Ready:          False
		Reason:         InvalidConfig
		Message:        failed to read provider: Provider.notification.toolkit.fluxcd.io "none" not found
		Waiting:        0
		Given up:       0
		Last delivery:  <none>
		Last error:     <none>
		Spec:
		  providerRef:
		    name: none
		  eventSources:
		  - kind: Kustomization
		    name: '*'
		Events:         <none>
	END
}

@test "the object for programs has its newest events" {
	push_all
	run "$IMAGEHOOK" describe image policy app -C "$repo" -o json
	[ "$(jq -r '[.kind, .status.latestRef.tag, .events[0].reason, .events[0].involvedObject.name, .spec.policy.semver.range] | join(" ")' <<<"$output")" = \
		'ImagePolicy 1.1.0 Succeeded app >=1.0.0' ]
}

@test "what is no object is refused" {
	push_all
	run "$IMAGEHOOK" describe image policy none -C "$repo"
	[ "$status" -eq 1 ]
	[ "$output" = "imagehook: ImagePolicy object 'none' not found in \"flux-system\" namespace" ]
	for words in '' 'policy app' 'image all' 'image policy' 'receiver x' 'image policy a b'; do
		# shellcheck disable=SC2086
		run "$IMAGEHOOK" describe $words -C "$repo"
		[ "$status" -eq 2 ]
		[ "${lines[0]}" = 'imagehook: expected KIND NAME' ]
	done
}
