/* SPDX-License-Identifier: MIT */
/*
 * Go values as text/template sees them by reflection: enough of Go's type system (kinds,
 * named types, struct fields, value methods, the empty interface) that printing,
 * comparing and error texts come out as Go's.
 */
#ifndef LANG_TEMPLATE_GVAL_H
#define LANG_TEMPLATE_GVAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/value.h"

/*
 * What one evaluation may use and how it failed. The first failure sticks: whoever may
 * fail returns any value and the caller looks at `failed`.
 */
struct gctx {
	struct arena *arena; /* every value's memory */
	int64_t steps_left;
	size_t bytes_left;
	unsigned depth; /* of the visitor that walks a value */
	bool failed;
	int code;
	const char *text; /* in the arena */
};

enum {
	GCTX_DEPTH = 200 /* nesting of one value that is printed, compared or copied */
};

/* Nothing spent yet; what is made lives in `arena`. */
void gctx_init(struct gctx *ctx, struct arena *arena);
/* Records a failure unless there is one; returns false. */
bool gctx_fail(struct gctx *ctx, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Spends steps; false, and failed, when they are used up. */
bool gctx_step(struct gctx *ctx, size_t n);
/* Enters one more level of a value; false, and failed, when that is too deep. Every true
 * answer is followed by gctx_leave(). */
bool gctx_enter(struct gctx *ctx);
/* Leaves the level that gctx_enter() entered. */
void gctx_leave(struct gctx *ctx);
/* n zeroed items; NULL, and failed, when the budget of bytes is used up. */
void *gctx_alloc(struct gctx *ctx, size_t n, size_t size);
/* A copy; "", and failed, when the budget of bytes is used up. */
struct str gctx_str(struct gctx *ctx, struct str s);
/* The contents of a buffer as a string; fails when something did not fit. */
struct str gctx_buf_str(struct gctx *ctx, const struct buf *buf);

enum gkind {
	GKIND_INVALID,
	GKIND_BOOL,
	GKIND_INT,
	GKIND_INT64,
	GKIND_UINT8,
	GKIND_UINT64,
	GKIND_FLOAT64,
	GKIND_COMPLEX128,
	GKIND_STRING,
	GKIND_SLICE,
	GKIND_MAP,
	GKIND_STRUCT,
	GKIND_PTR,
	GKIND_INTERFACE
};

struct gtype;
struct gfunc;

struct gfield {
	const char *name;
	const struct gtype *type;
	bool embedded;
	bool hidden;      /* reachable by name, but in no printed form */
	const char *json; /* NULL: the name */
	bool omit_empty;
};

struct gtype {
	enum gkind kind;
	const char *name; /* as %T prints it */
	const struct gtype *key, *elem;
	const struct gfield *fields;
	size_t n_fields;
	const struct gfunc *methods; /* with value receivers */
	size_t n_methods;
};

struct gval;

struct glist {
	struct gval *items; /* NULL: the nil slice */
	size_t len, cap;
};

/* A value; type NULL is reflect's invalid value, GKIND_INTERFACE the nil interface. */
struct gval {
	const struct gtype *type;
	bool boxed; /* its static type is interface{} */

	union {
		bool boolean;
		int64_t integer;
		uint64_t natural;
		double real;

		struct {
			double re, im;
		} complex;

		struct str string;
		struct glist list;
		struct gmap *map;          /* NULL: the nil map */
		const struct gval *fields; /* GKIND_STRUCT */
		const void *ptr;           /* GKIND_PTR; NULL: nil */
	};
};

struct gmap_entry {
	struct gval key, value;
};

/* Entries in the order in which Go prints them. */
struct gmap {
	struct gmap_entry *items;
	size_t len, cap;
};

/* One call of a function or method. */
struct gcall {
	struct gctx *ctx;
	struct gval *args; /* of the parameters' types; boxed where interface{} */
	size_t n_args;
	struct gval receiver; /* of a method */
	const char *first;    /* source text of the first argument, for `call` */
};

/*
 * A function or method. `sig` has one letter a parameter: s string, i int, I int64,
 * f float64, b bool, a interface{}, m map[string]interface{}, t time.Time, v any value as
 * it is (the builtins); `*` behind the last makes it variadic; behind `:` the result, of
 * which only `a` matters: the value is then an interface's.
 */
struct gfunc {
	const char *name;
	const char *sig; /* NULL: known, but refused where the template is read */
	struct gval (*run)(struct gcall *call);
};

extern const struct gtype gtype_bool, gtype_int64, gtype_uint8, gtype_complex128,
    gtype_string, gtype_iface, gtype_list, gtype_strings, gtype_ints, gtype_chunks,
    gtype_map, gtype_string_map;

enum gkind gval_kind(struct gval v); /* of the dynamic value; INTERFACE for nil */
bool gval_is_valid(struct gval v);
/* A nil that is known to be an interface; the invalid value is none. */
bool gval_is_nil_iface(struct gval v);
/* Whether the kind is a signed or an unsigned integer of any width. */
bool gkind_is_int(enum gkind kind);
bool gkind_is_uint(enum gkind kind);
const char *gkind_name(enum gkind kind); /* as reflect.Kind prints it */

/* The invalid value (no type), nil as an interface, and values of Go's bool, int, int64,
 * uint64, float64 and string; strings are borrowed. */
struct gval gval_none(void);
struct gval gval_nil_iface(void);
struct gval gval_bool(bool b);
struct gval gval_int(int64_t n);
struct gval gval_int64(int64_t n);
struct gval gval_uint64(uint64_t n);
struct gval gval_float(double f);
struct gval gval_string(struct str s);
struct gval gval_text(const char *text); /* borrows */
struct gval gval_struct(const struct gtype *type, const struct gval *fields);
/* The value in an interface{}: the nil interface for the invalid value. */
struct gval gval_box(struct gval v);
/* The value without the interface around it: invalid for the nil interface. */
struct gval gval_unbox(struct gval v);
/* Go's zero value of the type. */
struct gval gval_zero(const struct gtype *type);

/* An empty, non-nil slice with room for `cap`; nil when the budget is used up. */
struct gval gval_list(struct gctx *ctx, const struct gtype *type, size_t cap);
/* Appends; boxes when the element type is interface{}. */
void gval_list_add(struct gctx *ctx, struct gval *list, struct gval item);
/* list[from:to], which shares the items; the bounds are the caller's to check. */
struct gval gval_list_slice(struct gval list, size_t from, size_t to);

/* An empty map, ordered by keys; nil when the budget is used up. */
struct gval gval_map(struct gctx *ctx, const struct gtype *type);
/* Adds or replaces; boxes when the element type is interface{}. A nil map stays as it is.
 */
void gval_map_set(struct gctx *ctx, struct gval map, struct gval key, struct gval value);
/* Removes the entry, if there is one. */
void gval_map_unset(struct gval map, struct gval key);
/* The entry's value, NULL when there is none. */
struct gval *gval_map_find(struct gval map, struct gval key);
/* 0 for a nil map. */
size_t gval_map_len(struct gval map);
/* gval_map_find() and gval_map_set() with a string as key, borrowed. */
struct gval *gval_map_get(struct gval map, const char *key);
void gval_map_put(struct gctx *ctx, struct gval map, const char *key, struct gval value);

/* Orders keys as Go's fmt does when it prints a map. */
int gval_compare(struct gval a, struct gval b);
/* reflect.DeepEqual. */
bool gval_deep_equal(struct gctx *ctx, struct gval a, struct gval b);
/* Go's == on two values of one comparable type. */
bool gval_identical(struct gval a, struct gval b);
/* Whether Go's == takes values of the type: no slices and maps, nowhere inside. */
bool gtype_is_comparable(const struct gtype *type);
/* The truth of text/template: what is not empty. */
bool gval_is_true(struct gval v);
/* The value of a struct's field, also of an embedded struct's; NULL when it has none. */
const struct gval *gval_field(struct gval v, struct str name, const struct gfield **row);
/* The method of that name, NULL when the type has none. */
const struct gfunc *gtype_method(const struct gtype *type, struct str name);
/* What String() of the value gives; false when its type has none. */
bool gval_stringer(struct gctx *ctx, struct gval v, struct str *out);

/* Generic JSON data: integers become int, other numbers float64. `numbers_are_floats` as
 * Go's own decoder has it. */
struct gval gval_from_value(struct gctx *ctx, const struct value *value,
			    bool numbers_are_floats);

#endif
