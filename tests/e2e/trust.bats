#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a pusher cannot make the program do, seen from outside; each test breaks when its rule does.
# Where the other rules of trust have their tests:
#
#   only branches that are ours or permitted are moved        main.bats (a branch that imagehook did not make), below
#   a ref moves only from what was read, as Git would let it  main.bats (two runs at once), unit adapter/git/move
#   replacements, odd trees, names that are no branches       unit adapter/git/open, adapter/git/build,
#                                                             fixtures/document
#   names and links that lead out of the secrets              secret.bats, unit admin/secret, admin/home
#   a copy, a moved or a nested repository                    places.bats, places/root.bats, install.bats
#   root becomes the owner, a job says no more than look      root.bats, hook.bats
#   who may write a config, includes, the environment         config.bats, hook.bats, unit adapter/git/open, below
#   hooks folders that others use                             install.bats, chain.bats
#   a secret goes where it was granted, and is shown nowhere  leaks.bats, alerts.bats, certificates.bats, secret.bats,
#                                                             unit admin/grant, app/channel, stage/deliver/secret
#   which addresses may be reached, by whom, through what     scan.bats, unit adapter/http, stage/scan
#   budgets, and a dead host that delays no other             flood.bats, misbehaving.bats, unit adapter/http/http,
#                                                             stage/scan/scan, state/outbox
#   a stage command does what its line names and no more      notify.bats, scan.bats
#   limits of trees, documents, templates and expressions     badinput.bats, flood.bats, unit lang, adapter/yaml,
#                                                             stage/document, stage/event
#   what is old goes                                          outbox.bats, unit state
#   text from outside is escaped                              terminal.bats, hook.bats, leaks.bats, unit stage/deliver/words,
#                                                             fixtures/provider
#   commits, statuses and alerts of others                    spoof.bats
#   one line stops a host                                     stop/root.bats, system/root.bats, switch.bats

load lib/common
load lib/registry
load lib/faults
load lib/fleet

bats_require_minimum_version 1.5.0

setup() {
	common_setup
	fleet_setup
	registry_tag your-org/app 1.0.0 1.1.0
	fleet_documents app "$REGISTRY/your-org/app"
	fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.0.0"
	imagehook install "$repo" >/dev/null
}

teardown() {
	faults_stop "$BASE/faults"
	fleet_teardown
}

set_key() {
	git --git-dir="$repo" config "imagehook.$1" "$2"
}

hook() {
	{ echo '#!/bin/sh' && cat; } >"$repo/hooks/$1"
	chmod 755 "$repo/hooks/$1"
}

pull() {
	git -C "$clone" pull -q --rebase "$repo" main
}

written() {
	git --git-dir="$repo" show main:apps/app.yaml | grep -q ":$1 #"
}

# Waits until FILE has N lines; the worker's last work goes on behind the push.
await_lines() {
	bounded bash -c "until [ -f '$1' ] && [ \"\$(wc -l <'$1')\" -ge $2 ]; do read -rt 0.05 <> <(:) || :; done"
}

@test "a repository that somebody's hook guards is not written, unless the admin says so" {
	for guard in pre-receive update proc-receive reference-transaction; do
		hook "$guard" <<<'exit 0'
		echo "# $guard" >>"$clone/apps/app.yaml"
		run push_all
		[[ $output != *'main is now at'* ]]
		[[ $output == *"$guard"* ]]
		[ "$(tip)" = "$(git -C "$clone" rev-parse HEAD)" ]
		rm "$repo/hooks/$guard"
	done
	hook pre-receive <<<'exit 0'
	set_key write direct
	imagehook run --now --repo "$repo"
	written 1.1.0
}

@test "only addresses that the admin lists may be authors" {
	set_key authorEmail '*@corp.example'
	run push_all
	[[ $output == *"the author address 'bot@example.com' is not permitted"* ]]
	written 1.0.0
	set_key authorEmail '*@example.com'
	imagehook run --now --repo "$repo"
	written 1.1.0
}

