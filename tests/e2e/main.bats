#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The main job: documents pushed to a bare repository become one exact commit, at push time and on a timer.

bats_require_minimum_version 1.5.0
load lib/common
load lib/registry

setup() {
	common_setup
	registry_start "$BATS_TEST_TMPDIR/registry" --user demo --password demo
	registry_tag your-org/grade-api 1.5.1 1.5.2 1.6.0-rc.1 latest 20260601-0a1b2c3 20260605-4d5e6f7 stable-1 stable-2
	image=$REGISTRY/your-org/grade-api
	repo=$BATS_TEST_TMPDIR/fleet.git
	clone=$BATS_TEST_TMPDIR/fleet
	git init -q --bare "$repo"
	git --git-dir="$repo" config imagehook.state "$BATS_TEST_TMPDIR/state"
	git --git-dir="$repo" config imagehook.allowHost "$REGISTRY"
	git --git-dir="$repo" config imagehook.insecureHost "$REGISTRY"
	git clone -q "$repo" "$clone" 2>/dev/null
	cp -R "$TOP/fixtures/tutorial/." "$clone"
	grep -rlZ 'ghcr.io/your-org/grade-api' "$clone" --include='*.yaml' |
		xargs -0 sed -i "s|ghcr.io/your-org/grade-api|$image|"
	sed -i 's|^  interval: 5m .*|&\n  insecure: true|' "$clone/flux/image-repository.yaml"
}

teardown() {
	registry_stop "$BATS_TEST_TMPDIR/registry" || true
}

# Installs and stores the registry's credentials.
arm() {
	imagehook install "$repo" "$@" >/dev/null
	printf demo | imagehook secret set --repo "$repo" flux-system/ghcr-credentials \
		--docker-server "$REGISTRY" --docker-username demo >/dev/null
}

# Commits everything in the clone and pushes it; what the pusher saw is in $pushed.
push_all() {
	git -C "$clone" add -A
	git -C "$clone" commit -qm "${1:-change}"
	pushed=$(git -C "$clone" push -q origin HEAD:main 2>&1 | sed 's/^remote: //; s/ *$//')
}

tip() {
	git --git-dir="$repo" rev-parse "refs/heads/${1:-main}"
}

@test "a push of the tutorial's documents is answered with one exact commit" {
	arm
	push_all
	local short
	short=$(tip | cut -c1-7)
	cat >"$BATS_TEST_TMPDIR/want" <<WANT
imagehook: main is now at $short (3 images updated)
  flux-system/grade-api  1.5.1 -> 1.5.2
    apps/grade-api/deployment.yaml:10
  flux-system/grade-api-stable  stable-1 -> stable-2
    apps/kustomized/kustomization.yaml:8
  flux-system/grade-api-staging  20260601-0a1b2c3 -> 20260605-4d5e6f7
    releases/grade-api.yaml:9
imagehook: run 'git pull --rebase' before your next push
WANT
	grep -v '^imagehook: warning\|^imagehook: and \|^  flux/' <<<"$pushed" | diff "$BATS_TEST_TMPDIR/want" -
	[ "$(git --git-dir="$repo" rev-parse main~1)" = "$(git -C "$clone" rev-parse HEAD)" ]
	cat >"$BATS_TEST_TMPDIR/want" <<WANT
chore(image): update image tags

Flux automated image update:

- $image: 1.5.1 -> 1.5.2

- $image: stable-1 -> stable-2

- $image: 20260601-0a1b2c3 -> 20260605-4d5e6f7

WANT
	git --git-dir="$repo" cat-file commit main | sed '1,/^$/d' | diff "$BATS_TEST_TMPDIR/want" -
	[ "$(git --git-dir="$repo" show -s --format='%an <%ae>|%cn <%ce>' main)" = \
		'fluxcdbot <fluxcdbot@users.noreply.github.com>|fluxcdbot <fluxcdbot@users.noreply.github.com>' ]
	# exactly the marked values changed
	[ "$(git --git-dir="$repo" diff --numstat main~1 main)" = "$(printf '1\t1\tapps/grade-api/deployment.yaml\n1\t1\tapps/kustomized/kustomization.yaml\n1\t1\treleases/grade-api.yaml')" ]
	git --git-dir="$repo" fsck --strict
}

