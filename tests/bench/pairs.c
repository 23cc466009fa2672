/* SPDX-License-Identifier: MIT */
/*
 * Runs two commands in turn (A B A B ...) and prints the median of the ratios A/B pair by
 * pair, with the median wall times and the largest resident size of each side: what a
 * noisy machine allows.
 *
 *   pairs NAME ROUNDS SETUP A B
 *
 * SETUP is a shell text that runs untimed before each command ("" for none; $SIDE is A or
 * B). A and B are split at blanks and started directly; a first word `<FILE` is standard
 * input, and one that begins with `sh:` is a shell text. The last two numbers are the
 * largest resident sizes; of a process and the children that it waited for.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum {
	MAX_WORDS = 64,
	MAX_ROUNDS = 1000
};

static double now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* What is started, and what it reads. */
struct command {
	char *argv[MAX_WORDS];
	const char *input;
};

struct sample {
	double ms;
	double rss_kb;
	int status;
};

/* Splits at blanks in place; `sh:` becomes a shell call. */
static void split(char *text, struct command *command)
{
	char **argv = command->argv;
	static char sh[] = "sh";
	static char dash_c[] = "-c";
	size_t n = 0;
	if (strncmp(text, "sh:", 3) == 0) {
		argv[0] = sh;
		argv[1] = dash_c;
		argv[2] = text + 3;
		argv[3] = NULL;
		return;
	}
	for (char *at = text; *at && n < MAX_WORDS - 1;) {
		while (*at == ' ')
			at++;
		if (!*at)
			break;
		argv[n++] = at;
		at += strcspn(at, " ");
		if (*at)
			*at++ = '\0';
		if (argv[0][0] == '<' && n == 1)
			command->input = argv[--n] + 1;
	}
	argv[n] = NULL;
}

static struct sample run(const struct command *command)
{
	struct sample sample = { 0 };
	struct rusage usage = { 0 };
	int status = 0;
	pid_t pid = 0;
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(
	    &actions, 0, command->input ? command->input : "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	double began = now_ms();
	if (posix_spawnp(&pid, command->argv[0], &actions, NULL, command->argv,
			 environ) != 0) {
		perror(command->argv[0]);
		exit(2);
	}
	if (wait4(pid, &status, 0, &usage) < 0)
		exit(2);
	sample.ms = now_ms() - began;
	sample.rss_kb = (double)usage.ru_maxrss;
	sample.status = status;
	posix_spawn_file_actions_destroy(&actions);
	return sample;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static void set_up(char *setup, const char *side)
{
	char sh[] = "sh";
	char dash_c[] = "-c";
	struct command command = { .argv = { sh, dash_c, setup, NULL } };
	if (!*setup)
		return;
	setenv("SIDE", side, 1);
	if (run(&command).status != 0) {
		fprintf(stderr, "pairs: set-up failed: %s\n", setup);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static double a_ms[MAX_ROUNDS], b_ms[MAX_ROUNDS], ratios[MAX_ROUNDS];
	static double a_rss[MAX_ROUNDS], b_rss[MAX_ROUNDS];
	static struct command a, b;
	if (argc != 6)
		return 2;
	size_t rounds = strtoul(argv[2], NULL, 10);
	if (rounds == 0 || rounds > MAX_ROUNDS)
		return 2;
	split(argv[4], &a);
	split(argv[5], &b);
	set_up(argv[3], "A");
	(void)run(&a);
	set_up(argv[3], "B");
	(void)run(&b);
	for (size_t i = 0; i < rounds; i++) {
		set_up(argv[3], "A");
		struct sample sa = run(&a);
		set_up(argv[3], "B");
		struct sample sb = run(&b);
		if (sa.status || sb.status) {
			fprintf(stderr, "pairs: %s: a side failed (%d, %d)\n", argv[1],
				sa.status, sb.status);
			return 1;
		}
		a_ms[i] = sa.ms;
		b_ms[i] = sb.ms;
		ratios[i] = sa.ms / sb.ms;
		a_rss[i] = sa.rss_kb;
		b_rss[i] = sb.rss_kb;
	}
	printf("%s\t%.3f\t%.2f\t%.2f\t%.0f\t%.0f\n", argv[1], median(ratios, rounds),
	       median(a_ms, rounds), median(b_ms, rounds), median(a_rss, rounds) / 1024,
	       median(b_rss, rounds) / 1024);
	return 0;
}