@test "at most so many commits within the hour" {
	set_key maxCommits 2
	push_all
	for tag in 1.2.0 1.3.0 1.4.0; do
		registry_tag your-org/app "$tag"
		run imagehook run --now --repo "$repo"
	done
	[ "$status" -eq 1 ]
	# once, and in the object's condition
	[ "$(grep -c 'maxCommits' <<<"$output")" -eq 1 ]
	[[ $output != *'ImageUpdateAutomation flux-system/update: '* ]]
	[[ $(imagehook get image update --repo "$repo") == *'2 commits within the hour; it waits (imagehook.maxCommits)'* ]]
	written 1.2.0
}

@test "a value that would return to what we replaced is held until documents change" {
	push_all
	written 1.1.0
	rm -r "$BASE/registry/data/docker/registry/v2/repositories/your-org/app/_manifests/tags/1.1.0"
	run imagehook run --now --repo "$repo"
	[[ $output == *apps/app.yaml:10*1.0.0* ]]
	written 1.1.0
	run imagehook run --now --repo "$repo"
	written 1.1.0
	# whoever changes the documents wants what they say
	pull
	echo '# looked at' >>"$clone/flux/app.yaml"
	push_all
	written 1.0.0
}

@test "the repository's other hooks run for our commit, once, after the push, as Git runs them" {
	imagehook uninstall --purge "$repo" >/dev/null
	git --git-dir="$repo" config imagehook.state "$BASE/state"
	fleet_allow "$REGISTRY"
	hook post-receive <<HOOK
{ pwd; echo "\$GIT_DIR"; env | grep -c '^GIT_\|^IMAGEHOOK_'; } >>"$BASE/environment"
cat >>"$BASE/received"
HOOK
	hook post-update <<<"echo \"\$*\" >>'$BASE/updated'"
	imagehook install "$repo" >/dev/null
	push_all
	await_lines "$BASE/received" 2
	await_lines "$BASE/updated" 2
	ours=$(tip)
	pushed=$(git -C "$clone" rev-parse HEAD)
	[ "$(cat "$BASE/received")" = "$(printf '%040d %s refs/heads/main\n%s %s refs/heads/main' 0 "$pushed" "$pushed" "$ours")" ]
	[ "$(cat "$BASE/updated")" = "$(printf 'refs/heads/main\nrefs/heads/main')" ]
	[ "$(tail -n 3 "$BASE/environment")" = "$(printf '%s\n.\n1' "$repo")" ]
	imagehook run --now --repo "$repo"
	[ "$(wc -l <"$BASE/received")" -eq 2 ]
	# and not where the admin does not want it
	set_key runHooks false
	registry_tag your-org/app 1.2.0
	imagehook run --now --repo "$repo"
	written 1.2.0
	[ "$(wc -l <"$BASE/received")" -eq 2 ]
}

@test "our own files are the owner's alone, whatever the repository shares" {
	git --git-dir="$repo" config core.sharedRepository world
	umask 000
	printf x | imagehook secret set --repo "$repo" flux-system/x token >/dev/null
	push_all
	umask 022
	[ -z "$(find "$BASE/state" -perm /077)" ]
	# what we wrote to the repository is shared as Git shares it
	[ -z "$(find "$repo/objects" -type f -not -perm -444)" ]
}

@test "nothing of the pusher's or the user's environment is a credential or a way" {
	faults_start "$BASE/faults" --want "Basic $(printf me:secret | base64)" --challenge 'Basic realm="x"'
	fleet_allow "$FAULTS"
	mkdir -p "$HOME/.docker"
	registry_docker_config "$FAULTS" me secret >"$HOME/.docker/config.json"
	printf 'machine 127.0.0.1 login me password secret\n' >"$HOME/.netrc"
	fleet_documents login "$FAULTS/ok"
	export HTTP_PROXY="http://$FAULTS" http_proxy="http://$FAULTS" ALL_PROXY="http://$FAULTS"
	export IMAGEHOOK_WRITE=none DOCKER_CONFIG=$HOME/.docker
	export REGISTRY_AUTH_FILE=$HOME/.docker/config.json
	push_all
	imagehook run --now --repo "$repo" || true
	written 1.1.0
	run grep -c 'Basic' "$BASE/faults/requests"
	[ "$output" = 0 ]
	run grep -c 'your-org' "$BASE/faults/requests"
	[ "$output" = 0 ]
}

