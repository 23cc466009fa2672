#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The objects of one and of several clusters: tables, selectors, and which one a name means.

load lib/common.bash

setup() {
	common_setup
	repo=$(make_bare fleet.git)
	clone=$(make_clone work)
	"$IMAGEHOOK" install "$repo"
}

teardown() {
	[ -z "${watcher-}" ] || kill "$watcher" 2>/dev/null || true
}

# cluster FOLDER LABEL: a provider, an alert, a policy with its repository, Kustomizations, sources
cluster() {
	mkdir -p "$clone/$1/apps"
	echo 'kind: ConfigMap' >"$clone/$1/apps/config.yaml"
	cat >"$clone/$1/flux.yaml" <<-YAML
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Provider
		metadata: {name: chat, labels: {team: $2}}
		spec: {type: generic, address: "https://example.com/$2"}
		---
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Provider
		metadata: {name: lost, labels: {team: $2, tier: test}}
		spec: {type: slack, secretRef: {name: lost}}
		---
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Alert
		metadata: {name: all}
		spec:
		  suspend: true
		  providerRef: {name: chat}
		  eventSources: [{kind: Kustomization, name: "*"}]
		---
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImageRepository
		metadata: {name: web}
		spec: {image: 127.0.0.1:1/$2, interval: 5m}
		---
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImagePolicy
		metadata: {name: web}
		spec: {imageRepositoryRef: {name: web}, policy: {semver: {range: 1.x}}}
		---
		apiVersion: kustomize.toolkit.fluxcd.io/v1
		kind: Kustomization
		metadata: {name: apps}
		spec: {interval: 5m, path: ./$1/apps, prune: true, sourceRef: {kind: GitRepository, name: fleet}}
		---
		apiVersion: kustomize.toolkit.fluxcd.io/v1
		kind: Kustomization
		metadata: {name: broken}
		spec: {interval: 5m, path: ./$1/gone, prune: true, sourceRef: {kind: GitRepository, name: fleet}}
		---
		apiVersion: kustomize.toolkit.fluxcd.io/v1
		kind: Kustomization
		metadata: {name: elsewhere}
		spec: {interval: 5m, path: ./, prune: true, suspend: true, sourceRef: {kind: GitRepository, name: fleet}}
		---
		apiVersion: source.toolkit.fluxcd.io/v1
		kind: GitRepository
		metadata: {name: fleet}
		spec: {interval: 1m, url: "https://git.example.com/fleet.git"}
		---
		apiVersion: source.toolkit.fluxcd.io/v1
		kind: GitRepository
		metadata: {name: other}
		spec: {interval: 1m, url: "https://git.example.com/other.git"}
	YAML
}

save() {
	git -C "$clone" add -A
	git -C "$clone" commit -q -m change
	push "$clone" "$repo"
	commit=$(git -C "$clone" rev-parse HEAD)
}

# shows WORDS...: the table is stdin with ' | ' for the borders of cells, nothing on stderr
shows() {
	"$IMAGEHOOK" get -C "$repo" "$@" >"$BASE/table" 2>"$BASE/errors"
	diff -u - <(sed -e 's/ *\t/ | /g' -e 's/ | $//' -e 's/ *$//' "$BASE/table")
	[ ! -s "$BASE/errors" ]
}

# fails STATUS TEXT WORDS...: nothing on stdout, TEXT as the first line of stderr
fails() {
	local expected=$1 text=$2 got=0
	shift 2
	"$IMAGEHOOK" "$@" -C "$repo" >"$BASE/out" 2>"$BASE/errors" || got=$?
	[ ! -s "$BASE/out" ]
	diff -u - <(head -n 1 "$BASE/errors") <<<"imagehook: $text"
	[ "$got" -eq "$expected" ]
}

@test "kustomizations and sources tell what the check of the tip found" {
	cluster prod prod
	save
	shows kustomizations <<-TABLE
		NAME | REVISION | SUSPENDED | READY | MESSAGE
		apps | main@sha1:${commit:0:8} | False | True | Checked revision: main@sha1:${commit:0:8}
		broken | main@sha1:${commit:0:8} | False | False | kustomization path not found: prod/flux.yaml:37: './prod/gone' is not in the tree
		elsewhere |  | True | Unknown | not checked here: it is suspended
	TABLE
	shows ks apps --no-header <<-TABLE
		apps | main@sha1:${commit:0:8} | False | True | Checked revision: main@sha1:${commit:0:8}
	TABLE
	shows sources git <<-TABLE
		NAME | REVISION | SUSPENDED | READY | MESSAGE
		fleet | main@sha1:${commit:0:8} | False | True | stored artifact for revision 'main@sha1:${commit:0:8}'
		other |  | False | Unknown | not checked here: it is of another source or branch
	TABLE
	run "$IMAGEHOOK" get ks broken -C "$repo" -o json
	[ "$status" -eq 0 ]
	[ "$(jq -r '.status.conditions[0] | .type + " " + .status + " " + .reason' <<<"$output")" = 'Ready False ArtifactFailed' ]
	fails 1 'no HelmRelease objects found in "flux-system" namespace' get helmreleases
	fails 1 'Kustomization object '"'none'"' not found in "flux-system" namespace' get ks none
}

