/* SPDX-License-Identifier: MIT */
/* What a message template sees: Flux's types filled from a run. */
#ifndef STAGE_MESSAGE_DATA_H
#define STAGE_MESSAGE_DATA_H

#include "lang/template/gval.h"
#include "model/change.h"

/* The template's dot: .AutomationObject, .Changed, .Values and, in no printed form,
 * .Updated. Texts are borrowed from `run`. */
struct gval message_data(struct gctx *ctx, const struct run_changes *run);

/* The compatibility view: .Files, .Objects and .Images. */
struct gval message_updated_view(struct gctx *ctx, const struct run_changes *run);

extern const struct gtype message_name_type;    /* types.NamespacedName */
extern const struct gtype message_object_type;  /* update.ObjectIdentifier */
extern const struct gtype message_updated_type; /* the view's */
/* Values of these types; message_name_value() borrows its texts. */
struct gval message_name_value(struct gctx *ctx, const char *namespace, const char *name);
struct gval message_object_value(struct gctx *ctx, const struct object_id *object);

#endif
