#!/bin/sh
# SPDX-License-Identifier: MIT
# The yardstick of T1, T2 and T6: the best job that git and perl alone do. Finds every marked file of main,
# sets the tag before the marker, commits with fast-import.   git-only.sh GITDIR TAG [PATH]
set -e
dir=$1 tag=$2
tip=$(git --git-dir="$dir" rev-parse refs/heads/main)
list=$(mktemp)
trap 'rm -f "$list"' EXIT
if [ $# -gt 2 ]; then
	echo "$tip:$3" >"$list"
else
	git --git-dir="$dir" grep -l -F '"$imagepolicy"' "$tip" >"$list"
fi
git --git-dir="$dir" cat-file --batch <"$list" |
	TAG=$tag TIP=$tip LIST=$list perl -e '
		my ($tag, $tip) = @ENV{qw(TAG TIP)};
		open my $list, "<", $ENV{LIST} or die;
		my $message = "update images\n";
		print "commit refs/heads/main\ncommitter bot <bot\@example.org> ", time, " +0000\ndata ",
		  length($message), "\n${message}from $tip\n";
		while (my $name = <$list>) {
			chomp $name;
			my $head = <STDIN>;
			my ($size) = $head =~ /blob (\d+)$/ or die "no blob: $head";
			read STDIN, my $text, $size;
			read STDIN, my $newline, 1;
			$name =~ s/^[0-9a-f]+://;
			next unless $text =~ s/(image: \S+:)[^\s:]+( # \{"\$imagepolicy")/$1$tag$2/g;
			print "M 100644 inline $name\ndata ", length($text), "\n$text\n";
		}
	' | git --git-dir="$dir" fast-import --quiet --force
