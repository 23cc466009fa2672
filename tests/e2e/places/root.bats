#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which folders the timer runs: those that install recorded, below the folder that is named. The home
# is named by a system file that only this test's processes see, which needs root.

load ../lib/common

setup() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	common_setup
	mkdir -p "$BASE/etc/imagehook" "$BASE/root"
	cp /etc/passwd /etc/group /etc/nsswitch.conf "$BASE/etc"
	printf '[imagehook]\n\tstate = %s\n' "$BASE/state" >"$BASE/etc/imagehook/config"
	clone=$(make_clone work)
	commit "$clone" file
}

hosted() {
	unshare -m sh -c 'mount --bind "$0" /etc && exec "$@"' "$BASE/etc" "$@"
}

# add DIR: a repository there, installed and pushed to
add() {
	git init -q --bare "$1"
	hosted "$IMAGEHOOK" install "$1"
	hosted git -C "$clone" push -q "$1" HEAD:main
}

tick() {
	: >"$BASE/state/log"
	hosted "$IMAGEHOOK" run --all --now "$BASE/root" >"$BASE/out" 2>&1 || true
	ran=$(sed -n 's|.* repository=\([^ ]*\) trigger=.*|\1|p' "$BASE/state/log" | sort)
}

@test "what was installed, not what a folder says of itself" {
	add "$BASE/root/real.git"
	add "$BASE/other.git"
	cp -a "$BASE/root/real.git" "$BASE/root/copy.git"
	cp -a "$BASE/root/real.git" "$BASE/root/claims.git"
	git --git-dir="$BASE/root/claims.git" config imagehook.id 00000000000000000000000000000001
	tick
	[ "$ran" = "$BASE/root/real.git" ]
	[ "$(hosted "$IMAGEHOOK" status -o json "$BASE/root/real.git" | jq -c .findings)" = '[]' ]
	# the home of all, named once more, is no other
	git --git-dir="$BASE/root/real.git" config imagehook.state "$BASE/state"
	[ "$(hosted "$IMAGEHOOK" status -o json "$BASE/root/real.git" | jq -c .findings)" = '[]' ]
}

@test "none inside another repository or a work tree, nor through a link" {
	add "$BASE/root/real.git"
	add "$BASE/root/real.git/inner.git"
	git init -q "$BASE/root/tree"
	add "$BASE/root/tree/inner.git"
	add "$BASE/root/moved.git"
	mv "$BASE/root/moved.git" "$BASE/away.git"
	ln -s "$BASE/away.git" "$BASE/root/moved.git"
	tick
	[ "$ran" = "$BASE/root/real.git" ]
	run hosted "$IMAGEHOOK" status "$BASE/root/real.git/inner.git"
	[[ $output == *"it lies inside the repository or work tree '$BASE/root/real.git': the timer leaves it alone"* ]]
	run hosted "$IMAGEHOOK" status "$BASE/root/tree/inner.git"
	[[ $output == *"it lies inside the repository or work tree '$BASE/root/tree': the timer leaves it alone"* ]]
}
