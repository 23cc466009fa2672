/* SPDX-License-Identifier: MIT */
/* Blocks of lines from a report, and how many of them a pusher gets to see. */
#include "app/report.h"
#include "app/finding_text.h"
#include "base/limits.h"
#include "base/text.h"
#include "stage/commit/commit.h"
#include "stage/document/document.h"

enum {
	COLUMNS = 72,
	CLEAN_BYTES = 4096
};

/* What gives way first when not all fits. */
enum rank {
	RANK_RESULT,
	RANK_ERROR,
	RANK_DETAIL,
	RANK_WARNING,
	RANKS
};

/* Lines that belong together: shown whole or counted. */
struct block {
	struct strings lines;
	enum rank rank;
	bool shown;
};

struct blocks {
	struct block *items;
	size_t len;
	size_t cap;
};

struct page {
	struct arena *arena;
	struct blocks blocks;
	size_t columns; /* 0: unlimited */
	const char *hint;
};

const char *report_count(struct arena *arena, size_t n, const char *noun)
{
	return arena_printf(arena, "%zu %s%s", n, noun, n == 1 ? "" : "s");
}

/* ASCII only: what is not becomes `?`, after escaping. */
static const char *ascii(struct arena *arena, const char *text)
{
	char *clean = arena_strdup(arena, text_clean(arena, str_of(text), CLEAN_BYTES));
	size_t to = 0;
	for (size_t i = 0; clean[i]; i++) {
		unsigned char c = (unsigned char)clean[i];
		if (c < 0x80)
			clean[to++] = (char)c;
		else if ((c & 0xc0) != 0x80)
			clean[to++] = '?';
	}
	clean[to] = '\0';
	return clean;
}

/* Adds a text, wrapped at blanks; continuation lines are indented. */
static void add_wrapped(struct page *page, struct block *block, const char *text,
			const char *indent)
{
	const char *clean = page->columns
				? ascii(page->arena, text)
				: text_clean(page->arena, str_of(text), CLEAN_BYTES);
	struct str rest = str_of(clean);
	bool first = true;
	while (rest.len) {
		size_t room = page->columns ? page->columns - (first ? 0 : strlen(indent))
					    : rest.len;
		size_t cut = rest.len < room ? rest.len : room;
		if (cut < rest.len) {
			size_t blank = str_rfind_char(str_slice(rest, 0, cut + 1), ' ');
			if (blank <= cut && blank > room / 3)
				cut = blank;
		}
		strings_add(page->arena, &block->lines,
			    arena_printf(page->arena, "%s%.*s", first ? "" : indent,
					 STR_ARG(str_slice(rest, 0, cut))));
		rest = str_from(rest, cut);
		while (rest.len && rest.ptr[0] == ' ')
			rest = str_from(rest, 1);
		first = false;
	}
}

static struct block *add_block(struct page *page, enum rank rank)
{
	struct block *block = VEC_ADD(page->arena, &page->blocks);
	block->rank = rank;
	return block;
}

static void add_image(struct page *page, const struct updated_image *image)
{
	struct block *block = add_block(page, RANK_DETAIL);
	const char *what =
	    arena_printf(page->arena, "  %s/%s  %s -> %s", image->policy_namespace,
			 image->policy_name, image->old_tag, image->new_tag);
	const char *where =
	    arena_printf(page->arena, "%.*s:%u", STR_ARG(image->path), image->line);
	if (image->more_files)
		where = arena_printf(
		    page->arena, "%s and %s", where,
		    report_count(page->arena, image->more_files, "more file"));
	if (page->columns && strlen(what) + strlen(where) + 2 <= page->columns) {
		add_wrapped(page, block, arena_printf(page->arena, "%s  %s", what, where),
			    "    ");
		return;
	}
	add_wrapped(page, block, what, "    ");
	add_wrapped(page, block, arena_printf(page->arena, "    %s", where), "    ");
}

static void add_commit(struct page *page, const struct automation_outcome *outcome)
{
	struct block *block = add_block(page, RANK_RESULT);
	const char *count = report_count(page->arena, outcome->images.len, "image");
	if (outcome->same_branch) {
		add_wrapped(page, block,
			    arena_printf(page->arena,
					 "imagehook: %s is now at %.7s (%s updated)",
					 outcome->branch, outcome->commit.hex, count),
			    "  ");
		page->hint = "imagehook: run 'git pull --rebase' before your next push";
		return;
	}
	add_wrapped(page, block,
		    arena_printf(page->arena,
				 "imagehook: branch %s is ready at %.7s (%s updated)",
				 outcome->branch, outcome->commit.hex, count),
		    "  ");
	add_wrapped(
	    page, block,
	    arena_printf(page->arena, "  open a merge request from %s", outcome->branch),
	    "  ");
}

