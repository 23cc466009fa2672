/* SPDX-License-Identifier: MIT */
/* The few lines that a pusher sees: whole pages, and their bounds for any content. */
#include "app/report.h"
#include "base/limits.h"
#include "tests/unit/unit.h"

static struct object_meta meta = {
	.kind_name = "ImagePolicy", .namespace = "ns", .name = "app", .cluster = ""
};

struct world {
	struct session session;
	struct run_report report;
};

static void init_world(struct world *world)
{
	memset(world, 0, sizeof(*world));
	world->session.findings =
	    (struct finding_list)FINDING_LIST_INIT(&world->session.arena);
}

static void release_world(struct world *world)
{
	arena_clear(&world->session.arena);
}

static struct automation_outcome *add_outcome(struct world *world, size_t images,
					      bool same_branch)
{
	struct arena *arena = &world->session.arena;
	struct automation_outcome *outcome = VEC_ADD(arena, &world->report.outcomes);
	outcome->branch = "main";
	outcome->same_branch = same_branch;
	memcpy(outcome->commit.hex, "0123456789abcdef", 17);
	for (size_t i = 0; i < images; i++) {
		struct updated_image *image = VEC_ADD(arena, &outcome->images);
		image->policy_namespace = "ns";
		image->policy_name = arena_printf(arena, "app-%zu", i);
		image->old_tag = "1.0.0";
		image->new_tag = "1.0.1";
		image->path = STR("a/b.yaml");
		image->line = (uint32_t)i + 1;
	}
	return outcome;
}

static void add_failure(struct world *world, const char *message)
{
	struct object_failure *failure =
	    VEC_ADD(&world->session.arena, &world->report.failures);
	failure->meta = &meta;
	failure->message = message;
}

static void add_finding(struct world *world, enum severity severity, const char *text)
{
	struct place place = { STR("x.yaml"), 3, 7 };
	(void)finding_add(&world->session.findings, severity, "id", place, "%s", text);
}

static void assert_page(struct world *world, const char *wanted)
{
	struct strings lines = { NULL, 0, 0 };
	struct buf out BUF_CLEANUP = BUF_INIT(65536);
	report_pusher(&world->session, &world->report, &lines);
	for (size_t i = 0; i < lines.len; i++)
		(void)buf_printf(&out, "%s\n", lines.items[i]);
	assert_string_equal(buf_cstr(&out), wanted);
}

static void test_nothing(void **state)
{
	(void)state;
	struct world world CLEANUP(release_world);
	init_world(&world);
	assert_page(&world, "");
	world.report.is_off = true;
	world.report.stopped = "imagehook.enabled is false";
	assert_page(&world, "imagehook: nothing is done here: imagehook.enabled is "
			    "false\n");
}

static void test_commit(void **state)
{
	(void)state;
	struct world world CLEANUP(release_world);
	init_world(&world);
	(void)add_outcome(&world, 1, true);
	assert_page(&world, "imagehook: main is now at 0123456 (1 image updated)\n"
			    "  ns/app-0  1.0.0 -> 1.0.1  a/b.yaml:1\n"
			    "imagehook: run 'git pull --rebase' before your next push\n");
	struct world other CLEANUP(release_world);
	init_world(&other);
	(void)add_outcome(&other, 2, false);
	assert_page(&other, "imagehook: branch main is ready at 0123456 (2 images "
			    "updated)\n"
			    "  open a merge request from main\n"
			    "  ns/app-0  1.0.0 -> 1.0.1  a/b.yaml:1\n"
			    "  ns/app-1  1.0.0 -> 1.0.1  a/b.yaml:2\n");
}

/* Results, errors, details, warnings: what comes later gives way. */
static void test_ranks(void **state)
{
	(void)state;
	struct world world CLEANUP(release_world);
	init_world(&world);
	(void)add_outcome(&world, 3, true);
	add_failure(&world, "no tag matches");
	add_failure(&world, "told below");
	add_finding(&world, SEVERITY_WARNING, "careful");
	add_finding(&world, SEVERITY_ERROR, "told below");
	add_finding(&world, SEVERITY_INFO, "never shown");
	/* ten lines just fit */
	assert_page(&world, "imagehook: main is now at 0123456 (3 images updated)\n"
			    "  ns/app-0  1.0.0 -> 1.0.1  a/b.yaml:1\n"
			    "  ns/app-1  1.0.0 -> 1.0.1  a/b.yaml:2\n"
			    "  ns/app-2  1.0.0 -> 1.0.1  a/b.yaml:3\n"
			    "imagehook: ImagePolicy ns/app: no tag matches\n"
			    "imagehook: error: told below\n"
			    "  x.yaml:3:7\n"
			    "imagehook: warning: careful\n"
			    "  x.yaml:3:7\n"
			    "imagehook: run 'git pull --rebase' before your next push\n");
	/* one more, and the warning gives way to the count */
	add_failure(&world, "no scan yet");
	assert_page(&world, "imagehook: main is now at 0123456 (3 images updated)\n"
			    "  ns/app-0  1.0.0 -> 1.0.1  a/b.yaml:1\n"
			    "  ns/app-1  1.0.0 -> 1.0.1  a/b.yaml:2\n"
			    "  ns/app-2  1.0.0 -> 1.0.1  a/b.yaml:3\n"
			    "imagehook: ImagePolicy ns/app: no tag matches\n"
			    "imagehook: ImagePolicy ns/app: no scan yet\n"
			    "imagehook: error: told below\n"
			    "  x.yaml:3:7\n"
			    "imagehook: and 1 more; see 'imagehook lint'\n"
			    "imagehook: run 'git pull --rebase' before your next push\n");
}