@test "a host that the admin did not list is not asked, and reads the same whatever is there" {
	faults_start "$BASE/faults"
	fleet_documents there "$FAULTS/ok"
	fleet_documents absent "127.0.0.1:1/ok"
	run push_all
	[ ! -s "$BASE/faults/requests" ]
	there=$(imagehook get image repository there --no-header --repo "$repo" | sed "s|$FAULTS|HOST|g; s/there/NAME/g" | tr -s ' ')
	absent=$(imagehook get image repository absent --no-header --repo "$repo" | sed 's|127.0.0.1:1|HOST|g; s/absent/NAME/g' | tr -s ' ')
	[ -n "$there" ]
	[ "$there" = "$absent" ]
}

@test "what is ours is known by ids that were stored, not by author or message" {
	sed -i 's|^    commit:|    push: {branch: auto}\n&|' "$clone/flux/update.yaml"
	push_all
	git -C "$clone" fetch -q "$repo" auto
	git -C "$clone" checkout -q FETCH_HEAD
	echo '# by hand' >>"$clone/apps/app.yaml"
	git -C "$clone" add -A
	GIT_AUTHOR_NAME=bot GIT_AUTHOR_EMAIL=bot@example.com GIT_COMMITTER_NAME=bot GIT_COMMITTER_EMAIL=bot@example.com \
		git -C "$clone" commit -q -C FETCH_HEAD
	push "$clone" "$repo" HEAD:auto
	foreign=$(tip auto)
	# the branch is ours to rebuild; a commit that only looks like ours is not thrown away
	registry_tag your-org/app 1.2.0
	imagehook run --now --repo "$repo"
	git --git-dir="$repo" merge-base --is-ancestor "$foreign" auto
	[ "$(tip auto)" != "$foreign" ]
	# without the store nothing is ours
	rm -r "$BASE/state/state.db"*
	before=$(tip auto)
	registry_tag your-org/app 1.3.0
	run imagehook run --now --repo "$repo"
	[[ $output == *"the branch 'auto' is not ours to move: imagehook did not create it"* ]]
	[ "$(tip auto)" = "$before" ]
}

@test "a list that a credential opened is not seen without it" {
	registry_start "$BASE/closed" --user me --password pw
	registry_tag your-org/closed 1.0.0 1.1.0
	fleet_allow "$REGISTRY"
	registry_docker_config "$REGISTRY" me pw |
		imagehook secret set --repo "$repo" flux-system/login .dockerconfigjson >/dev/null
	fleet_documents with "$REGISTRY/your-org/closed"
	sed -i '0,/insecure: true/s//&\n  secretRef: {name: login}/' "$clone/flux/with.yaml"
	fleet_documents without "$REGISTRY/your-org/closed"
	push_all || true
	imagehook run --now --repo "$repo" || true
	run imagehook get image policy with --no-header --repo "$repo"
	[[ $output == *1.1.0* ]]
	run imagehook get image policy without --no-header --repo "$repo"
	[[ $output == *'no tags in database'* ]]
	registry_stop "$BASE/closed"
}

@test "a secret that was granted for something else shows no registry its certificate" {
	printf 'x' | imagehook secret set --repo "$repo" flux-system/tls ca.crt \
		--for gitea --address https://git.example >/dev/null
	sed -i '0,/insecure: true/s//&\n  certSecretRef: {name: tls}/' "$clone/flux/app.yaml"
	run push_all
	[[ $(tr -s ' \n' ' ' <<<"$output") == *"secret 'flux-system/tls' not found"* ]]
	imagehook secret set --repo "$repo" flux-system/tls ca.crt --for scan --address "http://$REGISTRY/other" <<<x >/dev/null
	run imagehook run --now --repo "$repo"
	[[ $output == *"secret 'flux-system/tls' not found"* ]]
	imagehook secret set --repo "$repo" flux-system/tls ca.crt --for scan --address "http://$REGISTRY/your-org" <<<x >/dev/null
	run imagehook run --now --repo "$repo"
	[[ $output != *"secret 'flux-system/tls' not found"* ]]
}

