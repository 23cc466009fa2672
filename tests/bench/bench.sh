#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How fast, as ratios against yardsticks in the same run; medians of pairs. Prints a table, fails on nothing
# but a broken run.   bench.sh [ROW...]   (rows: t1 t2 t3 t4 t5 t6 t7 t8 t9 t11; default: all)
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/tests/bench
export PATH=$top/build:$PATH
# shellcheck source=tests/e2e/lib/registry.bash
. "$top/tests/e2e/lib/registry.bash"
work=$(mktemp -d "${TMPDIR:-/tmp}/imagehook-bench.XXXXXX")
trap 'registry_stop "$work/registry" || true; rm -rf "$work"' EXIT
export HOME=$work/home GIT_CONFIG_NOSYSTEM=1 WORK=$work
mkdir -p "$HOME"
git config --global init.defaultBranch main
git config --global user.name bench
git config --global user.email bench@example.org
git config --global gc.auto 0
rounds=${ROUNDS:-11}
wanted=" ${*:-t1 t2 t3 t4 t5 t6 t7 t8 t9 t11} "
pairs=$work/pairs
${CC:-gcc} -O2 -o "$pairs" "$here/pairs.c"

wants() {
	[[ $wanted == *" $1 "* ]]
}
note() {
	printf '%s\n' "$*" >&2
}
# row NAME GOALS OUTPUT-OF-PAIRS...
report() {
	printf '%-34s %8s  %-20s %9s %9s\n' "$1" "$(cut -f2 <<<"$3")x" "$2" "$(cut -f3 <<<"$3")" "$(cut -f4 <<<"$3")"
}

# A repository of N files with one image, installed, scanned, nothing committed. Its parts that a run changes
# are kept beside it, so that reset_repo can lay them anew without changing the folder itself.
make_repo() {
	local name=$1 files=$2 dir=$work/$1.git
	[ -d "$dir" ] && return
	note "making a repository of $files files"
	git init -q --bare "$dir"
	perl "$here/corpus.pl" "$files" 20 "$REGISTRY/bench/app" | git --git-dir="$dir" fast-import --quiet
	git --git-dir="$dir" gc -q
	git --git-dir="$dir" config imagehook.state "$work/state-$name"
	git --git-dir="$dir" config imagehook.allowHost "$REGISTRY"
	git --git-dir="$dir" config imagehook.insecureHost "$REGISTRY"
	imagehook install "$dir" --write none >/dev/null
	imagehook run --now --repo "$dir" >/dev/null
	git --git-dir="$dir" config --unset imagehook.write
	git --git-dir="$dir" config imagehook.maxCommits 1000000
	cp -R "$work/state-$name" "$work/kept-state-$name"
	cp -R "$dir/objects" "$work/kept-objects-$name"
	git --git-dir="$dir" rev-parse main >"$work/tip-$name"
	cat >"$work/reset-$name" <<RESET
rm -rf "$dir/objects" "$work/state-$name"
cp -al "$work/kept-objects-$name" "$dir/objects"
cp -R "$work/kept-state-$name" "$work/state-$name"
cp "$work/tip-$name" "$dir/refs/heads/main"
sync -f "$dir"
RESET
}

cold_job() { # LABEL GOALS NAME FILES
	make_repo "$3" "$4"
	"$pairs" "$1" "$rounds" \
		"sh $work/reset-$3; rm -rf $work/state-$3/*/index" \
		"imagehook run --now update --quiet --repo $work/$3.git" "$here/git-only.sh $work/$3.git 1.5.3" >"$work/out"
	report "$1" "$2" "$(cat "$work/out")"
}

memory() { # LABEL NAME FILES
	make_repo "$2" "$3"
	"$pairs" "$1" 3 "sh $work/reset-$2; rm -rf $work/state-$2/*/index" \
		"imagehook run --now update --quiet --repo $work/$2.git" \
		"git --git-dir=$work/$2.git grep -l -F \"\$imagepolicy\" main" >"$work/out"
	printf '%-34s %8s  %-20s %7sMB %7sMB\n' "$1" \
		"$(awk -F'\t' '{printf "%.2f", $5 / $6}' "$work/out")x" '<= 1.4x (0.5x)' "$(cut -f5 "$work/out")" "$(cut -f6 "$work/out")"
}

printf '%-34s %8s  %-20s %9s %9s\n' row ratio 'first (goal)' ours 'yardstick (ms)'

note 'starting a registry'
registry_start "$work/registry"
registry_tag bench/app 1.5.1 1.5.3

wants t1 && cold_job 'T1 cold run, 10k files' '<= 1.5x (0.4x)' r10k 10000
wants t2 && rounds=3 && cold_job 'T2 cold run, 100k files' '<= 0.5x (0.08x)' r100k 100000
rounds=${ROUNDS:-11}

