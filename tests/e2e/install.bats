#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# install, status and uninstall of one plain repository.
# shellcheck disable=SC2016

load lib/common

setup() {
	common_setup
	repo=$(make_bare r.git)
	hook=$repo/hooks/post-receive
}

# Everything in a repository but what a push changes: names, modes, links, contents.
picture() {
	(
		cd "$1" || exit
		find . -path ./objects -prune -o -printf '%p %M %l\n' | sort
		find . -path ./objects -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
	)
}

# The same without our own section, which the test itself needs for the home.
clean_picture() {
	cp -a "$1" "$BASE/clean.git"
	git config --file "$BASE/clean.git/config" --remove-section imagehook
	picture "$BASE/clean.git"
	rm -r "$BASE/clean.git"
}

install() {
	"$IMAGEHOOK" install "$@"
}

id_of() {
	git config --file "$1/config" imagehook.id
}

field() {
	"$IMAGEHOOK" status -o json "$1" | jq -r "$2"
}

@test "install puts a file that is the hook program and records the repository" {
	run install "$repo"
	[ "$status" -eq 0 ]
	id=$(id_of "$repo")
	[[ $id =~ ^[0-9a-f]{32}$ ]]
	[ "$output" = "installed $repo
  hook      $hook (new)
  program   $(realpath "$IMAGEHOOK")
  id        $id
  state     $BASE/state
  write     direct
info: no branch yet; HEAD names 'main'
hint: if your team pushes another one: git --git-dir=$repo symbolic-ref HEAD refs/heads/NAME
warning: imagehook.state names a folder for this repository alone: 'run --all' and the timer pass it by
hint: name it in /etc/imagehook/config, or call 'imagehook run --repo $repo' by a timer" ]
	[ "$(field "$repo" '[.findings[].id] | join(" ")')" = 'no-branch own-state' ]
	[ ! -L "$hook" ]
	cmp "$hook" "$BUILD/imagehook-hook"
	[ "$(stat -c %a "$hook")" = 755 ]
	[ "$(stat -c %a "$BASE/state")" = 700 ]
	[ "$(stat -c %a "$BASE/state/repositories")" = 600 ]
	grep -qx "path $repo" "$BASE/state/repositories"
	grep -qx "inode $(stat -c %i "$repo")" "$BASE/state/repositories"
	grep -qx "program $(realpath "$IMAGEHOOK")" "$repo/imagehook/watch"
}

@test "install is idempotent" {
	install "$repo"
	picture "$repo" >"$BASE/before"
	cp "$BASE/state/repositories" "$BASE/registry"
	inode=$(stat -c %i "$hook")
	run install "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *"$hook (up to date)"* ]]
	picture "$repo" | diff "$BASE/before" -
	cmp "$BASE/registry" "$BASE/state/repositories"
	[ "$(stat -c %i "$hook")" -eq "$inode" ]
}

@test "uninstall leaves no trace" {
	before=$(clean_picture "$repo")
	install "$repo"
	run "$IMAGEHOOK" uninstall --purge "$repo"
	[ "$status" -eq 0 ]
	[ "$output" = "uninstalled $repo
  hook      $hook removed
  state     removed from $BASE/state" ]
	diff <(echo "$before") <(picture "$repo")
	run grep -r "$repo" "$BASE/state"
	[ "$status" -eq 1 ]
}

@test "a repository without a hooks folder is without one again afterwards" {
	rm -r "$repo/hooks"
	before=$(clean_picture "$repo")
	install "$repo"
	[ -x "$hook" ]
	"$IMAGEHOOK" uninstall "$repo"
	diff <(echo "$before") <(picture "$repo")
}

@test "a foreign hook runs before ours and comes back byte for byte" {
	printf '#!/bin/sh\r\n# odd \xff bytes\nexit 0' >"$hook"
	chmod 711 "$hook"
	touch -d '2020-01-01 01:02:03.456 UTC' "$hook"
	stamp=$(stat -c '%Y %i' "$hook")
	before=$(clean_picture "$repo")
	run install "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *"
  before it post-receive.d/00-previous (the hook that was there)
"* ]]
	[ -x "$repo/hooks/post-receive.d/00-previous" ]
	install "$repo"
	[ "$(ls "$repo/hooks/post-receive.d")" = 00-previous ]
	run "$IMAGEHOOK" uninstall "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *"$hook is the previous one again"* ]]
	diff <(echo "$before") <(picture "$repo")
	[ "$(stat -c '%Y %i' "$hook")" = "$stamp" ]
}

@test "a foreign hook keeps working behind ours" {
	printf '#!/bin/sh\necho "deployed $(cat)"\n' >"$hook"
	chmod 755 "$hook"
	install "$repo"
	clone=$(make_clone w)
	commit "$clone" file
	run push "$clone" "$repo"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "deployed 0000000000000000000000000000000000000000 $(git -C "$clone" rev-parse HEAD) refs/heads/main" ]
}

@test "a hook that is switched off stays off, and comes back so" {
	printf '#!/bin/sh\necho never\n' >"$hook"
	chmod 644 "$hook"
	before=$(clean_picture "$repo")
	install "$repo"
	clone=$(make_clone w)
	commit "$clone" file
	run push "$clone" "$repo" HEAD:other
	[[ $output != *never* ]]
	git --git-dir="$repo" update-ref -d refs/heads/other
	"$IMAGEHOOK" uninstall "$repo"
	diff <(echo "$before") <(picture "$repo")
}

@test "a link stays a link, absolute or relative, and still leads to the hook" {
	for target in "$BASE/shared-hook" ../../shared-hook; do
		printf '#!/bin/sh\necho linked\n' >"$BASE/shared-hook"
		chmod 755 "$BASE/shared-hook"
		ln -sfn "$target" "$hook"
		before=$(clean_picture "$repo")
		install "$repo"
		[ -L "$repo/hooks/post-receive.d/00-previous" ]
		[ "$("$repo/hooks/post-receive.d/00-previous")" = linked ]
		[ ! -L "$hook" ]
		"$IMAGEHOOK" uninstall "$repo"
		diff <(echo "$before") <(picture "$repo")
		git --git-dir="$repo" config imagehook.state "$BASE/state"
	done
}

@test "what was in post-receive.d stays there" {
	mkdir "$repo/hooks/post-receive.d"
	printf '#!/bin/sh\necho mine\n' >"$repo/hooks/post-receive.d/00-previous"
	echo notes >"$repo/hooks/post-receive.d/README"
	chmod 755 "$repo/hooks/post-receive.d/00-previous"
	printf '#!/bin/sh\necho was here\n' >"$hook"
	chmod 755 "$hook"
	before=$(clean_picture "$repo")
	run install "$repo"
	[[ $output == *"
  before it post-receive.d/00-previous
            post-receive.d/00-previous.1 (the hook that was there)
"* ]]
	"$IMAGEHOOK" uninstall "$repo"
	diff <(echo "$before") <(picture "$repo")
}

@test "a driver of post-receive.d is not put into the folder that it drives" {
	mkdir "$repo/hooks/post-receive.d"
	cat >"$hook" <<'END'
#!/bin/sh
data=$(cat)
for hook in "$GIT_DIR/hooks/post-receive.d"/*; do
	echo "$data" | "$hook"
done
END
	chmod 755 "$hook"
	printf '#!/bin/sh\necho ten\n' >"$repo/hooks/post-receive.d/10"
	chmod 755 "$repo/hooks/post-receive.d/10"
	before=$(clean_picture "$repo")
	run install "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *"  hook      $hook.d/imagehook (new)"* ]]
	install "$repo"
	[ "$(field "$repo" .hook.path)" = "$hook.d/imagehook" ]
	clone=$(make_clone w)
	commit "$clone" file
	run push "$clone" "$repo"
	[ "$status" -eq 0 ]
	[ "$(grep -c ten <<<"$output")" -eq 1 ]
	[ -e "$repo/imagehook/watch" ]
	git --git-dir="$repo" update-ref -d refs/heads/main
	"$IMAGEHOOK" uninstall "$repo"
	diff <(echo "$before") <(picture "$repo")
}

@test "uninstall without a record finds what install did" {
	printf '#!/bin/sh\necho was here\n' >"$hook"
	chmod 755 "$hook"
	before=$(clean_picture "$repo")
	install "$repo"
	rm "$BASE/state/repositories"
	"$IMAGEHOOK" uninstall "$repo"
	diff <(echo "$before") <(picture "$repo")
}

@test "uninstall leaves a hook that somebody put over ours" {
	install "$repo"
	printf '#!/bin/sh\necho new\n' >"$BASE/new"
	cp "$BASE/new" "$hook"
	run "$IMAGEHOOK" uninstall "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *"$hook is not ours and stays"* ]]
	cmp "$BASE/new" "$hook"
	run "$IMAGEHOOK" uninstall "$repo"
	[ "$status" -eq 0 ]
}

@test "an id survives an uninstall that keeps the state, not a purge" {
	install "$repo"
	id=$(id_of "$repo")
	run "$IMAGEHOOK" uninstall "$repo"
	[[ $output == *"state     kept in $BASE/state (--purge drops it)"* ]]
	git --git-dir="$repo" config imagehook.state "$BASE/state"
	run "$IMAGEHOOK" status "$repo"
	[ "$status" -eq 1 ]
	[[ $output == *"error: imagehook is not installed here [not-installed]"* ]]
	install "$repo"
	[ "$(id_of "$repo")" = "$id" ]
	"$IMAGEHOOK" uninstall --purge "$repo"
	git --git-dir="$repo" config imagehook.state "$BASE/state"
	install "$repo"
	[ "$(id_of "$repo")" != "$id" ]
}

@test "the write mode is written into the configuration" {
	run install --write none "$repo"
	[ "$status" -eq 0 ]
	[ "$(git config --file "$repo/config" imagehook.write)" = none ]
	[[ $output == *"  write     none"* ]]
	install --write direct "$repo"
	[ "$(git config --file "$repo/config" imagehook.write)" = direct ]
	run install --write sideways "$repo"
	[ "$status" -eq 2 ]
}

@test "guarding hooks of others are named" {
	printf '#!/bin/sh\n' >"$repo/hooks/pre-receive"
	chmod 755 "$repo/hooks/pre-receive"
	run install "$repo"
	[[ $output == *"guarded by the hook pre-receive"* ]]
	[ "$(field "$repo" '.write.guardingHooks[0]')" = pre-receive ]
}

@test "modes follow a repository that a group shares" {
	# the key that names the home counts only where the owner alone may write
	shared=$(make_bare s.git --shared=group)
	chmod g-w "$shared" "$shared/config"
	(umask 077 && "$IMAGEHOOK" install "$shared")
	[ "$(stat -c %a "$shared/hooks/post-receive")" = 755 ]
	[ "$(stat -c %a "$shared/imagehook")" = 2755 ]
	[ "$(stat -c %a "$shared/imagehook/jobs")" = 3775 ]
	[ "$(stat -c %a "$shared/imagehook/watch")" = 644 ]
	narrow=$(make_bare n.git --shared=0660)
	chmod g-w "$narrow" "$narrow/config"
	"$IMAGEHOOK" install "$narrow"
	[ "$(stat -c %a "$narrow/hooks/post-receive")" = 750 ]
	[ "$(stat -c %a "$narrow/imagehook/jobs")" = 3770 ]
}

@test "a hooks folder that others use is listed and left alone without --shared" {
	other=$(make_bare other.git)
	mkdir "$BASE/hooks"
	for dir in "$repo" "$other"; do
		git --git-dir="$dir" config core.hooksPath "$BASE/hooks"
	done
	before=$(picture "$repo")
	run install "$repo"
	[ "$status" -eq 1 ]
	[[ $output == *"also used by $other"* ]]
	[[ ${lines[-1]} == "imagehook: the hooks folder '$BASE/hooks' is outside the repository; '--shared' installs there, for all who use it" ]]
	diff <(echo "$before") <(picture "$repo")
	[ -z "$(ls "$BASE/hooks")" ]
	run install --shared "$repo"
	[ "$status" -eq 0 ]
	cmp "$BASE/hooks/post-receive" "$BUILD/imagehook-hook"
	[ "$(field "$repo" .hook.shared)" = true ]
	"$IMAGEHOOK" uninstall "$repo"
	[ -z "$(ls "$BASE/hooks")" ]
	[ -d "$BASE/hooks" ]
}

@test "a hooks folder that is a link out of the repository is one that others use" {
	mv "$repo/hooks" "$BASE/hooks"
	ln -s "$BASE/hooks" "$repo/hooks"
	run install "$repo"
	[ "$status" -eq 1 ]
	[[ ${lines[-1]} == *"is outside the repository"* ]]
}

@test "hooks that are switched off are refused" {
	git --git-dir="$repo" config core.hooksPath /dev/null
	run install "$repo"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "imagehook: hooks are switched off here: '/dev/null' is not a folder (core.hooksPath, set local)" ]
}

@test "a copy is told from a move, and gets an id or takes the place" {
	install "$repo"
	id=$(id_of "$repo")
	cp -a "$repo" "$BASE/copy.git"
	run "$IMAGEHOOK" status "$BASE/copy.git"
	[ "$status" -eq 1 ]
	[[ $output == *"error: its id belongs to '$repo', which exists: nothing is sent or written [copy]"* ]]
	[[ $output == *"--new-id"*"--adopt"* ]]
	run install "$BASE/copy.git"
	[ "$status" -eq 1 ]
	run install --new-id "$BASE/copy.git"
	[ "$status" -eq 0 ]
	[ "$(id_of "$BASE/copy.git")" != "$id" ]
	[ "$(field "$repo" .state)" = installed ]
	[ "$(field "$BASE/copy.git" .state)" = installed ]

	cp -a "$repo" "$BASE/second.git"
	install --adopt "$BASE/second.git"
	[ "$(id_of "$BASE/second.git")" = "$id" ]
	[ "$(field "$BASE/second.git" .state)" = installed ]
	[ "$(field "$repo" .state)" = copy ]

	mv "$BASE/second.git" "$BASE/third.git"
	[ "$(field "$BASE/third.git" .state)" = moved ]
	install "$BASE/third.git"
	[ "$(field "$BASE/third.git" .state)" = installed ]
	run grep "second.git" "$BASE/state/repositories"
	[ "$status" -eq 1 ]
}

@test "another repository at a known path is a new one" {
	install "$repo"
	id=$(id_of "$repo")
	rm -r "$repo"
	make_bare r.git
	install "$repo"
	[ "$(id_of "$repo")" != "$id" ]
	[ "$(grep -c '^repository' "$BASE/state/repositories")" -eq 1 ]
}

@test "other Git hosts are refused and left untouched" {
	mkdir -p "$BASE/@hashed/4e"
	for name in gitea gogs gitolite gitlab; do
		dir=$(make_bare "$name.git")
		case $name in
		gitea) mkdir "$dir/hooks/post-receive.d" && touch "$dir/hooks/post-receive.d/gitea" ;;
		gogs) echo "'/gogs' hook --config=/app.ini post-receive" >"$dir/hooks/post-receive" ;;
		gitolite) touch "$dir/gl-conf" ;;
		gitlab) mv "$dir" "$BASE/@hashed/4e/x.git" && dir=$BASE/@hashed/4e/x.git ;;
		esac
		before=$(picture "$dir")
		run install "$dir"
		[ "$status" -eq 1 ]
		[[ ${lines[-1]} == "imagehook: '$dir' is a repository of "*": "*"is not built yet" ]]
		diff <(echo "$before") <(picture "$dir")
		[ "$(field "$dir" .host)" = "$name" ]
		# nor does status advise what is refused
		printf '#!/bin/sh\n' >"$dir/hooks/update"
		chmod 755 "$dir/hooks/update"
		[ "$(field "$dir" '[.findings[] | select(.severity != "info").id] | join(" ")')" = 'not-installed host' ]
		[ "$(field "$dir" '[.findings[].hint | select(contains("imagehook install"))] | length')" -eq 0 ]
	done
}

@test "what is no bare repository is refused" {
	mkdir "$BASE/empty"
	run install "$BASE/empty"
	[ "$status" -eq 1 ]
	[ "$output" = "imagehook: '$BASE/empty' is no git repository" ]
	run install "$BASE/missing"
	[ "$status" -eq 1 ]
	[ "$output" = "imagehook: cannot find '$BASE/missing': No such file or directory" ]
	work=$(make_clone w)
	git -C "$work" config imagehook.state "$BASE/state"
	run install "$work"
	[ "$status" -eq 1 ]
	[[ ${lines[-1]} == *"has a work tree; imagehook serves bare repositories" ]]
	mirror=$(make_bare m.git)
	git --git-dir="$mirror" config remote.origin.url /x
	git --git-dir="$mirror" config remote.origin.mirror true
	git --git-dir="$mirror" config remote.origin.fetch '+refs/*:refs/*'
	run install "$mirror"
	[ "$status" -eq 1 ]
	[[ ${lines[-1]} == *"is a mirror"* ]]
	run install "$repo" "$mirror"
	[ "$status" -eq 2 ]
}

@test "a mistake in the configuration is named before anything is touched" {
	git --git-dir="$repo" config imagehook.foregroud 3s
	before=$(picture "$repo")
	run install "$repo"
	[ "$status" -eq 1 ]
	[[ ${lines[-1]} == "imagehook: "*foregroud* ]]
	diff <(echo "$before") <(picture "$repo")
}

@test "install says what to do when HEAD names a branch that does not exist" {
	git --git-dir="$repo" symbolic-ref HEAD refs/heads/master
	clone=$(make_clone w)
	commit "$clone" file
	push "$clone" "$repo"
	run install "$repo"
	[ "$status" -eq 0 ]
	[[ $output == *"
warning: HEAD names 'master', which does not exist; 'main' is used, the only branch
hint: git --git-dir=$repo symbolic-ref HEAD refs/heads/main"* ]]
	push "$clone" "$repo" HEAD:other
	run "$IMAGEHOOK" status "$repo"
	[ "$status" -eq 1 ]
	[[ $output == *"error: HEAD names 'master', which does not exist, and there are 2 others [head-branch]
hint: git config --file $repo/config imagehook.branch BRANCH"* ]]
	git --git-dir="$repo" symbolic-ref HEAD refs/heads/main
	run "$IMAGEHOOK" status "$repo"
	[ "$status" -eq 0 ]
}

@test "status shows a hook that is gone, foreign, not executable, and waiting jobs" {
	install "$repo"
	[ "$(field "$repo" .hook.state)" = present ]
	[ "$(field "$repo" .waitingJobs)" = 0 ]
	[ "$(field "$repo" .watch.state)" = 'every branch' ]
	printf 'imagehook job 1\npusher ann\nend\n' >"$repo/imagehook/jobs/1-1"
	[ "$(field "$repo" .waitingJobs)" = 1 ]
	chmod 644 "$hook"
	[ "$(field "$repo" .hook.state)" = 'not executable' ]
	run "$IMAGEHOOK" status "$repo"
	[ "$status" -eq 1 ]
	[[ $output == *"the hook is not executable: Git ignores it [hook-mode]"* ]]
	rm "$hook"
	[ "$(field "$repo" .hook.state)" = absent ]
	echo '#!/bin/sh' >"$hook"
	[ "$(field "$repo" .hook.state)" = foreign ]
	install "$repo"
	[ "$(field "$repo" .hook.state)" = present ]
	echo damaged >"$repo/imagehook/watch"
	[ "$(field "$repo" .watch.state)" = damaged ]
	sed -i "s|^program .*|program /nonexistent|" "$repo/imagehook/watch"
	install "$repo"
	[ "$(field "$repo" .watch.state)" = 'every branch' ]
	git --git-dir="$repo" config hook.deploy.event post-receive
	[ "$(field "$repo" '.hook.configHooks[0]')" = deploy ]
}

@test "the current folder is the repository when none is named" {
	cd "$repo"
	run install
	[ "$status" -eq 0 ]
	run "$IMAGEHOOK" status
	[ "${lines[0]}" = "$repo" ]
	run "$IMAGEHOOK" uninstall -C "$repo"
	[ "$status" -eq 0 ]
}