/* An image in several files names the first and counts the others. */
static void test_files(void **state)
{
	(void)state;
	struct world world CLEANUP(release_world);
	init_world(&world);
	struct updated_image_list *images = &add_outcome(&world, 3, true)->images;
	images->items[0].more_files = 1;
	images->items[1].more_files = 12;
	images->items[2].more_files = 3;
	images->items[2].path = STR("clusters/production/apps/frontend/values.yaml");
	assert_page(&world,
		    "imagehook: main is now at 0123456 (3 images updated)\n"
		    "  ns/app-0  1.0.0 -> 1.0.1  a/b.yaml:1 and 1 more file\n"
		    "  ns/app-1  1.0.0 -> 1.0.1  a/b.yaml:2 and 12 more files\n"
		    "  ns/app-2  1.0.0 -> 1.0.1\n"
		    "    clusters/production/apps/frontend/values.yaml:3 and 3 more "
		    "files\n"
		    "imagehook: run 'git pull --rebase' before your next push\n");
}

/* What failed, where its document is, and what shows more. */
static void test_failure(void **state)
{
	(void)state;
	struct world world CLEANUP(release_world);
	struct object_meta placed = meta;
	placed.place = (struct place){ STR("flux/app.yaml"), 11, 1 };
	init_world(&world);
	add_failure(&world, "unable to determine latest version from provided list");
	world.report.failures.items[0].meta = &placed;
	world.report.failures.items[0].reason = "Failure";
	assert_page(&world,
		    "imagehook: ImagePolicy ns/app: unable to determine latest "
		    "version from\n"
		    "  provided list\n"
		    "  flux/app.yaml:11:1\n"
		    "  fix: 'imagehook explain policy ns/app' tells of every tag why "
		    "it is\n"
		    "    not taken\n");
}

static void test_rest(void **state)
{
	(void)state;
	struct world world CLEANUP(release_world);
	init_world(&world);
	(void)add_outcome(&world, 20, true);
	add_failure(&world, "no tag matches");
	add_finding(&world, SEVERITY_WARNING, "careful");
	assert_page(&world, "imagehook: main is now at 0123456 (20 images updated)\n"
			    "  ns/app-0  1.0.0 -> 1.0.1  a/b.yaml:1\n"
			    "  ns/app-1  1.0.0 -> 1.0.1  a/b.yaml:2\n"
			    "  ns/app-2  1.0.0 -> 1.0.1  a/b.yaml:3\n"
			    "  ns/app-3  1.0.0 -> 1.0.1  a/b.yaml:4\n"
			    "  ns/app-4  1.0.0 -> 1.0.1  a/b.yaml:5\n"
			    "  ns/app-5  1.0.0 -> 1.0.1  a/b.yaml:6\n"
			    "imagehook: ImagePolicy ns/app: no tag matches\n"
			    "imagehook: and 15 more; see 'imagehook lint'\n"
			    "imagehook: run 'git pull --rebase' before your next push\n");
}

static void assert_bounds(const struct strings *lines)
{
	assert_true(lines->len > 0 && lines->len <= LIMIT_HOOK_LINES);
	for (size_t i = 0; i < lines->len; i++) {
		assert_true(strlen(lines->items[i]) <= 72);
		for (const char *at = lines->items[i]; *at; at++)
			assert_true(*at >= ' ' && *at < 0x7f);
	}
}

/* Whatever the texts are: ten lines, 72 columns, ASCII. */
static void test_bounds(void **state)
{
	(void)state;
	static const char *const units[] = {
		"x", "word ", "\xc3\xa9", "\x1b[1m\n", " ", "\xff", "a-very-long-name/"
	};
	for (size_t u = 0; u < ARRAY_LEN(units); u++) {
		for (size_t n = 0; n < 300; n += 7) {
			struct world world CLEANUP(release_world);
			struct strings lines = { NULL, 0, 0 };
			struct strings ended = { NULL, 0, 0 };
			struct buf text BUF_CLEANUP = BUF_INIT(65536);
			init_world(&world);
			for (size_t i = 0; i < n; i++)
				(void)buf_puts(&text, units[u]);
			(void)add_outcome(&world, n % 4, n % 2);
			add_failure(&world, buf_cstr(&text));
			add_finding(&world, SEVERITY_WARNING, buf_cstr(&text));
			world.session.findings.items[0].hint = buf_cstr(&text);
			world.session.findings.items[0].place.path = buf_str(&text);
			report_pusher(&world.session, &world.report, &lines);
			assert_bounds(&lines);
			report_pusher_error(buf_cstr(&text), &world.session.arena,
					    &ended);
			assert_bounds(&ended);
		}
	}
}

static void test_wrapping(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct strings lines = { NULL, 0, 0 };
	report_pusher_error("the registry at registry.example.com answered with \xe2\x80"
			    "\x9cteapot\xe2\x80\x9d and nothing else",
			    &arena, &lines);
	assert_int_equal(lines.len, 2);
	assert_string_equal(
	    lines.items[0],
	    "imagehook: the registry at registry.example.com answered with ?teapot?");
	assert_string_equal(lines.items[1], "  and nothing else");
}

static void test_count(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	assert_string_equal(report_count(&arena, 0, "image"), "0 images");
	assert_string_equal(report_count(&arena, 1, "image"), "1 image");
	assert_string_equal(report_count(&arena, 2, "image"), "2 images");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_commit),
		cmocka_unit_test(test_ranks),   cmocka_unit_test(test_rest),
		cmocka_unit_test(test_bounds),  cmocka_unit_test(test_wrapping),
		cmocka_unit_test(test_count),   cmocka_unit_test(test_files),
		cmocka_unit_test(test_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
