#!/bin/sh
# SPDX-License-Identifier: MIT
# The work of T13: so many installed repositories with nothing due, whose home is the host's. To be called
# by `unshare -rm`, which hides what is mounted here.   fleet.sh DIR COUNT PAIRS ROUNDS
set -e
dir=$1 count=$2 pairs=$3 rounds=$4
mount -t tmpfs none /var/lib
mkdir /var/lib/imagehook "$dir"
git init -q --bare "$dir/1.git"
git --git-dir="$dir/1.git" fast-import --quiet <<END
commit refs/heads/main
committer bench <bench@example.org> 1700000000 +0000
data 5
files
M 100644 inline a.yaml
data 5
a: 1

END
for n in $(seq 2 "$count"); do cp -R "$dir/1.git" "$dir/$n.git"; done
for n in $(seq "$count"); do imagehook install "$dir/$n.git" >/dev/null 2>&1; done
imagehook run --all --now --quiet
exec "$pairs" tick "$rounds" '' "imagehook run --all" "git --git-dir=$dir/1.git rev-parse main"
