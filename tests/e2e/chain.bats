#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The hooks of others beside the program that git calls.
# shellcheck disable=SC2016

load lib/common
load lib/hook

setup() {
	hook_setup
}

@test "hooks of others run first, in order, as git would run them" {
	printf 'imagehook watch 1\n' >"$BASE/expected"
	chain 20-b <<'END'
#!/bin/sh
echo "b: $(cat) $PWD $GIT_DIR $MARK $#"
exit 3
END
	chain 00-previous <<'END'
#!/bin/sh
echo "previous: $(cat)" >&2
END
	chain 10-no-interpreter-line <<<'read -r line; echo "plain $line"'
	chain 30-ignored <<<'#!/bin/sh
echo never'
	chmod 644 "$repo/hooks/post-receive.d/30-ignored"
	mkdir "$repo/hooks/post-receive.d/40-folder"
	worker <<<'echo "imagehook: last"'
	watch 5000 refs/heads/main
	line="$zero $old refs/heads/main"
	export MARK=kept
	run call <<<"$line"
	# the first failure is the status, which git ignores
	[ "$status" -eq 3 ]
	[ "$output" = "previous: $line
plain $line
b: $line $repo . kept 0
imagehook: last" ]
	run push "$clone" "$repo"
	[ "$status" -eq 0 ]
}

@test "hooks of others that die, cannot run or do not read do no harm" {
	chain 10-dies <<<'#!/bin/sh
kill -SEGV $$'
	chain 20-missing <<<'#!/nonexistent/interpreter'
	chain 30-deaf <<<'#!/bin/sh
exec <&-
echo deaf'
	worker <<<'echo "imagehook: last"'
	watch 5000 refs/heads/main
	seq -f "$zero $old refs/tags/v%.0f" 5000 >"$BASE/lines"
	echo "$zero $old refs/heads/main" >>"$BASE/lines"
	run call <"$BASE/lines"
	[ "$status" -eq 139 ]
	[ "$output" = "imagehook: a hook before ours died of signal 11
imagehook:   $repo/hooks/post-receive.d/10-dies
imagehook: a hook before ours cannot run (No such file or directory)
imagehook:   $repo/hooks/post-receive.d/20-missing
deaf
imagehook: last" ]
}

@test "a hook of others that hangs holds the push as without us, and ours comes after it" {
	mkfifo "$BASE/go" "$BASE/there"
	chain 10-hangs <<END
#!/bin/sh
echo there >$BASE/there
read -r line <$BASE/go
END
	worker <<<'echo "imagehook: last"'
	watch 5000 refs/heads/main
	push "$clone" "$repo" >"$BASE/seen" &
	[ "$(bounded cat "$BASE/there")" = there ]
	[ "$(jobs_waiting)" -eq 0 ]
	echo >"$BASE/go"
	wait $!
	[ "$(cat "$BASE/seen")" = "imagehook: last" ]
}

@test "hooks of others run when imagehook is gone; one line says so" {
	chain 00-previous <<<'#!/bin/sh
echo deployed'
	watch 5000 refs/heads/main
	rm -f "$BASE/worker"
	run push "$clone" "$repo"
	[ "$status" -eq 0 ]
	[ "$output" = "deployed
imagehook: the program cannot run; tell this server's admin
imagehook:   cannot run '$BASE/worker': No such file or directory" ]
	[ "$(jobs_waiting)" -eq 1 ]
	run push "$clone" "$repo" HEAD:unwatched
	[ "$output" = deployed ]
}

@test "in a hooks folder that others use, repositories without imagehook are left alone" {
	worker <<<'echo "imagehook: here"'
	watch 5000 refs/heads/main
	mkdir "$BASE/hooks"
	mv "$repo/hooks/post-receive" "$BASE/hooks"
	stranger=$(make_bare stranger.git)
	for dir in "$repo" "$stranger"; do
		git --git-dir="$dir" config core.hooksPath "$BASE/hooks"
	done
	run push "$clone" "$stranger"
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	[ ! -e "$stranger/imagehook" ]
	run push "$clone" "$repo"
	[ "$output" = "imagehook: here" ]
}
