#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How fast, as ratios against yardsticks in the same run; medians of pairs. Prints a table, fails on nothing
# but a broken run.   bench.sh [ROW...]   (rows: t1 to t13; default: all)
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/tests/bench
export PATH=$top/build:$PATH
# shellcheck source=tests/e2e/lib/registry.bash
. "$top/tests/e2e/lib/registry.bash"
work=$(mktemp -d "${TMPDIR:-/tmp}/imagehook-bench.XXXXXX")
receivers=()
trap '[ ${#receivers[@]} = 0 ] || kill "${receivers[@]}"; registry_stop "$work/registry" || true; rm -rf "$work"' EXIT
export HOME=$work/home GIT_CONFIG_NOSYSTEM=1 WORK=$work
mkdir -p "$HOME"
git config --global init.defaultBranch main
git config --global user.name bench
git config --global user.email bench@example.org
git config --global gc.auto 0
rounds=${ROUNDS:-11}
wanted=" ${*:-t1 t2 t3 t4 t5 t6 t7 t8 t9 t10 t11 t12 t13} "
pairs=$work/pairs
${CC:-gcc} -O2 -o "$pairs" "$here/pairs.c"

wants() {
	[[ $wanted == *" $1 "* ]]
}
note() {
	printf '%s\n' "$*" >&2
}
# report ROW RATIO FIRST GOAL OURS YARDSTICK: one line of the table; a limit is `<=N` or `>=N`.
report() {
	awk -v row="$1" -v ratio="$2" -v first="$3" -v goal="$4" -v ours="$5" -v theirs="$6" '
		function holds(limit) {
			return limit ~ /^</ ? ratio <= substr(limit, 3) + 0 : ratio >= substr(limit, 3) + 0
		}
		BEGIN {
			printf "%-36s %7.3fx %8s %8s %10s %10s  %s\n", row, ratio, first, goal, ours, theirs,
				holds(goal) ? "goal" : holds(first) ? "first" : "no"
		}'
}
# measure ROW FIRST GOAL ROUNDS SETUP A B: a row of wall times, as pairs gives them.
measure() {
	local ratio ours theirs
	"$pairs" "$1" "$4" "$5" "$6" "$7" >"$work/out"
	IFS=$'\t' read -r _ ratio ours theirs _ <"$work/out"
	report "$1" "$ratio" "$2" "$3" "${ours}ms" "${theirs}ms"
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
	imagehook install "$dir" --write none >/dev/null 2>&1
	imagehook run --now --quiet --repo "$dir" 2>/dev/null
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

# A commit on REF's tip that puts `sed SCRIPT` of every FILE in place; prints its id and leaves REF alone.
commit_edit() { # DIR REF SCRIPT FILE...
	local dir=$1 ref=$2 script=$3 file
	shift 3
	{
		printf 'commit refs/bench/edit\ncommitter bench <bench@example.org> 1700100000 +0000\ndata 5\nedit\n'
		printf 'from %s\n' "$(git --git-dir="$dir" rev-parse "$ref")"
		for file; do
			git --git-dir="$dir" cat-file blob "$ref:$file" | sed "$script" >"$work/text"
			printf 'M 100644 inline %s\ndata %d\n' "$file" "$(wc -c <"$work/text")"
			cat "$work/text"
			printf '\n'
		done
	} | git --git-dir="$dir" fast-import --quiet --force
	git --git-dir="$dir" rev-parse refs/bench/edit
	git --git-dir="$dir" update-ref -d refs/bench/edit
}

cold_job() { # ROW FIRST GOAL ROUNDS NAME FILES
	make_repo "$5" "$6"
	measure "$1" "$2" "$3" "$4" "sh $work/reset-$5; rm -rf $work/state-$5/*/index" \
		"imagehook run --now update --quiet --repo $work/$5.git" "$here/git-only.sh $work/$5.git 1.5.3"
}

memory() { # ROW FIRST GOAL NAME FILES
	local ours theirs
	make_repo "$4" "$5"
	"$pairs" "$1" 3 "sh $work/reset-$4; rm -rf $work/state-$4/*/index" \
		"imagehook run --now update --quiet --repo $work/$4.git" \
		"git --git-dir=$work/$4.git grep -l -F \"\$imagepolicy\" main" >"$work/out"
	IFS=$'\t' read -r _ _ _ _ ours theirs <"$work/out"
	report "$1" "$(awk "BEGIN {print $ours / $theirs}")" "$2" "$3" "${ours}MB" "${theirs}MB"
}

printf '%-36s %8s %8s %8s %10s %10s  %s\n' row ratio first goal ours yardstick reached

if [[ $wanted =~ \ t([1-9]|11)\  ]]; then
	note 'starting a registry'
	registry_start "$work/registry"
	registry_tag bench/app 1.5.1 1.5.3
fi


wants t1 && cold_job 'T1 cold run, 10k files' '<=1.5' '<=0.4' "$rounds" r10k 10000
wants t2 && cold_job 'T2 cold run, 100k files' '<=0.5' '<=0.08' 3 r100k 100000

if wants t3; then
	make_repo r100k 100000
	dir=$work/r100k.git
	sh "$work/reset-r100k"
	# every marker is current; then five files change, to and fro
	imagehook run --now --quiet --repo "$dir"
	mapfile -t files < <(git --git-dir="$dir" diff-tree -r --no-commit-id --name-only "$(cat "$work/tip-r100k")")
	tip=$(git --git-dir="$dir" rev-parse main)
	other=$(commit_edit "$dir" main 's/cpu: 100m/cpu: 200m/' "${files[@]}")
	printf '%s\n' "$tip" >"$work/one"
	printf '%s\n' "$other" >"$work/two"
	imagehook hook worker --repo "$dir" >/dev/null
	measure 'T3 warm run, 5 of 100k changed' '<=8' '<=1.5' $((rounds * 3)) \
		"[ \$SIDE = B ] || { cmp -s $work/one $dir/refs/heads/main && cp $work/two $dir/refs/heads/main || cp $work/one $dir/refs/heads/main; }" \
		"imagehook hook worker --repo $dir" "git --git-dir=$dir diff-tree -r $tip $other"
fi

if wants t4; then
	make_repo r10k 10000
	sh "$work/reset-r10k"
	imagehook run --now --quiet --repo "$work/r10k.git"
	printf '%040d %s refs/heads/nobody\n' 0 "$(cat "$work/tip-r10k")" >"$work/line"
	(
		cd "$work/r10k.git"
		export GIT_DIR=.
		measure 'T4 hook, unwatched ref' '<=1.0' '<=0.6' $((rounds * 20)) '' \
			"<$work/line hooks/post-receive" "<$work/line git rev-parse refs/heads/main"
	)
fi

push_row() { # ROW FIRST GOAL REFSPEC
	[ -d "$work/work-with" ] || git clone -q --depth 1 "file://$work/r10k.git" "$work/work-with"
	[ -d "$work/work-without" ] || git clone -q --depth 1 "file://$work/plain.git" "$work/work-without"
	measure "$1" "$2" "$3" "$rounds" \
		"cd $work/work-\$([ \$SIDE = A ] && echo with || echo without) && git fetch -q origin main && git reset -q --soft FETCH_HEAD && date +%N >notes.txt && git add notes.txt && git commit -qm note" \
		"git -C $work/work-with push -q origin $4" "git -C $work/work-without push -q origin $4"
}
if wants t5; then
	make_repo r10k 10000
	sh "$work/reset-r10k"
	imagehook run --now --quiet --repo "$work/r10k.git"
	git clone -q --bare "$work/r10k.git" "$work/plain.git"
	push_row 'T5 push, unwatched ref' '<=1.15' '<=1.08' +HEAD:refs/heads/nobody
	push_row 'T5 push, watched, nothing to do' '<=2' '<=1.3' HEAD:refs/heads/main
fi

if wants t6; then
	make_repo r100k 100000
	dir=$work/r100k.git
	sh "$work/reset-r100k"
	imagehook run --now --quiet --repo "$dir"
	file=$(git --git-dir="$dir" grep -l -F '"$imagepolicy"' main | sed -n '500s/^main://p')
	commit_edit "$dir" main 's|:1\.5\.3 #|:1.5.1 #|' "$file" >"$work/stale"
	imagehook hook worker --repo "$dir" >/dev/null
	cp -R "$work/state-r100k" "$work/warm-state"
	measure 'T6 one stale marker, 100k, warm' '<=2.5' '<=0.35' "$rounds" \
		"cp $work/stale $dir/refs/heads/main; rm -rf $work/state-r100k; cp -R $work/warm-state $work/state-r100k; sync -f $dir" \
		"imagehook hook worker --repo $dir" "$here/git-only.sh $dir 1.5.3 $file"
fi

# Debian's own Go where it is installed: the packages are of its age.
go_build() {
	local go
	go=$(find /usr/lib/go-*/bin -name go 2>/dev/null | tail -1) || :
	GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS='' GOCACHE=$work/gocache "${go:-go}" build \
		-o "$work/$1" "$here/$1/main.go"
}

if wants t7; then
	make_repo r10k 10000
	note 'building the yardstick of T7'
	go_build go-rewrite
	git clone -q "$work/r10k.git" "$work/tree"
	git -C "$work/tree" reset -q --hard "$(cat "$work/tip-r10k")"
	measure 'T7 rewrite 1,000 of 10k files' '<=0.6' '<=0.4' "$rounds" \
		"git -C $work/tree checkout -qf . && git -C $work/tree status >/dev/null; sync -f $work/tree" \
		"imagehook rewrite -i --set flux-system:app=$REGISTRY/bench/app:1.5.3 $work/tree/clusters" \
		"$work/go-rewrite $work/tree/clusters $REGISTRY/bench/app:1.5.3"
fi

if wants t8; then
	note 'building the yardstick of T8'
	go_build go-semver
	perl -e 'for my $i (0 .. 99999) { my $t = ($i * 7919) % 100000; print $i % 10 ? sprintf("%d.%d.%d\n", $t % 8, $t / 8 % 120, $i) : "main-$t\n" }' >"$work/tags"
	sed 's/^/v-/' "$work/tags" >"$work/named"
	measure 'T8 select 100k by range' '<=0.15' '<=0.06' "$rounds" '' \
		"<$work/tags imagehook select --semver >=1.0.0,<5.0.0" "<$work/tags $work/go-semver >=1.0.0,<5.0.0"
	measure 'T8 select 100k, named group' '<=0.15' '<=0.06' "$rounds" '' \
		"<$work/named imagehook select --semver >=1.0.0,<5.0.0 --pattern ^v-(?P<v>.*)\$ --extract \$v" \
		"<$work/named $work/go-semver >=1.0.0,<5.0.0 ^v-(?P<v>.*)\$"
fi

if wants t9; then
	note 'making 500 images of 50 tags'
	registry_stop "$work/registry"
	base=$work/registry/data/docker/registry/v2/repositories
	link=$base/bench/app/_manifests/tags
	cp -R "$base/bench/app" "$base/bench/many"
	for t in $(seq 48); do cp -R "$link/1.5.1" "$base/bench/many/_manifests/tags/1.0.$t"; done
	for i in $(seq 500); do cp -R "$base/bench/many" "$base/bench/app$i"; done
	registry_start "$work/registry"
	dir=$work/many.git
	git init -q --bare "$dir"
	for i in $(seq 500); do
		printf -- '---\napiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageRepository\nmetadata: {name: app%d, namespace: flux-system}\nspec: {image: %s/bench/app%d, interval: 1h, insecure: true}\n' "$i" "$REGISTRY" "$i"
	done >"$work/images.yaml"
	{
		printf 'commit refs/heads/main\ncommitter bench <bench@example.org> 1700000000 +0000\ndata 7\nimages\n\n'
		printf 'M 100644 inline images.yaml\ndata %d\n' "$(wc -c <"$work/images.yaml")"
		cat "$work/images.yaml"
	} | git --git-dir="$dir" fast-import --quiet
	git --git-dir="$dir" config imagehook.state "$work/state-many"
	git --git-dir="$dir" config imagehook.allowHost "$REGISTRY"
	git --git-dir="$dir" config imagehook.insecureHost "$REGISTRY"
	imagehook install "$dir" --write none >/dev/null 2>&1
	seq -f "$REGISTRY/bench/app%g" 500 >"$work/images"
	printf 'local i = 0\nfunction request()\n\ti = i %% 500 + 1\n\treturn wrk.format("GET", "/v2/bench/app" .. i .. "/tags/list?n=1000")\nend\n' >"$work/urls.lua"
	rate=$(wrk -t1 -c16 -d4 -s "$work/urls.lua" "http://$REGISTRY" | awk '/Requests\/sec/ {print $2}')
	measure 'T9 500 images, against skopeo -P4' '<=0.1' '<=0.07' 3 '' "imagehook run --now --quiet --repo $dir" \
		"<$work/images xargs -P4 -I@ skopeo list-tags --tls-verify=false docker://@"
	ours=$(cut -f3 "$work/out")
	report 'T9 requests/s, against wrk' "$(awk "BEGIN {print 500000 / $ours / $rate}")" '>=0.9' '>=0.98' \
		"$(awk "BEGIN {printf \"%.0f/s\", 500000 / $ours}")" "$(awk "BEGIN {printf \"%.0f/s\", $rate}")"
fi

if wants t10; then
	mkdir -m 700 "$work/outbox"
	read -r ratio ours theirs < <("$top/build/tests/bench/outbox" "$work/outbox" $((rounds * 20)))
	report 'T10 one durable outbox row' "$ratio" '<=3' '<=2' "${ours}ms" "${theirs}ms"
fi

# A repository with an alert for each of these receivers.
make_alerts() { # DIR URL...
	local dir=$1 url name n=0
	shift
	git init -q --bare "$dir"
	git --git-dir="$dir" config imagehook.state "$dir.state"
	for url; do
		name=r$((n += 1))
		git --git-dir="$dir" config --add imagehook.allowHost "$(cut -d/ -f3 <<<"$url")"
		git --git-dir="$dir" config --add imagehook.insecureHost "$(cut -d/ -f3 <<<"$url")"
		printf -- '---\napiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Provider\nmetadata: {name: %s, namespace: flux-system}\nspec: {type: generic, address: "%s"}\n' "$name" "$url"
		printf -- '---\napiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Alert\nmetadata: {name: %s, namespace: flux-system}\nspec: {providerRef: {name: %s}, eventSources: [{kind: HelmRelease, name: "*"}]}\n' "$name" "$name"
	done >"$work/alerts.yaml"
	{
		printf 'commit refs/heads/main\ncommitter bench <bench@example.org> 1700000000 +0000\ndata 6\nalerts\n'
		printf 'M 100644 inline alerts.yaml\ndata %d\n' "$(wc -c <"$work/alerts.yaml")"
		cat "$work/alerts.yaml"
	} | git --git-dir="$dir" fast-import --quiet
	imagehook install "$dir" >/dev/null 2>&1
	imagehook run --now --quiet --repo "$dir"
}
# last_fast DIR MESSAGE: milliseconds from the event until the last fast receiver has its message.
last_fast() {
	local begin
	begin=$(date +%s%N)
	imagehook event --repo "$1" --kind HelmRelease --name app --severity error --message "$2" >/dev/null
	last_ms=$(awk -v begin="$begin" -v slow="$slow" '$1 > begin && $2 >= slow {last = $1}
		END {printf "%.1f", (last - begin) / 1000000}' "$work/received")
}
if wants t12; then
	# every receiver is a host of its own; the slow ones come first
	slow=20 fast=5 urls=()
	${CC:-gcc} -O2 -D_GNU_SOURCE -o "$work/receivers" "$here/receivers.c"
	"$work/receivers" $slow $fast 2000 >"$work/received" &
	receivers+=($!)
	until grep -q . "$work/received"; do sleep 0.01; done
	for port in $(head -n 1 "$work/received"); do urls+=("http://127.0.0.1:$port/hook"); done
	make_alerts "$work/alone.git" "${urls[slow]}"
	make_alerts "$work/among.git" "${urls[@]}"
	for message in 'cannot pull' 'no such chart' 'out of memory' 'bad values' 'no disk' 'late' 'gone'; do
		last_fast "$work/among.git" "$message"
		ours=$last_ms
		last_fast "$work/alone.git" "$message"
		awk "BEGIN {print $ours / $last_ms, $ours, $last_ms}"
	done >"$work/times"
	read -r ratio ours theirs < <(sort -n "$work/times" | sed -n 4p)
	report 'T12 5 fast among 20 slow receivers' "$ratio" '<=1.5' '<=1.1' "${ours}ms" "${theirs}ms"
fi

wants t11 && memory 'T11 peak memory, cold, 10k' '<=1.4' '<=0.5' r10k 10000
wants t11 && memory 'T11 peak memory, cold, 100k' '<=1.4' '<=0.5' r100k 100000

# The host-wide home of recorded repositories, in a name space of its own.
if wants t13; then
	note 'installing 400 repositories'
	unshare -rm "$here/fleet.sh" "$work/fleet" 400 "$pairs" $((rounds * 5)) >"$work/out"
	IFS=$'\t' read -r _ ratio ours theirs _ <"$work/out"
	report 'T13 a tick over 400 repositories' "$ratio" '<=8' '<=3' "${ours}ms" "${theirs}ms"
fi
exit 0
