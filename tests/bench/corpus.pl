#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Writes a fast-import stream: N realistic manifests, one in ten marked (1,000 at most), then commits of
# five files each.   corpus.pl FILES COMMITS IMAGE
use strict;
use warnings;

my ($files, $commits, $image) = @ARGV;
my $marked = $files / 10 > 1000 ? 1000 : int($files / 10);
my $every  = $marked ? int($files / $marked) : 0;
my @words  = qw(api web worker cache proxy queue billing search mail auth);
my $clock  = 1_700_000_000;

sub path {
	my ($i) = @_;
	return sprintf "clusters/c%02d/apps/team-%02d/%s-%d/deployment.yaml",
	  $i % 20, ($i / 20) % 50, $words[ $i % @words ], $i;
}

sub manifest {
	my ($i, $replicas) = @_;
	my $name = "$words[ $i % @words ]-$i";
	my $mark = $every && $i % $every == 0 && $i / $every < $marked
	  ? ' # {"$imagepolicy": "flux-system:app"}' : '';
	my $env = join '', map {
		"            - name: SETTING_$_\n              value: \"value-$_-of-$name-" . ($i * 7919 % 99991) . "\"\n"
	} 1 .. 12;
	return <<"YAML";
apiVersion: apps/v1
kind: Deployment
metadata:
  name: $name
  namespace: team
  labels:
    app.kubernetes.io/name: $name
    app.kubernetes.io/part-of: platform
spec:
  replicas: $replicas
  selector:
    matchLabels:
      app.kubernetes.io/name: $name
  template:
    metadata:
      labels:
        app.kubernetes.io/name: $name
    spec:
      serviceAccountName: $name
      containers:
        - name: app
          image: $image:1.5.1$mark
          ports:
            - name: http
              containerPort: 8080
          # settings of $name
          env:
${env}          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 256Mi
          livenessProbe:
            httpGet:
              path: /healthz
              port: http
YAML
}

sub commit {
	my ($message) = @_;
	$clock += 60;
	print "commit refs/heads/main\ncommitter Bench <bench\@example.org> $clock +0000\ndata ",
	  length($message), "\n$message\n";
}

sub file {
	my ($path, $text) = @_;
	print "M 100644 inline $path\ndata ", length($text), "\n$text\n";
}

commit("everything");
file("flux/image.yaml", <<"YAML");
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata:
  name: app
  namespace: flux-system
spec:
  image: $image
  interval: 24h
  insecure: true
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: app
  namespace: flux-system
spec:
  imageRepositoryRef:
    name: app
  policy:
    semver:
      range: ">=1.0.0"
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata:
  name: app
  namespace: flux-system
spec:
  interval: 1m
  sourceRef:
    kind: GitRepository
    name: bench
  git:
    commit:
      author:
        email: bot\@example.org
        name: bot
  update:
    path: ./
YAML
file(path($_), manifest($_, 2)) for 0 .. $files - 1;
for my $c (1 .. $commits) {
	commit("change $c");
	file(path($_), manifest($_, 2 + $c)) for map { ($c * 5 + $_) * 97 % $files } 0 .. 4;
}