static void add_outcome(struct page *page, const struct run_report *report,
			const struct automation_outcome *outcome)
{
	if (outcome->code)
		return; /* stands among the failures */
	if (outcome->commit.hex[0]) {
		add_commit(page, outcome);
	} else {
		struct block *block = add_block(page, RANK_RESULT);
		add_wrapped(
		    page, block,
		    arena_printf(page->arena, "imagehook: would update %s on %s%s%s%s",
				 report_count(page->arena, outcome->images.len, "image"),
				 outcome->branch, report->stopped ? " (" : "",
				 report->stopped ? report->stopped : "",
				 report->stopped ? ")" : ""),
		    "  ");
	}
	for (size_t i = 0; i < outcome->images.len; i++)
		add_image(page, &outcome->images.items[i]);
}

static const char *place_text(struct arena *arena, const struct place *place)
{
	if (place->path.len == 0)
		return "";
	if (place->line == 0)
		return arena_printf(arena, "%.*s", STR_ARG(place->path));
	if (place->col == 0)
		return arena_printf(arena, "%.*s:%u", STR_ARG(place->path), place->line);
	return arena_printf(arena, "%.*s:%u:%u", STR_ARG(place->path), place->line,
			    place->col);
}

static void add_where_and_how(struct page *page, struct block *block,
			      const struct place *place, const char *hint)
{
	const char *where = place_text(page->arena, place);
	if (*where)
		add_wrapped(page, block, arena_printf(page->arena, "  %s", where),
			    "    ");
	if (hint)
		add_wrapped(page, block, arena_printf(page->arena, "  fix: %s", hint),
			    "    ");
}

/* A policy that finds nothing in a good list can be asked why. */
static const char *failure_hint(struct arena *arena, const struct object_failure *failure)
{
	if (!failure->reason || strcmp(failure->reason, "Failure") != 0 ||
	    strcmp(failure->meta->kind_name, "ImagePolicy") != 0)
		return NULL;
	return arena_printf(arena,
			    "'imagehook explain policy %s/%s' tells of every tag why it "
			    "is not taken",
			    failure->meta->namespace, failure->meta->name);
}

static void add_failure(struct page *page, const struct object_failure *failure)
{
	struct block *block = add_block(page, RANK_ERROR);
	add_wrapped(page, block,
		    arena_printf(page->arena, "imagehook: %s %s/%s: %s",
				 failure->meta->kind_name, failure->meta->namespace,
				 failure->meta->name, failure->message),
		    "  ");
	add_where_and_how(page, block, &failure->meta->place,
			  failure_hint(page->arena, failure));
}

static void add_finding(struct page *page, const struct finding *finding)
{
	struct block *block = add_block(
	    page, finding->severity == SEVERITY_ERROR ? RANK_ERROR : RANK_WARNING);
	add_wrapped(page, block,
		    arena_printf(page->arena, "imagehook: %s: %s",
				 severity_name(finding->severity), finding->text),
		    "  ");
	add_where_and_how(page, block, &finding->place, finding->hint);
}

/* An object whose document is wrong was already told by its finding, to whose text a
 * failure only adds what was being done. */
static bool is_told(const struct finding_list *findings,
		    const struct object_failure *failure)
{
	for (size_t i = 0; i < findings->len; i++)
		if (findings->items[i].severity == SEVERITY_ERROR &&
		    str_ends(str_of(failure->message), str_of(findings->items[i].text)))
			return true;
	return false;
}

/* A policy that has no tags because its repository failed: the pusher's lines are for
 * causes. */
static bool is_consequence(const struct run_report *report,
			   const struct object_failure *failure)
{
	const struct document_set *set = &report->loaded.documents;
	for (size_t i = 0; i < set->policies.len; i++) {
		const struct image_policy *policy = &set->policies.items[i];
		if (&policy->meta != failure->meta ||
		    strcmp(failure->reason, "DependencyNotReady") != 0)
			continue;
		const struct image_repository *repository =
		    document_find_repository(set, policy);
		return repository && run_failure_of(report, &repository->meta);
	}
	return false;
}

/* Those in files that this push changed, or the others, which were told before. */
static void add_findings(struct page *page, const struct finding_list *findings,
			 int severity, const struct snapshot *snapshot, bool is_new)
{
	for (size_t i = 0; i < findings->len; i++) {
		const struct finding *finding = &findings->items[i];
		if ((int)finding->severity != severity)
			continue;
		const struct snapshot_file *file =
		    snapshot_find(snapshot, finding->place.path);
		if ((!file || file->is_new) == is_new)
			add_finding(page, finding);
	}
}

static void add_everything(struct page *page, struct session *session,
			   const struct run_report *report)
{
	const struct finding_list *findings = &session->findings;
	for (size_t i = 0; i < report->outcomes.len; i++)
		add_outcome(page, report, &report->outcomes.items[i]);
	for (size_t i = 0; i < report->failures.len; i++)
		if (!is_told(findings, &report->failures.items[i]) &&
		    !is_consequence(report, &report->failures.items[i]))
			add_failure(page, &report->failures.items[i]);
	const struct snapshot *snapshot = &report->loaded.snapshot;
	for (int severity = SEVERITY_ERROR; severity >= SEVERITY_WARNING; severity--) {
		add_findings(page, findings, severity, snapshot, true);
		add_findings(page, findings, severity, snapshot, false);
	}
	const struct document_set *set = &report->loaded.documents;
	if (page->blocks.len == 0 && set->policies.len &&
	    (snapshot->documents_changed || snapshot->markers_changed))
		add_wrapped(
		    page, add_block(page, RANK_RESULT),
		    arena_printf(
			page->arena,
			"imagehook: %zu of %zu image policies ready, nothing to update",
			report->policies_ready, set->policies.len),
		    "  ");
}