@test "a Secret with data in the tree is a finding, an encrypted one is not" {
	printf 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: plain\nstringData:\n  token: hunter2\n' >"$clone/flux/plain.yaml"
	printf 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: sops\ndata:\n  token: ENC[AES256_GCM,data:x,type:str]\nsops:\n  version: 3.8.1\n' >"$clone/flux/sops.yaml"
	run push_all
	[[ $output == *flux/plain.yaml* ]]
	[[ $output != *hunter2* ]]
	run imagehook lint --repo "$repo"
	[[ $output == *flux/plain.yaml* ]]
	[[ $output != *flux/sops.yaml* ]]
	[[ $output != *hunter2* ]]
}

@test "a message that the document words is one, without control characters" {
	sed -i 's|^    commit:|&\n      messageTemplate: "update\\x1b[31m\\0 \\r\\nCo-authored-by: x"|' "$clone/flux/update.yaml"
	push_all || true
	imagehook run --now --repo "$repo" || true
	run -0 git --git-dir="$repo" cat-file commit main
	[[ $output != *$'\x1b'* ]]
	git --git-dir="$repo" fsck --strict
}

@test "a worker is bounded, and only so many are at work on a host" {
	faults_start "$BASE/faults"
	fleet_allow "$FAULTS"
	fleet_documents hangs "$FAULTS/hang"
	sed -i 's/^  interval: 5m/&\n  timeout: 8s/' "$clone/flux/hangs.yaml"
	set_key maxWorkers 1
	# another repository of the same owner
	second=$(make_bare second.git)
	imagehook install "$second" >/dev/null
	git --git-dir="$second" config imagehook.maxWorkers 1
	git --git-dir="$second" config imagehook.allowHost "$REGISTRY"
	git --git-dir="$second" config imagehook.insecureHost "$REGISTRY"
	git -C "$clone" add -A
	git -C "$clone" commit -qm documents
	push "$clone" "$repo" >"$BASE/first" 3>&- &
	local pid=$! worker
	wait_for test -s "$BASE/faults/requests"
	for worker in $(pgrep -f "^$IMAGEHOOK hook .*$repo"); do
		[[ $(grep 'core file' "/proc/$worker/limits") =~ size\ +0\  ]]
		[[ $(grep 'cpu time' "/proc/$worker/limits") =~ time\ +900\  ]]
		[[ $BUILD == *sanitize* || $(grep 'data size' "/proc/$worker/limits") =~ size\ +4294967296\  ]]
	done
	[ -n "$worker" ]
	run push "$clone" "$second"
	[ "$output" = "imagehook: queued; the next run looks at this push" ]
	[ "$(git --git-dir="$second" rev-parse main)" = "$(git -C "$clone" rev-parse HEAD)" ]
	wait "$pid"
	# and the next run does
	imagehook run --repo "$second" || true
	[ "$(git --git-dir="$second" rev-parse main)" != "$(git -C "$clone" rev-parse HEAD)" ]
}

@test "the log has every run: who pushed what, which hosts were asked, what was moved, how it ended" {
	export REMOTE_USER=$'eve\x1b[31m\nforged=1 verdict="done'
	push_all
	wait_for grep -q ' pusher=' "$BASE/state/log"
	pushed=$(git -C "$clone" rev-parse HEAD)
	run sed -n "s|^[0-9TZ:-]* repository=$repo ||p" "$BASE/state/log"
	[ "${lines[0]}" = 'contacted=127.0.0.1' ]
	[ "${lines[1]}" = "automation=/flux-system/update ref=refs/heads/main old=$pushed new=$(tip) verdict=moved" ]
	[[ ${lines[2]} =~ ^trigger=push\ duration_ms=[0-9]+\ scanned=1\ written=1\ verdict=done$ ]]
	[ "${lines[3]}" = "pusher=\"eve?[31m?forged=1 verdict=\\\"done\" pushed=\"0000000000000000000000000000000000000000 $pushed refs/heads/main\"" ]
}