@test "a newer tag is found by the timer's run, and nothing is written twice" {
	arm
	push_all
	before=$(tip)
	registry_tag your-org/grade-api 1.5.3
	imagehook run --repo "$repo"
	[ "$(tip)" = "$before" ] # nothing is due yet
	run imagehook run --now --repo "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *"imagehook: main is now at $(tip | cut -c1-7) (1 image updated)"* ]]
	[ "$(git --git-dir="$repo" rev-parse main~1)" = "$before" ]
	git --git-dir="$repo" show main:apps/grade-api/deployment.yaml | grep -F "image: $image:1.5.3 # {"
	after=$(tip)
	imagehook run --now --repo "$repo"
	[ "$(tip)" = "$after" ]
	registry_tag your-org/grade-api 1.5.4
	run --separate-stderr imagehook run --now --repo "$repo" -o json
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "$(jq -r '.updates[0] | .commit + " " + .images[0].oldTag + " " + .images[0].newTag' <<<"$output")" = "$(tip) 1.5.3 1.5.4" ]
}

@test "plan shows diff and message and changes nothing" {
	arm --write none
	push_all
	before=$(tip)
	[ "$before" = "$(git -C "$clone" rev-parse HEAD)" ]
	git --git-dir="$repo" config --unset imagehook.write
	run imagehook plan --repo "$repo" main~1
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "imagehook: unexpected 'main~1'" ]
	run imagehook plan --repo "$repo" --exit-code
	[ "$status" -eq 1 ]
	[[ $output == *"+          image: $image:1.5.2 # {\"\$imagepolicy\": \"flux-system:grade-api\"}"* ]]
	[[ $output == *'chore(image): update image tags'* ]]
	[ "$(tip)" = "$before" ]
	run --separate-stderr imagehook plan --repo "$repo" -o json
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "$(jq -r '.updates[0] | .branch + " " + .images[0].policy + " " + .images[0].newTag' <<<"$output")" = \
		'main flux-system/grade-api 1.5.2' ]
	jq -r '.updates[0].diff' <<<"$output" | git -C "$clone" apply --check -
	[ "$(jq -c '.failures' <<<"$output")" = '[]' ]
	[ "$(jq -r '.findings[] | select(.severity == "warning").id' <<<"$output" | xargs)" = 'extract-without-group deprecated-updated' ]
	[ "$(tip)" = "$before" ]
	imagehook plan --repo "$repo" 2>/dev/null | git -C "$clone" apply --check -
}

@test "write = none in the configuration does everything but commit" {
	arm --write none
	push_all
	[[ $pushed == *'imagehook: would update 3 images on main (imagehook.write is none)'* ]]
	[ "$(tip)" = "$(git -C "$clone" rev-parse HEAD)" ]
}

@test "another push branch is made, rebuilt and never moved twice for one change" {
	arm
	sed -i 's|      branch: main          # Push.*|      branch: flux/image-updates|' "$clone/flux/image-update.yaml"
	push_all
	[[ $pushed == *"imagehook: branch flux/image-updates is ready"* ]]
	[[ $pushed != *"pull --rebase"* ]]
	[ "$(tip)" = "$(git -C "$clone" rev-parse HEAD)" ]
	first=$(tip flux/image-updates)
	[ "$(git --git-dir="$repo" rev-parse "$first~1")" = "$(tip)" ]
	imagehook run --now --repo "$repo"
	[ "$(tip flux/image-updates)" = "$first" ]
	# main moves on: the branch is rebuilt on it
	echo more >"$clone/notes.txt"
	push_all
	imagehook run --now --repo "$repo" # waits for the worker, which goes on unseen
	[ "$(git --git-dir="$repo" rev-parse flux/image-updates~1)" = "$(tip)" ]
}

@test "a branch that imagehook did not make is not moved" {
	arm
	push_all first
	git -C "$clone" push -q origin HEAD:release
	git -C "$clone" pull -q --rebase origin main
	sed -i 's|      branch: main          # Push.*|      branch: release|; ' "$clone/flux/image-update.yaml"
	registry_tag your-org/grade-api 1.5.3
	before=$(tip release)
	push_all
	[ "$(tip release)" = "$before" ]
	imagehook run --now --repo "$repo" || true
	[ "$(tip release)" = "$before" ]
	git --git-dir="$repo" config --add imagehook.pushBranch release
	imagehook run --now --repo "$repo"
	[ "$(tip release)" != "$before" ]
}