/* Marks what fits into `room` lines, by rank; within a rank nothing is skipped for a
 * smaller one behind it. Returns how many blocks are left out. */
static size_t choose_blocks(struct page *page, size_t room)
{
	size_t left = 0;
	for (int rank = 0; rank < RANKS; rank++) {
		bool full = false;
		for (size_t i = 0; i < page->blocks.len; i++) {
			struct block *block = &page->blocks.items[i];
			if ((int)block->rank != rank)
				continue;
			full = full || block->lines.len > room;
			block->shown = !full;
			if (full)
				left++;
			else
				room -= block->lines.len;
		}
	}
	return left;
}

void report_pusher(struct session *session, const struct run_report *report,
		   struct strings *lines)
{
	struct page page = { .arena = &session->arena, .columns = COLUMNS };
	if (report->is_off)
		add_wrapped(&page, add_block(&page, RANK_RESULT),
			    arena_printf(page.arena,
					 "imagehook: nothing is done here: %s",
					 report->stopped),
			    "  ");
	else
		add_everything(&page, session, report);
	size_t room = LIMIT_HOOK_LINES - (page.hint ? 1U : 0U);
	size_t total = 0;
	for (size_t i = 0; i < page.blocks.len; i++)
		total += page.blocks.items[i].lines.len;
	/* a line for the count, when not all fits */
	if (total > room)
		room--;
	size_t left = choose_blocks(&page, room);
	for (size_t i = 0; i < page.blocks.len; i++) {
		const struct block *block = &page.blocks.items[i];
		for (size_t j = 0; j < block->lines.len && block->shown; j++)
			strings_add(page.arena, lines, block->lines.items[j]);
	}
	if (left)
		strings_add(page.arena, lines,
			    arena_printf(page.arena,
					 "imagehook: and %zu more; see 'imagehook lint'",
					 left));
	if (page.hint)
		strings_add(page.arena, lines, page.hint);
}

void report_pusher_error(const char *text, struct arena *arena, struct strings *lines)
{
	struct page page = { .arena = arena, .columns = COLUMNS };
	struct block block = { .rank = RANK_ERROR };
	add_wrapped(&page, &block, arena_printf(arena, "imagehook: %s", text), "  ");
	for (size_t i = 0; i < block.lines.len && i < LIMIT_HOOK_LINES; i++)
		strings_add(arena, lines, block.lines.items[i]);
}

void report_terminal(struct session *session, const struct run_report *report,
		     struct buf *out)
{
	struct page page = { .arena = &session->arena };
	if (report->is_off)
		(void)buf_printf(out, "imagehook: nothing is done: %s\n",
				 report->stopped);
	for (size_t i = 0; i < report->outcomes.len; i++)
		add_outcome(&page, report, &report->outcomes.items[i]);
	for (size_t i = 0; i < report->failures.len; i++)
		if (!is_told(&session->findings, &report->failures.items[i]))
			add_failure(&page, &report->failures.items[i]);
	for (size_t i = 0; i < page.blocks.len; i++)
		for (size_t j = 0; j < page.blocks.items[i].lines.len; j++)
			(void)buf_printf(out, "%s\n",
					 page.blocks.items[i].lines.items[j]);
}

void report_plan(struct session *session, const struct run_report *report,
		 struct buf *out)
{
	for (size_t i = 0; i < report->outcomes.len; i++) {
		const struct automation_outcome *outcome = &report->outcomes.items[i];
		if (outcome->code)
			continue;
		(void)buf_printf(
		    out, "# %s/%s would commit to %s (%s updated)\n",
		    outcome->automation->meta.namespace, outcome->automation->meta.name,
		    outcome->branch,
		    report_count(&session->arena, outcome->images.len, "image"));
		commit_write_diff(out, &outcome->changes.files);
		(void)buf_puts(out, "# with the message\n");
		struct str rest = outcome->message;
		struct str line;
		while (str_line(&rest, &line))
			(void)buf_printf(out, "#%s%.*s\n", line.len ? "   " : "",
					 STR_ARG(line));
	}
}

void report_findings(const struct finding_list *findings, enum severity at_least,
		     struct buf *out)
{
	for (size_t i = 0; i < findings->len; i++)
		if (findings->items[i].severity >= at_least)
			finding_write(out, &findings->items[i]);
	if (findings->dropped)
		(void)buf_printf(out, "and %zu more (" LIMIT_FMT ")\n", findings->dropped,
				 LIMIT_ARG(LIMIT_FINDINGS));
}

bool report_is_failure(const struct session *session, const struct run_report *report)
{
	return report->failures.len > 0 ||
	       finding_count(&session->findings, SEVERITY_ERROR) > 0;
}
