#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What needs root: becoming a repository's owner, pushers who are other Unix users. The owner is
# the user nobody, the other pusher is daemon, who are on every machine.
# shellcheck disable=SC2016

load lib/common
load lib/sshd

setup() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	common_setup
	# nobody cannot enter bats' own folders, nor perhaps the one that was built in
	BASE=$(mktemp -d /tmp/imagehook-root.XXXXXX)
	chmod 755 "$BASE"
	mkdir "$BASE/bin"
	cp "$BUILD/imagehook" "$BUILD/imagehook-hook" "$BASE/bin"
	IMAGEHOOK=$BASE/bin/imagehook
	export HOME=$BASE/home GIT_CONFIG_GLOBAL=$BASE/home/.gitconfig
	mkdir "$HOME"
	git config --global safe.directory '*'
	git config --global init.defaultBranch main
	repo=$(make_bare r.git)
	mkdir "$BASE/state"
	chown -R nobody: "$repo" "$BASE/state"
	clone=$(make_clone w)
	commit "$clone" file
}

teardown() {
	[ -z "$BASE" ] || rm -rf "$BASE"
	! getent passwd imagehook-test >/dev/null || userdel imagehook-test
}

as() {
	setpriv --reuid "$1" --regid "$(id -g "$1")" --clear-groups "${@:2}"
}

owners() {
	find "$@" -not -user nobody
}

worker() {
	{ echo '#!/bin/sh' && cat; } >"$BASE/worker"
	chmod 755 "$BASE/worker"
	sed -i "s|^program .*|program $BASE/worker|" "$repo/imagehook/watch"
}

@test "root installs as the repository's owner" {
	run "$IMAGEHOOK" install "$repo"
	[ "$status" -eq 0 ]
	[ -z "$(owners "$repo" "$BASE/state")" ]
	[ -x "$repo/hooks/post-receive" ]
	run "$IMAGEHOOK" status "$repo"
	[ "$status" -eq 0 ]
	run "$IMAGEHOOK" uninstall --purge "$repo"
	[ "$status" -eq 0 ]
	[ -z "$(owners "$repo" "$BASE/state")" ]
	[ ! -e "$repo/hooks/post-receive" ]
}

