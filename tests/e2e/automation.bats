#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What an automation reads and writes: its reference, its path, its policies, its push branch, its message.

bats_require_minimum_version 1.5.0

load lib/common
load lib/registry
load lib/fleet

setup() {
	common_setup
	fleet_setup
	imagehook install "$repo" >/dev/null 2>&1
	fleet_documents app "$REGISTRY/team/app"
	registry_tag team/app 1.0.0 1.1.0
}

teardown() {
	fleet_teardown
}

# automation NAME PATH PUSH-BRANCH [MORE]: a second automation; MORE goes to the end of its spec.git
automation() {
	cat >"$clone/flux/$1.yaml" <<YAML
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata: {name: $1, namespace: flux-system}
spec:
  interval: 30m
  sourceRef: {kind: GitRepository, name: flux-system}
  update: {path: $2}
  git:
    commit: {author: {name: $1, email: $1@example.com}}
    push: {branch: $3}
${4-}
YAML
}

# image PATH [BRANCH]: the marked value there
image() {
	git --git-dir="$repo" show "${2:-main}:$1" | sed -n 's/ *image: \([^ ]*\).*/\1/p'
}

run_now() {
	imagehook run --now --repo "$repo"
}

# log RANGE: author and subject of each commit, the oldest first
log() {
	git --git-dir="$repo" log --reverse --format='%an: %s' "$1"
}