if wants t3; then
	make_repo r100k 100000
	dir=$work/r100k.git
	sh "$work/reset-r100k"
	imagehook run --now --quiet --repo "$dir"
	# five files change in each of two alternating commits, so that every run sees a change
	tip=$(git --git-dir="$dir" rev-parse main)
	git clone -q --depth 1 "file://$dir" "$work/clone100k"
	(
		cd "$work/clone100k"
		git ls-files | grep deployment | head -5 | xargs sed -i 's/cpu: 100m/cpu: 200m/'
		git commit -qam 'five files'
		git push -q origin HEAD:refs/heads/other
	) 2>/dev/null
	other=$(git --git-dir="$dir" rev-parse refs/heads/other)
	git --git-dir="$dir" update-ref -d refs/heads/other
	printf '%s\n' "$tip" >"$work/one"
	printf '%s\n' "$other" >"$work/two"
	imagehook run --quiet --repo "$dir"
	"$pairs" 'T3' $((rounds * 3)) \
		"[ \$SIDE = B ] || { cmp -s $work/one $dir/refs/heads/main && cp $work/two $dir/refs/heads/main || cp $work/one $dir/refs/heads/main; mkdir -p $dir/imagehook/jobs; }" \
		"imagehook run --now update --quiet --repo $dir" "git --git-dir=$dir diff-tree -r $tip $other" >"$work/out"
	report 'T3 warm run, 5 of 100k changed' '<= 8x (1.5x)' "$(cat "$work/out")"
fi

if wants t4; then
	make_repo r10k 10000
	sh "$work/reset-r10k"
	imagehook run --now --quiet --repo "$work/r10k.git"
	line="$(printf '0%.0s' {1..40}) $(cat "$work/tip-r10k") refs/heads/nobody"
	printf '%s\n' "$line" >"$work/line"
	"$pairs" T4 $((rounds * 20)) '' \
		"sh:cd $work/r10k.git && GIT_DIR=. exec hooks/post-receive <$work/line" \
		"sh:exec git --git-dir=$work/r10k.git rev-parse refs/heads/main" >"$work/out"
	report 'T4 hook, unwatched ref' '<= 1.0x (0.6x)' "$(cat "$work/out")"
fi

push_row() { # LABEL GOALS REF
	local with=$work/r10k.git without=$work/plain.git side
	[ -d "$without" ] || git clone -q --bare "$with" "$without"
	for side in with without; do
		[ -d "$work/work-$side" ] || git clone -q --depth 1 "file://${!side}" "$work/work-$side" 2>/dev/null
	done
	"$pairs" "$1" "$rounds" \
		"cd $work/work-\$([ \$SIDE = A ] && echo with || echo without) && git fetch -q origin main && git reset -q --soft FETCH_HEAD && date +%N >notes.txt && git add notes.txt && git commit -qm note" \
		"git -C $work/work-with push -q origin HEAD:$3" \
		"git -C $work/work-without push -q origin HEAD:$3" >"$work/out"
	report "$1" "$2" "$(cat "$work/out")"
}
if wants t5; then
	make_repo r10k 10000
	sh "$work/reset-r10k"
	imagehook run --now --quiet --repo "$work/r10k.git"
	push_row 'T5 push, unwatched ref' '<= 1.15x (1.08x)' +refs/heads/nobody
	push_row 'T5 push, watched, nothing to do' '<= 2x (1.3x)' refs/heads/main
fi

if wants t6; then
	make_repo r100k 100000
	dir=$work/r100k.git
	sh "$work/reset-r100k"
	imagehook run --now --quiet --repo "$dir"
	file=$(git --git-dir="$dir" grep -l -F '"$imagepolicy"' main | head -1 | cut -d: -f2-)
	git clone -q --depth 1 "file://$dir" "$work/clone-t6"
	(
		cd "$work/clone-t6"
		sed -i 's|:1\.5\.3 #|:1.5.1 #|' "$file"
		git commit -qam 'one stale marker'
		git push -q origin HEAD:refs/heads/stale
	) 2>/dev/null
	git --git-dir="$dir" rev-parse refs/heads/stale >"$work/stale"
	git --git-dir="$dir" update-ref -d refs/heads/stale
	cp "$work/stale" "$dir/refs/heads/main"
	git --git-dir="$dir" config imagehook.write none
	imagehook run --now update --quiet --repo "$dir"
	git --git-dir="$dir" config --unset imagehook.write
	cp -R "$work/state-r100k" "$work/warm-state"
	"$pairs" T6 "$rounds" \
		"cp $work/stale $dir/refs/heads/main; rm -rf $work/state-r100k; cp -R $work/warm-state $work/state-r100k" \
		"imagehook run --now update --quiet --repo $dir" "$here/git-only.sh $dir 1.5.3 $file" >"$work/out"
	report 'T6 one stale marker, 100k, warm' '<= 2.5x (0.35x)' "$(cat "$work/out")"