@test "a repository of root stays root's" {
	rooted=$(make_bare rooted.git)
	git --git-dir="$rooted" config imagehook.state "$BASE/rooted"
	run "$IMAGEHOOK" install "$rooted"
	[ "$status" -eq 0 ]
	[ "$(stat -c %U "$rooted/hooks/post-receive" "$BASE/rooted/repositories")" = "root
root" ]
}

@test "a home that is root's is not written to for another owner" {
	chown root: "$BASE/state"
	run "$IMAGEHOOK" install "$repo"
	[ "$status" -eq 1 ]
	[ ! -e "$repo/hooks/post-receive" ]
}

@test "what the repository's config names is opened as its owner" {
	git --git-dir="$repo" config imagehook.state "$BASE/stolen"
	chown nobody: "$repo/config"
	run "$IMAGEHOOK" install "$repo"
	[ "$status" -eq 1 ]
	[ ! -e "$BASE/stolen" ]
	mkdir "$BASE/private"
	chmod 700 "$BASE/private"
	ln -s "$BASE/private" "$repo/way"
	git --git-dir="$repo" config imagehook.state "$repo/way/state"
	chown -h nobody: "$repo/way" "$repo/config"
	run "$IMAGEHOOK" install "$repo"
	[ "$status" -eq 1 ]
	[ -z "$(ls "$BASE/private")" ]
	[ ! -e "$repo/hooks/post-receive" ]
}

@test "a program that the owner cannot run is refused" {
	chmod 700 "$BASE/bin"
	run "$IMAGEHOOK" install "$repo"
	[ "$status" -eq 1 ]
	[[ ${lines[-1]} == "imagehook: the owner of '$repo' cannot run '$IMAGEHOOK'; install imagehook where every user can"* ]]
	[ ! -e "$repo/hooks/post-receive" ]
}

@test "another user cannot install, and is told who can" {
	chmod 755 "$repo"
	run as daemon "$IMAGEHOOK" install "$repo"
	[ "$status" -eq 1 ]
	[ "$output" = "imagehook: '$repo' belongs to the user 'nobody': run this as that user or as root" ]
}

@test "root's push is handed over to the owner" {
	"$IMAGEHOOK" install "$repo"
	worker <<<'echo "imagehook: $(id -un) $(id -gn) $(id -G | wc -w)"
tr "\000" "\n" </proc/$$/environ | grep HOME'
	run push "$clone" "$repo"
	[ "$status" -eq 0 ]
	[ "$output" = "imagehook: nobody nogroup 1
imagehook: HOME=$(getent passwd nobody | cut -d: -f6)" ]
	[ -z "$(owners "$repo/imagehook")" ]
}

@test "root is not led out of the repository by links in it" {
	"$IMAGEHOOK" install "$repo"
	worker <<<:
	mkdir "$BASE/elsewhere"
	rm -r "$repo/imagehook/jobs"
	ln -s "$BASE/elsewhere" "$repo/imagehook/jobs"
	run push "$clone" "$repo"
	[ "$status" -eq 0 ]
	[ -z "$(ls "$BASE/elsewhere")" ]
}

# A repository that the group daemon shares.
share() {
	git --git-dir="$repo" config core.sharedRepository group
	chgrp -R daemon "$repo"
	chmod -R g+rwX "$repo"
	find "$repo" -type d -exec chmod g+s {} +
	# else the key that names the home would not count
	chmod g-w "$repo" "$repo/config"
	"$IMAGEHOOK" install "$repo"
	chmod g+w "$repo"
}

@test "a pusher of the group leaves a job and reads who runs it" {
	share
	worker <<<'echo "imagehook: never"'
	run as daemon git -C "$clone" push -q "$repo" HEAD:main
	[ "$status" -eq 0 ]
	[ "$(sed -e 's/^remote: //' -e 's/ *$//' <<<"$output")" = "imagehook: noted; user 'nobody' runs it with the next timer" ]
	[ "$(find "$repo/imagehook/jobs" -type f | wc -l)" -eq 1 ]
	# a job can be read and taken away by the owner
	job=$(find "$repo/imagehook/jobs" -type f)
	run as nobody cat "$job"
	[ "${lines[0]}" = "imagehook job 1" ]
	as nobody rm "$job"
	# and the watch file, which names a program, is not the pusher's to write
	run as daemon sh -c "echo x >>'$repo/imagehook/watch'"
	[ "$status" -ne 0 ]
	run as daemon mv "$repo/imagehook/watch" "$repo/imagehook/other"
	[ "$status" -ne 0 ]
}

@test "a watch file that a pusher slipped in starts nothing for the owner" {
	share
	worker <<<'echo "imagehook: stolen"'
	as daemon sh -c "mv '$repo/imagehook' '$repo/old' && mkdir -p '$repo/imagehook/jobs'"
	as daemon sh -c "chmod 777 '$repo/imagehook/jobs'; cat '$repo/old/watch' >'$repo/imagehook/watch'"
	run as nobody git -C "$clone" push -q "$repo" HEAD:main
	[ "$status" -eq 0 ]
	[[ $output == *"the watch file is not the repository owner's alone"* ]]
	[[ $output != *stolen* ]]
}

@test "a pusher who may not write the spool reads who finds the push" {
	"$IMAGEHOOK" install "$repo"
	worker <<<'echo "imagehook: never"'
	chmod 755 "$repo"
	old=$(git -C "$clone" rev-parse HEAD)
	cd "$repo"
	run as daemon env GIT_DIR=. hooks/post-receive <<<"$old $old refs/heads/main"
	[ "$status" -eq 0 ]
	[ "$output" = "imagehook: not noted here; user 'nobody' finds it with the next timer" ]
}

@test "root's timer runs the repositories of every owner as that owner" {
	useradd --create-home --home-dir "$BASE/owner" imagehook-test
	git --git-dir="$repo" config --unset imagehook.state
	chown -R imagehook-test: "$repo"
	# before the install: only the timer can see it
	push "$clone" "$repo"
	chown -R imagehook-test: "$repo"
	"$IMAGEHOOK" install "$repo"
	run "$IMAGEHOOK" run --all --now "$BASE"
	[ "$status" -eq 0 ]
	[ -n "$(find "$BASE/owner/.local/state/imagehook" -path '*/index/*')" ]
	[ -z "$(find "$BASE/owner/.local" -user root)" ]
}

@test "a purge that comes after the uninstall finds what that kept" {
	useradd --create-home --home-dir "$BASE/owner" imagehook-test
	git --git-dir="$repo" config --unset imagehook.state
	chown -R imagehook-test: "$repo"
	"$IMAGEHOOK" install "$repo"
	local home=$BASE/owner/.local/state/imagehook id
	id=$(git --git-dir="$repo" config imagehook.id)
	"$IMAGEHOOK" uninstall "$repo"
	[ -d "$home/$id" ]
	diff - <("$IMAGEHOOK" uninstall --purge "$repo") <<-END
		uninstalled $repo
		  hook      there was none
		  state     removed from $home
	END
	[ ! -e "$home/$id" ]
	[ "$(grep -c "$repo" "$home/repositories")" -eq 0 ]
	diff - <("$IMAGEHOOK" uninstall --purge "$repo") <<-END
		uninstalled $repo
		  hook      there was none
		  state     none in $home
	END
}