@test "automations that share a push branch keep each other's changes" {
	rm "$clone/flux/update.yaml"
	fleet_manifest prod/app.yaml app "$REGISTRY/team/app:1.0.0"
	fleet_manifest test/app.yaml app "$REGISTRY/team/app:1.0.0"
	automation prod prod updates
	automation test test updates
	push_all
	[ "$(log main..updates)" = "prod: chore(image): update $REGISTRY/team/app to 1.1.0
test: chore(image): update $REGISTRY/team/app to 1.1.0" ]
	[ "$(image prod/app.yaml updates)" = "$REGISTRY/team/app:1.1.0" ]
	[ "$(image test/app.yaml updates)" = "$REGISTRY/team/app:1.1.0" ]
	before=$(tip updates)
	run_now
	[ "$(tip updates)" = "$before" ]
	# one of them has something new, the other's stays
	fleet_manifest test/app.yaml app "$REGISTRY/team/app:0.9.0"
	push_all
	[ "$(git --git-dir="$repo" rev-parse updates~2)" = "$(tip)" ]
	[ "$(image prod/app.yaml updates)" = "$REGISTRY/team/app:1.1.0" ]
	[ "$(image test/app.yaml updates)" = "$REGISTRY/team/app:1.1.0" ]
	registry_tag team/app 1.2.0
	run_now
	[ "$(image prod/app.yaml updates)" = "$REGISTRY/team/app:1.2.0" ]
	[ "$(image test/app.yaml updates)" = "$REGISTRY/team/app:1.2.0" ]
	before=$(tip updates)
	run_now
	[ "$(tip updates)" = "$before" ]
	# one is gone, and with it what it wrote
	rm "$clone/flux/prod.yaml"
	push_all
	[ "$(git --git-dir="$repo" rev-parse updates~1)" = "$(tip)" ]
	[ "$(image prod/app.yaml updates)" = "$REGISTRY/team/app:1.0.0" ]
	[ "$(image test/app.yaml updates)" = "$REGISTRY/team/app:1.2.0" ]
}

@test "automations of one branch commit one after the other, each below its path" {
	rm "$clone/flux/update.yaml"
	fleet_manifest prod/app.yaml app "$REGISTRY/team/app:1.0.0"
	fleet_manifest prod-old/app.yaml app "$REGISTRY/team/app:1.0.0"
	fleet_manifest test/app.yaml app "$REGISTRY/team/app:1.0.0"
	automation b ./prod/ main
	automation a ../test/../test main
	push_all
	[ "$(git --git-dir="$repo" log -2 --reverse --format='%an' --name-only main | xargs)" = 'a test/app.yaml b prod/app.yaml' ]
	[ "$(image prod-old/app.yaml)" = "$REGISTRY/team/app:1.0.0" ]
}

@test "a push branch: others' commits are built upon, merged or gone it begins anew" {
	sed -i 's|^    commit:|    push: {branch: updates}\n&|' "$clone/flux/update.yaml"
	fleet_manifest app.yaml app "$REGISTRY/team/app:1.0.0"
	push_all
	[ "$(log main..updates)" = "bot: chore(image): update $REGISTRY/team/app to 1.1.0" ]
	# somebody works on it
	git -C "$clone" fetch -q origin
	git -C "$clone" switch -q updates
	echo note >"$clone/note.txt"
	git -C "$clone" add -A
	git -C "$clone" commit -qm note
	git -C "$clone" push -q origin updates 2>/dev/null
	theirs=$(tip updates)
	registry_tag team/app 1.2.0
	run imagehook run --now --repo "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *"warning: the branch 'updates' holds commits that are not ours: the change goes on top of them"* ]]
	[ "$(git --git-dir="$repo" rev-parse updates~1)" = "$theirs" ]
	[ "$(image app.yaml updates)" = "$REGISTRY/team/app:1.2.0" ]
	git --git-dir="$repo" show updates:note.txt
	# merged
	git -C "$clone" fetch -q origin
	git -C "$clone" switch -q main
	git -C "$clone" merge -q --no-edit origin/updates
	git -C "$clone" push -q origin main 2>/dev/null
	registry_tag team/app 1.3.0
	run_now
	[ "$(log main..updates)" = "bot: chore(image): update $REGISTRY/team/app to 1.3.0" ]
	[ "$(git --git-dir="$repo" rev-parse updates~1)" = "$(tip)" ]
	# deleted
	git --git-dir="$repo" branch -qD updates
	run_now
	[ "$(log main..updates)" = "bot: chore(image): update $REGISTRY/team/app to 1.3.0" ]
}

@test "what is read may be a branch, a tag, a range of tags, a name or a commit" {
	rm "$clone/flux/update.yaml"
	fleet_manifest app.yaml app "$REGISTRY/team/app:1.0.0"
	push_all
	git -C "$clone" tag v1.0.0
	git -C "$clone" branch release
	echo later >"$clone/later.txt"
	git -C "$clone" add -A
	git -C "$clone" commit -qm later
	git -C "$clone" tag -m later v1.1.0
	git -C "$clone" push -q origin v1.0.0 v1.1.0 release
	first=$(git -C "$clone" rev-parse release)
	later=$(git -C "$clone" rev-parse HEAD)
	automation by-branch . by-branch '    checkout: {ref: {branch: release}}'
	automation by-commit . by-commit "    checkout: {ref: {branch: main, commit: $first}}"
	automation by-name . by-name '    checkout: {ref: {name: refs/tags/v1.0.0, tag: none}}'
	automation by-semver . by-semver '    checkout: {ref: {semver: ">=1.0.0"}}'
	automation by-tag . by-tag '    checkout: {ref: {tag: v1.0.0, semver: "2"}}'
	automation gone . by-gone '    checkout: {ref: {branch: gone}}'
	sed '/push:/d' "$clone/flux/by-tag.yaml" | sed 's/by-tag/nowhere/' >"$clone/flux/nowhere.yaml"
	run push_all
	for branch in by-branch by-commit by-name by-tag; do
		[ "$(git --git-dir="$repo" rev-parse "$branch~1")" = "$first" ]
		[ "$(image app.yaml $branch)" = "$REGISTRY/team/app:1.1.0" ]
	done
	[ "$(git --git-dir="$repo" rev-parse by-semver~1)" = "$later" ]
	[ "$(image app.yaml)" = "$REGISTRY/team/app:1.0.0" ]
	run imagehook get image update --repo "$repo"
	[[ $output == *"failed to checkout source: 'refs/heads/gone' does not exist"* ]]
	[[ $output == *'failed configuring source manager: push spec not provided, and cannot be inferred'* ]]
	# an automation that reads a branch runs when that moves
	git -C "$clone" switch -q release
	git -C "$clone" commit -q --allow-empty -m more
	git -C "$clone" push -q origin release 2>/dev/null
	bounded bash -c 'until [ "$(git --git-dir="$1" rev-parse by-branch~1)" = "$2" ]; do sleep 0.05; done' _ "$repo" "$(tip release)"
}

@test "the message sees objects, values and what changed below the path" {
	fleet_manifest apps/app.yaml app "$REGISTRY/team/app:1.0.0"
	sed -i 's|^    path: .*|    path: apps|; s|^      author:|      messageTemplateValues: {cluster: prod}\n      messageTemplate: \|\n        {{ .Values.cluster }}: {{ .AutomationObject }}{{ .Values.none }}\n        {{ range $file, $objects := .Changed.FileChanges }}\n        {{- range $o, $changes := $objects }}\n        {{ $file }} {{ $o.Kind }}/{{ $o.Name }}: {{ range $changes }}{{ .OldValue \| splitList ":" \| last }} -> {{ .NewValue \| splitList ":" \| last }} ({{ .Setter }}){{ end }}\n        {{- end }}{{ end }}\n&|' "$clone/flux/update.yaml"
	push_all
	[ "$(git --git-dir="$repo" cat-file commit main | sed '1,/^$/d')" = 'prod: flux-system/update<no value>

app.yaml Deployment/app: 1.0.0 -> 1.1.0 (flux-system:app)' ]
	git -C "$clone" pull -q --rebase origin main
	# a mistake in it is told before there is anything to write, and nothing is written
	sed -i 's|{{ .Values.cluster }}|{{ .Values.cluster \| nope }}|' "$clone/flux/update.yaml"
	run push_all
	[[ $output == *'function "nope" not defined'* ]]
	registry_tag team/app 1.2.0
	before=$(tip)
	run imagehook run --now --repo "$repo"
	[ "$status" -eq 1 ]
	[ "$(tip)" = "$before" ]
}

@test "digests are written where markers ask for them" {
	registry_push team/app 1.2.0
	digest=$(registry_curl -sI -H 'Accept: application/vnd.oci.image.manifest.v1+json' -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
		"$(registry_url)/v2/team/app/manifests/1.2.0" | sed -n 's/^docker-content-digest: *\([^ \r]*\).*/\1/ip')
	cat >"$clone/values.yaml" <<-'YAML'
		whole: app:1.0.0 # {"$imagepolicy": "flux-system:app"}
		name: app # {"$imagepolicy": "flux-system:app:name"}
		tag: 1.0.0 # {"$imagepolicy": "flux-system:app:tag"}
		digest: old # {"$imagepolicy": "flux-system:app:digest"}
	YAML
	run push_all
	# none is known: that value stays, and the push says so
	[[ $output == *values.yaml:4* ]]
	[ "$(git --git-dir="$repo" show main:values.yaml | cut -d' ' -f2 | xargs)" = "$REGISTRY/team/app:1.2.0 $REGISTRY/team/app 1.2.0 old" ]
	git -C "$clone" pull -q --rebase origin main
	sed -i 's|^  imageRepositoryRef:|  digestReflectionPolicy: IfNotPresent\n&|' "$clone/flux/app.yaml"
	push_all
	[ "$(git --git-dir="$repo" show main:values.yaml | cut -d' ' -f2 | xargs)" = "$REGISTRY/team/app:1.2.0@$digest $REGISTRY/team/app 1.2.0 $digest" ]
}

@test "a selector chooses policies; the others' markers are known and left alone" {
	fleet_documents web "$REGISTRY/team/app"
	sed -i '/^kind: ImagePolicy/,$s|^  name: web|&\n  labels: {tier: front}|' "$clone/flux/web.yaml"
	sed -i 's|^  update:|  policySelector:\n    matchExpressions:\n      - {key: tier, operator: NotIn, values: [front]}\n&|' "$clone/flux/update.yaml"
	fleet_manifest app.yaml app "$REGISTRY/team/app:1.0.0"
	fleet_manifest web.yaml web "$REGISTRY/team/app:1.0.0"
	run push_all
	[[ $output != *warning* ]]
	[ "$(image app.yaml)" = "$REGISTRY/team/app:1.1.0" ]
	[ "$(image web.yaml)" = "$REGISTRY/team/app:1.0.0" ]
	git -C "$clone" pull -q --rebase origin main
	sed -i 's|NotIn|Within|' "$clone/flux/update.yaml"
	run push_all
	[[ $output == *flux/update.yaml:* ]]
	[[ $(imagehook get image update update --repo "$repo") == *'failed to parse policy selector'* ]]
}

@test "each cluster has policies of its own, whatever their names" {
	git --git-dir="$repo" config imagehook.path clusters/prod
	git --git-dir="$repo" config --add imagehook.path clusters/test
	for cluster in prod test; do
		fleet_manifest clusters/$cluster/apps/app.yaml app "$REGISTRY/team/app:0.9.0"
		cp -R "$clone/flux" "$clone/clusters/$cluster/flux"
		sed -i "s|^    path: .*|    path: clusters/$cluster|; s|name: bot|name: $cluster|" "$clone/clusters/$cluster/flux/update.yaml"
	done
	sed -i 's|range: .*|range: 1.0.x|' "$clone/clusters/prod/flux/app.yaml"
	push_all
	[ "$(image clusters/prod/apps/app.yaml)" = "$REGISTRY/team/app:1.0.0" ]
	[ "$(image clusters/test/apps/app.yaml)" = "$REGISTRY/team/app:1.1.0" ]
	[ "$(log main~2..main | cut -d: -f1 | xargs)" = 'prod test' ]
	# what lies outside of both is no object
	[ "$(imagehook get image policy --repo "$repo" -o json | jq '.items | length')" -eq 2 ]
}

@test "the same object twice: equal ones are one, different ones none" {
	cp "$clone/flux/app.yaml" "$clone/flux/copy.yaml"
	fleet_manifest app.yaml app "$REGISTRY/team/app:1.0.0"
	push_all
	[ "$(image app.yaml)" = "$REGISTRY/team/app:1.1.0" ]
	git -C "$clone" pull -q --rebase origin main
	registry_tag team/app 1.2.0
	sed -i 's|range: .*|range: 1.0.x|' "$clone/flux/copy.yaml"
	run push_all
	[[ $output == *flux/app.yaml:* ]]
	[[ $output == *flux/copy.yaml:* ]]
	run imagehook run --now --repo "$repo"
	[ "$status" -eq 1 ]
	[ "$(image app.yaml)" = "$REGISTRY/team/app:1.1.0" ]
}

@test "patches are no objects, and their markers count" {
	mkdir -p "$clone/overlay"
	cat >"$clone/overlay/kustomization.yaml" <<-'YAML'
		apiVersion: kustomize.config.k8s.io/v1beta1
		kind: Kustomization
		patches:
		  - path: range.yaml
	YAML
	cat >"$clone/overlay/range.yaml" <<-'YAML'
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImagePolicy
		metadata: {name: app, namespace: flux-system, annotations: {tag: 1.0.0}} # {"$imagepolicy": "flux-system:app:tag"}
		spec: {policy: {semver: {range: 1.0.x}}}
	YAML
	fleet_manifest app.yaml app "$REGISTRY/team/app:1.0.0"
	sed -i 's|metadata: .*|metadata: {name: app, namespace: flux-system}|; 3a data: 1.0.0 # {"$imagepolicy": "flux-system:app:tag"}' "$clone/overlay/range.yaml"
	run push_all
	[[ $output != *warning* ]]
	[ "$(image app.yaml)" = "$REGISTRY/team/app:1.1.0" ]
	git --git-dir="$repo" show main:overlay/range.yaml | grep -F 'data: 1.1.0 #'
}

@test "an edit that breaks the MAC of SOPS is made and told" {
	for only in false true; do
		cat >"$clone/$only.yaml" <<-YAML
			image: $REGISTRY/team/app:1.0.0 # {"\$imagepolicy": "flux-system:app"}
			password: ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]
			sops:
			  mac: ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]
			  mac_only_encrypted: $only
		YAML
	done
	run push_all
	[ "$(image false.yaml)" = "$REGISTRY/team/app:1.1.0" ]
	[ "$(image true.yaml)" = "$REGISTRY/team/app:1.1.0" ]
	[ "$(grep -A2 warning <<<"$output")" = 'imagehook: warning: an edit breaks the MAC that SOPS keeps of this
  document
  false.yaml:3:1' ]
}

@test "what imagehook wrote itself is no change of the next push" {
	fleet_manifest app.yaml app "$REGISTRY/team/app:1.0.0"
	push_all
	git -C "$clone" pull -q --rebase origin main
	echo more >"$clone/notes.txt"
	run push_all
	[ -z "$output" ]
	# taking it back is one, though the files are as they were before
	git -C "$clone" revert --no-edit HEAD~1 >/dev/null
	run push "$clone" "$repo"
	[ "${lines[0]}" = "imagehook: main is now at $(tip | cut -c1-7) (1 image updated)" ]
	[ "$(image app.yaml)" = "$REGISTRY/team/app:1.1.0" ]
}

@test "a marker of a namespace without an automation is told, one of another automation is not" {
	sed 's/flux-system/team/' "$clone/flux/app.yaml" >"$clone/flux/team.yaml"
	sed 's/^  namespace: flux-system/  namespace: team/' "$clone/flux/update.yaml" >"$clone/flux/team-update.yaml"
	cat >"$clone/values.yaml" <<-'YAML'
		ours: 1.0.0 # {"$imagepolicy": "flux-system:app:tag"}
		team: 1.0.0 # {"$imagepolicy": "team:app:tag"}
		none: 1.0.0 # {"$imagepolicy": "prod:app:tag"}
	YAML
	run push_all
	diff - <(grep -A3 warning <<<"$output") <<-'END'
		imagehook: warning: the marker names a policy of namespace 'prod', in
		  which there is no ImageUpdateAutomation
		  values.yaml:3:13
		  fix: add one there, or name a policy of a namespace that has one
	END
	[ "$(git --git-dir="$repo" show main:values.yaml | cut -d' ' -f2 | xargs)" = '1.1.0 1.1.0 1.0.0' ]
	run imagehook lint --repo "$repo"
	[ "${lines[0]}" = "values.yaml:3:13: warning: the marker names a policy of namespace 'prod', in which there is no ImageUpdateAutomation [marker-namespace]" ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "one run writes the branch of the documents and others, and tells of all" {
	rm "$clone/flux/update.yaml"
	for name in a b c d; do
		fleet_manifest $name/app.yaml app "$REGISTRY/team/app:1.0.0"
	done
	automation a a main
	automation b b updates-b
	automation c c main
	automation d d updates-d
	run push_all
	[ "$(log main~2..main | cut -d: -f1 | xargs)" = 'a c' ]
	[ "$(git --git-dir="$repo" rev-parse updates-b~1)" = "$(git --git-dir="$repo" rev-parse main~1)" ]
	[ "$(git --git-dir="$repo" rev-parse updates-d~1)" = "$(tip)" ]
	[ "$(grep -c "^imagehook: main is now at" <<<"$output")" -eq 2 ]
	[ "$(grep -c "^imagehook: branch updates-. is ready at" <<<"$output")" -eq 2 ]
	[ "${lines[-1]}" = "imagehook: run 'git pull --rebase' before your next push" ]
}

@test "the reference of the GitRepository counts as a whole where the automation gives none" {
	rm "$clone/flux/update.yaml"
	fleet_manifest app.yaml app "$REGISTRY/team/app:1.0.0"
	cat >"$clone/flux/source.yaml" <<-YAML
		apiVersion: source.toolkit.fluxcd.io/v1
		kind: GitRepository
		metadata: {name: flux-system, namespace: flux-system}
		spec: {interval: 1m, url: "ssh://git@host$repo", ref: {branch: release}}
	YAML
	push_all
	git -C "$clone" push -q origin HEAD:release
	automation own . own '    checkout: {ref: {branch: main}}'
	automation theirs . theirs
	push_all
	[ "$(git --git-dir="$repo" rev-parse own~1)" = "$(tip)" ]
	[ "$(git --git-dir="$repo" rev-parse theirs~1)" = "$(tip release)" ]
	# a GitRepository of another place is no business of ours
	sed -i 's|host/.*\.git|host/other.git|' "$clone/flux/source.yaml"
	registry_tag team/app 1.2.0
	before=$(tip own)
	run push_all
	[[ $output == *"is another repository"* ]]
	run imagehook run --now --repo "$repo"
	[ "$status" -eq 1 ]
	[ "$(tip own)" = "$before" ]
}