@test "providers and alerts tell whether they can be used" {
	cluster prod prod
	save
	shows alert-providers <<-'TABLE'
		NAME | READY | MESSAGE | LAST DELIVERY | WAITING | LAST ERROR
		chat | True | Provider is Ready |  | 0 |
		lost | False | secret 'flux-system/lost' not found; store it with 'imagehook secret set flux-system/lost address' |  | 0 |
	TABLE
	shows alerts -A <<-'TABLE'
		NAMESPACE | NAME | SUSPENDED | READY | MESSAGE | LAST DELIVERY | WAITING | LAST ERROR
		flux-system | all | True | True | Alert is Ready |  | 0 |
	TABLE
	fails 1 'no Alert objects found in "none" namespace' get alerts -n none
	fails 1 'no image objects found in "none" namespace' get image all -n none
	fails 1 'no objects found in "none" namespace' get all -n none
	run "$IMAGEHOOK" get all --no-header -C "$repo"
	[ "$(grep -o '^[a-z]*/[a-z]*' <<<"$output" | xargs)" = 'imagerepository/web imagepolicy/web gitrepository/fleet gitrepository/other kustomization/apps kustomization/broken kustomization/elsewhere provider/chat provider/lost alert/all' ]
}

@test "rows are selected by label and by state" {
	cluster prod prod
	save
	shows alert-providers --status-selector READY=false --no-header <<<"lost | False | secret 'flux-system/lost' not found; store it with 'imagehook secret set flux-system/lost address' |  | 0 |"
	shows alert-providers --status-selector ready!=False --no-header <<<'chat | True | Provider is Ready |  | 0 |'
	shows alert-providers -l 'team=prod,tier' --no-header <<<"lost | False | secret 'flux-system/lost' not found; store it with 'imagehook secret set flux-system/lost address' |  | 0 |"
	shows alert-providers -l 'tier!=test' --no-header <<<'chat | True | Provider is Ready |  | 0 |'
	shows alert-providers -l '!tier' --no-header <<<'chat | True | Provider is Ready |  | 0 |'
	fails 1 'no Provider objects found in "flux-system" namespace' get alert-providers -l team=dev
	fails 1 "'a b' is not a selector such as app=web, app!=web, app or !app" get alert-providers -l 'a b'
	fails 1 "'ready' is not a status selector such as ready=false or ready!=true" \
		get alert-providers --status-selector ready
}

@test "what get does not know is wrong usage" {
	fails 2 "unknown kind 'receivers'" get receivers
	fails 2 "unknown kind 'source helm'" get source helm
	fails 2 "unknown kind 'kustomisations'; did you mean 'kustomizations'?" get kustomisations
	fails 2 "unknown kind 'image polices'; did you mean 'policies'?" get image polices
	fails 2 'expected a KIND' get
	fails 2 'one name at a time' get ks a b
	fails 2 '--watch shows the table of one kind' get image all -w
	fails 2 '--watch shows the table of one kind' get ks -w -o json
	fails 2 "option '--output' takes one of wide|json|yaml, not 'xml'" get ks -o xml
}

@test "get --watch goes on with the rows that change" {
	cluster prod prod
	save
	"$IMAGEHOOK" get ks broken -C "$repo" --watch >"$BASE/watched" 3>&- &
	watcher=$!
	bounded bash -c 'until grep -q "False.*not in the tree" "$1"; do sleep 0.05; done' _ "$BASE/watched"
	mkdir -p "$clone/prod/gone"
	echo 'kind: ConfigMap' >"$clone/prod/gone/config.yaml"
	save
	bounded bash -c 'until grep -q "True.*Checked" "$1"; do sleep 0.05; done' _ "$BASE/watched"
	[ "$(wc -l <"$BASE/watched")" -eq 3 ]
	mv "$repo" "$repo.gone"
	wait_gone "$watcher"
}

