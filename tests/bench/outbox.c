/* SPDX-License-Identifier: MIT */
/*
 * What one durable row of the outbox costs in a process that keeps its store open, beside
 * an append and fdatasync of 512 bytes in the same folder.
 *
 *   outbox DIR ROUNDS    prints `RATIO OURS_MS YARDSTICK_MS`: the median of the ratios
 *                        pair by pair, and the medians of both
 */
#include "state/outbox.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/when.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	ROUNDS_MAX = 10000,
	WARM_UP = 20,
	YARDSTICK_BYTES = 512
};

static double now_ms(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *numbers, size_t n)
{
	qsort(numbers, n, sizeof(*numbers), compare);
	return numbers[n / 2];
}

static int add_row(struct store *store, unsigned number, struct err *err)
{
	char id[32];
	char payload[YARDSTICK_BYTES / 2];
	(void)snprintf(id, sizeof(id), "delivery-%u", number);
	(void)snprintf(payload, sizeof(payload), "{\"message\":\"%0200u\"}", number);
	int64_t now = when_now_ms();
	struct outbox_row row = { .id = id,
				  .repo_id = "0123456789abcdef0123456789abcdef",
				  .provider = "/flux-system/slack",
				  .alert = "/flux-system/on-call",
				  .payload = payload,
				  .created_ms = now,
				  .due_ms = now,
				  .expires_ms = now + 3600000 };
	return outbox_add(store, &row, err);
}

static int append(int fd)
{
	static const char block[YARDSTICK_BYTES];
	return write(fd, block, sizeof(block)) == (ssize_t)sizeof(block) &&
		       fdatasync(fd) == 0
		   ? 0
		   : -1;
}

static int run(const char *dir, size_t rounds, struct err *err)
{
	static double ours[ROUNDS_MAX];
	static double theirs[ROUNDS_MAX];
	static double ratios[ROUNDS_MAX];
	char path[4096];
	struct store *store STORE_CLEANUP = NULL;
	bool was_lost = false;
	(void)snprintf(path, sizeof(path), "%s/appended", dir);
	int fd FD_CLEANUP = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "cannot write '%s'", path);
	int code = store_open(dir, &store, &was_lost, err);
	for (size_t i = 0; i < rounds + WARM_UP && !code; i++) {
		size_t at = i < WARM_UP ? 0 : i - WARM_UP;
		double begin = now_ms();
		code = add_row(store, (unsigned)i, err);
		double between = now_ms();
		if (!code && append(fd))
			code = err_errno(err, "cannot append to '%s'", path);
		theirs[at] = now_ms() - between;
		ours[at] = between - begin;
		ratios[at] = ours[at] / theirs[at];
	}
	if (!code)
		printf("%.3f %.3f %.3f\n", median(ratios, rounds), median(ours, rounds),
		       median(theirs, rounds));
	return code;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct str text = argc == 3 ? str_of(argv[2]) : STR("");
	uint64_t rounds = 0;
	if (!cursor_number(&text, ROUNDS_MAX, &rounds) || rounds == 0)
		return 2;
	if (run(argv[1], rounds, &err) == 0)
		return 0;
	(void)fprintf(stderr, "outbox: %s\n", err.text);
	return 1;
}
