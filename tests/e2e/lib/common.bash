# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# What every end-to-end test begins with: an environment of its own, repositories, pushes.
#
#   common_setup              in setup(): TOP, BUILD, IMAGEHOOK, BASE (a folder of this test) and an
#                             environment in which nothing of the user who runs the tests counts
#   make_bare NAME [ARG...]   $BASE/NAME, a bare repository with HEAD on main, whose state is in
#                             $BASE/state; prints its path; ARG go to git init
#   make_clone NAME           $BASE/NAME, an empty work tree
#   commit CLONE FILE [TEXT]  one more commit there
#   push CLONE REPO [REF...]  pushes HEAD:main or REF...; prints what the pusher sees, whose lines
#                             of the remote are without prefix and without blanks at their end
#   bounded COMMAND...        runs it for at most 20 seconds
#   wait_for COMMAND...       until it succeeds, for at most 20 seconds
#   wait_gone PID             waits for the end of a process that is no child

common_setup() {
	TOP=$(cd "${BASH_SOURCE[0]%/*}/../../.." && pwd)
	BUILD=${IMAGEHOOK_BUILD:-$TOP/build}
	IMAGEHOOK=$BUILD/imagehook
	BASE=$BATS_TEST_TMPDIR
	local name
	for name in $(compgen -e); do
		case $name in
		GIT_* | IMAGEHOOK_* | *_proxy | *_PROXY | SSL_* | CURL_* | SSH_* | LC_* | XDG_*) unset "$name" ;;
		esac
	done
	umask 022
	export HOME=$BASE/home LANG=C.UTF-8 TZ=UTC PATH=$BUILD:$PATH
	export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$HOME/.gitconfig
	export GIT_AUTHOR_NAME='A U Thor' GIT_AUTHOR_EMAIL=author@example.com
	export GIT_COMMITTER_NAME='C O Mitter' GIT_COMMITTER_EMAIL=committer@example.com
	mkdir -p "$HOME"
	git config --global init.defaultBranch main
	git config --global advice.detachedHead false
}

make_bare() {
	local repo=$BASE/$1
	shift
	git init -q --bare "$@" "$repo" >&2 || return
	git --git-dir="$repo" symbolic-ref HEAD refs/heads/main
	git --git-dir="$repo" config imagehook.state "$BASE/state"
	echo "$repo"
}

make_clone() {
	git init -q "$BASE/$1" >&2
	echo "$BASE/$1"
}

commit() {
	local file=$1/$2
	mkdir -p "${file%/*}"
	printf '%s\n' "${3-$RANDOM}" >>"$file"
	git -C "$1" add -A && git -C "$1" commit -q -m "change $2"
}

push() {
	local clone=$1 repo=$2
	shift 2
	[ $# -gt 0 ] || set -- HEAD:main
	git -C "$clone" push -q "$repo" "$@" 2>&1 | sed -e 's/^remote: //' -e 's/ *$//'
	return "${PIPESTATUS[0]}"
}

bounded() {
	timeout -k 2 20 "$@"
}

wait_for() {
	bounded bash -c 'until "$@"; do sleep 0.05; done 2>/dev/null' _ "$@"
}

wait_gone() {
	bounded tail --pid="$1" -f /dev/null
}