@test "with several clusters a row names its own, and a name may need one" {
	git --git-dir="$repo" config imagehook.path clusters/prod
	git --git-dir="$repo" config --add imagehook.path ./clusters/test/
	cluster clusters/prod prod
	cluster clusters/test test
	save
	shows alerts <<-'TABLE'
		CLUSTER | NAME | SUSPENDED | READY | MESSAGE | LAST DELIVERY | WAITING | LAST ERROR
		clusters/prod | all | True | True | Alert is Ready |  | 0 |
		clusters/test | all | True | True | Alert is Ready |  | 0 |
	TABLE
	shows alerts --cluster clusters/test/ <<-'TABLE'
		NAME | SUSPENDED | READY | MESSAGE | LAST DELIVERY | WAITING | LAST ERROR
		all | True | True | Alert is Ready |  | 0 |
	TABLE
	local several="is in several clusters; say --cluster 'clusters/prod' or 'clusters/test'"
	local missing="there is no cluster 'dev' in imagehook.path, but 'clusters/prod' or 'clusters/test'"
	fails 1 "Provider object 'chat' $several" describe alert-provider chat
	fails 1 "Provider object 'chat' $several" notify --test flux-system/chat
	fails 1 "ImagePolicy object 'web' $several" explain policy web
	fails 1 "ImagePolicy object 'web' $several" reconcile image policy web
	fails 1 "Kustomization object 'apps' $several" reconcile kustomization apps
	fails 1 "GitRepository object 'fleet' $several" reconcile source git fleet
	fails 1 "$missing" get alerts --cluster dev
	fails 1 "$missing" describe alert-provider chat --cluster dev
	fails 1 "$missing" notify --test chat --cluster dev
	fails 1 "$missing" explain policy web --cluster dev
	fails 1 "$missing" reconcile image policy web --cluster dev
	fails 1 "$missing" reconcile kustomization apps --cluster dev
	fails 1 "$missing" reconcile source git fleet --cluster dev
	run "$IMAGEHOOK" describe alert-provider chat --cluster clusters/test -C "$repo"
	[ "$status" -eq 0 ]
	[ "${lines[2]}" = 'Cluster:        clusters/test' ]
	[ "${lines[4]}" = 'Address:        https://example.com/test' ]
	run "$IMAGEHOOK" explain policy web --cluster clusters/test -C "$repo"
	[ "$status" -eq 0 ]
	[ "${lines[1]}" = 'image      127.0.0.1:1/test' ]
	run "$IMAGEHOOK" reconcile kustomization apps --cluster clusters/test -C "$repo"
	[ "$status" -eq 0 ]
}

@test "a HelmRelease is checked when asked" {
	cluster prod prod
	cat >>"$clone/prod/flux.yaml" <<-'YAML'
		---
		apiVersion: helm.toolkit.fluxcd.io/v2
		kind: HelmRelease
		metadata: {name: web}
		spec: {interval: 5m, chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: fleet}}}}
	YAML
	save
	fails 1 "HelmRelease object 'none' not found in \"flux-system\" namespace" reconcile helmrelease none
	run "$IMAGEHOOK" reconcile hr web -C "$repo"
	[ "$status" -eq 1 ]
	[[ $output == "imagehook: HelmRelease reconciliation failed: '"*"prod/flux.yaml:"*"charts/web"*"'" ]]
	mkdir -p "$clone/charts/web"
	echo 'name: web' >"$clone/charts/web/Chart.yaml"
	save
	run "$IMAGEHOOK" reconcile hr web -C "$repo"
	[ "$status" -eq 0 ]
	shows hr <<-TABLE
		NAME | REVISION | SUSPENDED | READY | MESSAGE
		web | main@sha1:${commit:0:8} | False | True | Checked revision: main@sha1:${commit:0:8}
	TABLE
	# as the tutorial has it: without a word of its chart
	sed -i 's/, chart: .*/}/' "$clone/prod/flux.yaml"
	save
	fails 1 "HelmRelease 'flux-system/web' is not checked here: its chart is not in this repository and branch" \
		reconcile helmrelease web
}

@test "a source is reconciled by name, or by the name that a bootstrap gives" {
	cluster prod prod
	save
	run "$IMAGEHOOK" reconcile source git fleet -C "$repo"
	[ "$status" -eq 0 ]
	[ "$output" = "◎ waiting for GitRepository reconciliation
✔ fetched revision main@sha1:$commit" ]
	fails 1 'GitRepository '"'flux-system/other'"' is not checked here: it is of another source or branch' \
		reconcile source git other
	fails 1 'GitRepository object '"'flux-system'"' not found in "flux-system" namespace' reconcile source git flux-system
	fails 1 'resource is suspended' reconcile kustomization elsewhere
	sed -i -e '/^kind: GitRepository/,/url/d' "$clone/prod/flux.yaml"
	save
	run "$IMAGEHOOK" reconcile source git flux-system -C "$repo"
	[ "$status" -eq 0 ]
	fails 1 'GitRepository object '"'fleet'"' not found in "flux-system" namespace' reconcile source git fleet
}