fi

go_build() {
	GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS='' GOCACHE=$work/gocache go build -o "$work/$1" "$here/$1/main.go"
}

if wants t7; then
	note 'building the yardstick of T7'
	go_build go-rewrite
	git clone -q "$work/r10k.git" "$work/tree" 2>/dev/null || { make_repo r10k 10000 && git clone -q "$work/r10k.git" "$work/tree"; }
	git -C "$work/tree" reset -q --hard "$(cat "$work/tip-r10k")"
	"$pairs" T7 "$rounds" "git -C $work/tree checkout -qf . && git -C $work/tree status >/dev/null" \
		"imagehook rewrite -i --set flux-system:app=$REGISTRY/bench/app:1.5.3 $work/tree/clusters" \
		"$work/go-rewrite $work/tree/clusters $REGISTRY/bench/app:1.5.3" >"$work/out"
	report 'T7 rewrite 1,000 of 10k files' '<= 0.6x (0.4x)' "$(cat "$work/out")"
fi

if wants t8; then
	note 'building the yardstick of T8'
	go_build go-semver
	perl -e 'for my $i (0 .. 99999) { my $t = ($i * 7919) % 100000; print $i % 10 ? sprintf("%d.%d.%d\n", $t % 8, $t / 8 % 120, $i) : "main-$t\n" }' >"$work/tags"
	sed 's/^/v-/' "$work/tags" >"$work/named"
	"$pairs" T8a "$rounds" '' "sh:exec imagehook select --semver '>=1.0.0 <5.0.0' <$work/tags" \
		"sh:exec $work/go-semver '>=1.0.0 <5.0.0' <$work/tags" >"$work/out"
	report 'T8 select 100k by range' '<= 0.15x (0.06x)' "$(cat "$work/out")"
	"$pairs" T8b "$rounds" '' \
		"sh:exec imagehook select --semver '>=1.0.0 <5.0.0' --pattern '^v-(?P<v>.*)\$' --extract '\$v' <$work/named" \
		"sh:exec $work/go-semver '>=1.0.0 <5.0.0' '^v-(?P<v>.*)\$' <$work/named" >"$work/out"
	report 'T8 select 100k, named group' '<= 0.15x (0.06x)' "$(cat "$work/out")"
fi

if wants t9; then
	note 'making 500 images of 50 tags'
	registry_stop "$work/registry"
	base=$work/registry/data/docker/registry/v2/repositories
	for i in $(seq 500); do
		cp -R "$base/bench/app" "$base/bench/app$i"
		link=$base/bench/app$i/_manifests/tags
		for t in $(seq 48); do cp -R "$link/1.5.1" "$link/1.0.$t"; done
	done
	registry_start "$work/registry"
	dir=$work/many.git
	git init -q --bare "$dir"
	git clone -q "$dir" "$work/many" 2>/dev/null
	(
		cd "$work/many"
		for i in $(seq 500); do
			printf -- '---\napiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageRepository\nmetadata: {name: app%d, namespace: flux-system}\nspec: {image: %s/bench/app%d, interval: 1h, insecure: true}\n' "$i" "$REGISTRY" "$i"
		done >images.yaml
		git add -A
		git commit -qm images
		git push -q origin HEAD:main
	) 2>/dev/null
	git --git-dir="$dir" config imagehook.state "$work/state-many"
	git --git-dir="$dir" config imagehook.allowHost "$REGISTRY"
	git --git-dir="$dir" config imagehook.insecureHost "$REGISTRY"
	imagehook install "$dir" --write none >/dev/null
	seq -f "$REGISTRY/bench/app%g" 500 >"$work/images"
	rate=$(wrk -t2 -c8 -d5 "http://$REGISTRY/v2/bench/app1/tags/list?n=1000" | awk '/Requests\/sec/ {print $2}')
	"$pairs" T9 3 '' "imagehook run --now --quiet --repo $dir" \
		"sh:xargs -P4 -n1 -I@ skopeo list-tags --tls-verify=false docker://@ <$work/images" >"$work/out"
	report 'T9 500 images, against skopeo -P4' '<= 0.1x (0.07x)' "$(cat "$work/out")"
	ours=$(cut -f3 "$work/out")
	awk -v ours="$ours" -v rate="$rate" 'BEGIN {
		printf "%-34s %7.2fx  %-20s %5.0f/s %7.0f/s\n", "T9 requests/s, against wrk", 500 / ours * 1000 / rate, ">= 0.9x (0.98x)", 500 / ours * 1000, rate }'
fi

wants t11 && memory 'T11 peak memory, cold, 10k' r10k 10000
wants t11 && memory 'T11 peak memory, cold, 100k' r100k 100000
exit 0