@test "get shows flux's columns, and the objects with their status" {
	arm
	push_all
	run imagehook get image policy --repo "$repo"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "$(printf '%-17s\t%-*s\t%-16s\t%-5s\t%s ' NAME ${#image} IMAGE TAG READY "$(printf '%-*s' $((${#lines[1]} > 0 ? 0 : 0)) MESSAGE)" | sed 's/ $//')" ] || [[ ${lines[0]} == NAME*IMAGE*TAG*READY*MESSAGE* ]]
	[[ ${lines[1]} == "grade-api "*"$image"*"1.5.2"*"True"*"Latest image tag for $image resolved to 1.5.2"* ]]
	run imagehook get image all --repo "$repo" -o wide
	[[ $output == *imagerepository/grade-api*TAGS* ]] || [[ $output == *TAGS*imagerepository/grade-api* ]]
	run imagehook get image policy grade-api --repo "$repo" -o json
	[[ $output == *'"latestRef": {'* ]]
	run imagehook get image policy nothing --repo "$repo"
	[ "$status" -eq 1 ]
	[ "$output" = "imagehook: ImagePolicy object 'nothing' not found in \"flux-system\" namespace" ]
}

@test "explain says why each tag was or was not chosen" {
	arm
	push_all
	run imagehook explain policy flux-system/grade-api --repo "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *"chosen     1.5.2"* ]]
	[[ $output =~ latest\ +.*excluded\ by\ \'latest\' ]]
	[[ $output =~ 1\.6\.0-rc\.1\ +.*outside\ the\ range ]]
	[[ $output =~ stable-1\ +.*not\ a\ version ]]
}

@test "reconcile scans one object at once" {
	arm
	push_all
	registry_tag your-org/grade-api 1.5.9
	run imagehook reconcile image repository grade-api --repo "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *"successful scan: found 8 tags"* ]]
	git --git-dir="$repo" show main:apps/grade-api/deployment.yaml | grep -F ":1.5.9 # {"
}

@test "a registry that fails keeps the last good choice and says so" {
	arm
	push_all
	before=$(tip)
	registry_stop "$BATS_TEST_TMPDIR/registry" || true
	run imagehook run --now --repo "$repo"
	[ "$status" -eq 1 ]
	[[ $output == *"ImageRepository flux-system/grade-api: scan failed:"* ]]
	[ "$(tip)" = "$before" ]
	run imagehook get image repository --repo "$repo"
	[[ $output == *"False"*"scan failed:"* ]]
	run imagehook get image policy grade-api --repo "$repo"
	[[ $output == *"1.5.2"*"True"* ]]
}

@test "a missing secret is told to the pusher with the command that stores it" {
	imagehook install "$repo" >/dev/null
	push_all
	[[ $(tr -s '\n ' ' ' <<<"$pushed") == *"secret 'flux-system/ghcr-credentials' not found; store it with \
'imagehook secret set flux-system/ghcr-credentials --docker-server $REGISTRY --docker-username USER'"* ]]
	[ "$(tip)" = "$(git -C "$clone" rev-parse HEAD)" ]
}

@test "a lost state file causes no second commit and no downgrade" {
	arm
	push_all
	registry_tag your-org/grade-api 1.5.3
	imagehook run --now --repo "$repo"
	before=$(tip)
	printf 'not a database' >"$BATS_TEST_TMPDIR/state/state.db"
	rm -f "$BATS_TEST_TMPDIR"/state/state.db-*
	run imagehook run --now --repo "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *"state file was damaged"* ]]
	[ "$(tip)" = "$before" ]
}

@test "two runs at once write one commit" {
	arm --write none
	push_all
	git --git-dir="$repo" config --unset imagehook.write
	imagehook run --now --repo "$repo" >/dev/null 2>&1 &
	first=$!
	imagehook run --now --repo "$repo" >/dev/null 2>&1 &
	wait "$first" $!
	[ "$(git --git-dir="$repo" rev-parse main~1)" = "$(git -C "$clone" rev-parse HEAD)" ]
}

@test "HEAD that names no branch gives a hint, and the only branch is used" {
	git --git-dir="$repo" symbolic-ref HEAD refs/heads/master
	arm
	push_all
	[[ $pushed == *"HEAD names the branch 'master', which does not exist; 'main' is"* ]] || [[ $pushed == *"main is now at"* ]]
	[ "$(git --git-dir="$repo" rev-parse main~1)" = "$(git -C "$clone" rev-parse HEAD)" ]
}

@test "a broken document stops neither the others nor the run" {
	arm
	cat >"$clone/flux/broken.yaml" <<'YAML'
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: broken
  namespace: flux-system
spec:
  imageRepositoryRef:
    name: grade-api
  policy:
    semver:
      range: ">=one"
YAML
	push_all
	[[ $pushed == *"main is now at"* ]]
	[[ $pushed == *"flux/broken.yaml:11:"* ]]
	run imagehook get image policy broken --repo "$repo"
	[[ $output == *"False"*"invalid policy:"* ]]
}
