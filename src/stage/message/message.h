/* SPDX-License-Identifier: MIT */
/* The commit message: the automation's Go template over the run's changes, or the default
 * text. */
#ifndef STAGE_MESSAGE_MESSAGE_H
#define STAGE_MESSAGE_MESSAGE_H

#include "base/err.h"
#include "base/finding.h"
#include "model/change.h"

/* What an automation's template is called in errors. */
#define MESSAGE_TEMPLATE_NAME "commit message"

struct message_template {
	const char *text; /* NULL or "": the default (one image or n, then a list) */
	const char *name; /* stands in errors */
	struct place place;
};

/*
 * Renders the message of one commit.
 *
 * out  in the arena: UTF-8 without NUL or control characters but LF and tab
 *
 * Returns 0; ERR_INVALID with `NAME:LINE[:COL]: parse|exec: TEXT` as text; ERR_LIMIT.
 * Pure.
 */
int message_render(const struct run_changes *run, const struct message_template *tmpl,
		   struct arena *arena, struct str *out, struct err *err) MUST_CHECK;

/* Parses only: what lint and the document check do before there is anything to commit.
 * Finds the deprecation of `.Updated`, at the template's place. ERR_INVALID as
 * message_render(); ERR_LIMIT. */
int message_check(const struct message_template *tmpl, struct finding_list *findings,
		  struct err *err) MUST_CHECK;

/*
 * Renders for a made-up change of one image, so that what fails only once there is
 * something to commit is met before, as a warning. Of `run` names and values are taken.
 */
void message_try(const struct run_changes *run, const struct message_template *tmpl,
		 struct finding_list *findings);

/* The distinct images of a run (DESIGN 5, `.Updated`), for messages, hook output and
 * events. */
void message_updated_images(const struct run_changes *run, struct arena *arena,
			    struct updated_image_list *out);

/* The parts of an image reference text: name without tag and digest, tag, digest ("" if
 * absent). */
void message_split_ref(struct str ref, struct str *name, struct str *tag,
		       struct str *digest);

#endif
