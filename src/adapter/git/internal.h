/* SPDX-License-Identifier: MIT */
/*
 * What the files of this folder share: the opened repository, raw object ids, objects,
 * the tree cursor and git children. Nobody outside the folder includes it.
 */
#ifndef ADAPTER_GIT_INTERNAL_H
#define ADAPTER_GIT_INTERNAL_H

#include "adapter/git/repo.h"
#include "base/cursor.h"
#include "base/gitconfig.h"
#include "base/limits.h"
#include "base/proc.h"
#include <sys/types.h>

enum {
	RAW_OID_BYTES = 20,
	OID_HEX_LEN = 40,
	MODE_TREE = 040000,
	MODE_FILE = 0100644,
	MODE_EXECUTABLE = 0100755
};

struct raw_oid {
	unsigned char bytes[RAW_OID_BYTES];
};

struct git_repository;
struct git_odb;
struct libdeflate_compressor;
struct libdeflate_decompressor;
struct packs;

struct repo {
	struct arena arena; /* facts and configuration */
	struct repo_facts facts;
	struct gitconfig config;    /* the repository's own file */
	struct gitconfig effective; /* all files, as git reads them; lazy */
	bool effective_is_loaded;
	struct git_repository *git; /* lazy: see open_library() */
	struct git_odb *odb;
	struct packs *packs;                      /* lazy: see packs_open() */
	struct libdeflate_decompressor *unpacker; /* lazy */
};

/* --- ids --- */

/* 40 lower-case hex digits; false for anything else. */
bool raw_oid_parse(struct str hex, struct raw_oid *out);
/* The form of the interface: 40 hex digits. */
void raw_oid_format(const struct raw_oid *raw, struct oid *out);
/* Equal ids mean equal objects. */
bool raw_oid_eq(const struct raw_oid *a, const struct raw_oid *b);
/* Orders as memcmp() does, and faster: ids differ early. */
int raw_oid_cmp(const struct raw_oid *a, const struct raw_oid *b);
/* Git's id of nothing: what a ref is before it is made and after it is gone. */
bool raw_oid_is_zero(const struct raw_oid *a);
/* The raw form of an oid of the interface; ERR_INVALID for "" and nonsense. */
int raw_oid_of(const struct oid *oid, struct raw_oid *out, struct err *err) MUST_CHECK;

/* Ids that were seen, freed with oid_set_release(). */
struct oid_set {
	struct raw_oid *ids;
	size_t len;
	size_t cap;
};

/* True when it was not there yet. */
bool oid_set_add(struct oid_set *set, const struct raw_oid *oid);
/* Frees the set's memory; it is then empty. */
void oid_set_release(struct oid_set *set);

/* --- objects --- */

enum object_type { /* git's numbers */
	OBJECT_COMMIT = 1,
	OBJECT_TREE = 2,
	OBJECT_BLOB = 3,
	OBJECT_TAG = 4
};

struct object {
	enum object_type type;
	struct buf bytes;
};

#define OBJECT_INIT            \
	{                      \
		0, BUF_INIT(0) \
	}
#define OBJECT_CLEANUP CLEANUP(object_release)
/* Frees the bytes. */
void object_release(struct object *object);
/*
 * Reads any object, replacing what `out` held. ERR_NOTFOUND; ERR_LIMIT beyond max_bytes;
 * ERR_IO for a damaged store.
 */
int object_read(struct repo *repo, const struct raw_oid *oid, size_t max_bytes,
		struct object *out, struct err *err) MUST_CHECK;
/* ERR_INVALID, which names both, when an object is of another type. */
int object_check_type(const struct object *object, const struct raw_oid *oid,
		      enum object_type type, struct err *err) MUST_CHECK;
/* The same as object_read() for one of a known type; ERR_INVALID when it is another. */
int object_read_as(struct repo *repo, const struct raw_oid *oid, enum object_type type,
		   struct object *out, struct err *err) MUST_CHECK;
/* Follows annotated tags to what they name; ERR_INVALID when that is no commit. */
int object_peel(struct repo *repo, const struct raw_oid *oid, struct raw_oid *out,
		struct err *err) MUST_CHECK;

/* What a reader of our own came to; libgit2 is asked about the first two. */
enum found {
	FOUND_NOT,       /* not in the repository's own store */
	FOUND_ODD,       /* there, but not in a form that we read */
	FOUND_CIRCLE,    /* a delta whose bases lead back to it */
	FOUND_TOO_LARGE, /* more than was allowed */
	FOUND
};

/* --- zlib's format --- */

/* Unpacks exactly `size` bytes, replacing what `out` held; what follows the stream does
 * not count. False when it is another number, or damaged. */
bool deflate_unpack(struct repo *repo, struct str packed, size_t size, struct buf *out);
/* Unpacks a stream that ends where `packed` does, of at most max_bytes. */
enum found deflate_unpack_all(struct repo *repo, struct str packed, size_t max_bytes,
			      struct buf *out);
/* Frees what unpacking keeps from stream to stream. */
void deflate_release(struct repo *repo);

enum {
	PACKER_FAST = 1,
	PACKER_DEFAULT = 6
};

/* A compressor of zlib streams; `level` as above. Never NULL. */
struct libdeflate_compressor *packer_new(int level);
/* For CLEANUP(). */
void packer_free(struct libdeflate_compressor *const *packer);
#define PACKER_CLEANUP CLEANUP(packer_free)
/* Appends the bytes, packed; false when that does not fit. */
bool packer_add(struct libdeflate_compressor *packer, struct str bytes, struct buf *out);
/* The CRC-32 that a pack's index keeps of an entry. */
uint32_t packer_crc(struct str bytes);

/* --- our own readers --- */

/* Reads an object from its own file. FOUND_TOO_LARGE beyond max_bytes. */
enum found loose_read(struct repo *repo, const struct raw_oid *oid, size_t max_bytes,
		      struct object *out);
/* The same from the first pack that has it. */
enum found packs_read(struct repo *repo, const struct raw_oid *oid, size_t max_bytes,
		      struct object *out);
/* Unmaps all packs; NULL is fine. */
void packs_free(struct packs *packs);

/* Blobs that are wanted, and who takes them. */
struct blob_reader {
	const struct raw_oid *ids;
	size_t len; /* below UINT32_MAX */
	bool *done; /* by id: it was given to blob() */
	void *ctx;
	/* `bytes` are borrowed for the call and not checked against the id; a code but 0
	 * ends the scan. */
	int (*blob)(void *ctx, size_t i, struct str bytes, struct err *err);
};

/* Gives each blob that the repository's own packs hold, in their order: fast for many.
 * What is not done then is for object_read(). */
int packs_scan(struct repo *repo, const struct blob_reader *reader,
	       struct err *err) MUST_CHECK;

/* `commit`, `tree`, `blob`, `tag`. */
const char *object_type_name(enum object_type type);

struct sha1 {
	uint32_t state[5];
	uint64_t bytes;
	unsigned char block[64];
};

/* SHA-1 in pieces: begin, any number of updates, then the end, which gives the id. */
void sha1_init(struct sha1 *sha);
void sha1_update(struct sha1 *sha, struct str bytes);
void sha1_final(struct sha1 *sha, struct raw_oid *out);
/* The id that git gives to an object. */
void object_id(enum object_type type, struct str bytes, struct raw_oid *out);

/* Closes libgit2's view of the repository, if it was opened. */
void library_close(struct repo *repo);
/* Turns libgit2's last error into ours, by its code. */
int library_err(struct err *err, int git_code, const char *what);

/* --- trees --- */

struct tree_entry {
	uint32_t mode;
	struct str name; /* borrowed from the tree's bytes */
	struct raw_oid oid;
	size_t oid_off; /* where the id stands in the tree's bytes */
};

/* Walks the bytes of one tree; zero it but for `bytes`. */
struct tree_cursor {
	struct str bytes;
	size_t off;
	struct tree_entry entry; /* valid after tree_next() gave 1 */
	bool started;
};

/*
 * Takes the next entry. 1: cursor->entry is set; 0: the end; ERR_INVALID when malformed:
 * no mode, a name that is empty, `.`, `..` or `.git` or holds a slash, a cut id, or an
 * entry that is not behind the one before in git's order.
 */
int tree_next(struct tree_cursor *cursor, struct err *err) MUST_CHECK;
/* Orders entries as git does: folders as if their names ended in '/'. */
int tree_order(const struct tree_entry *a, const struct tree_entry *b);
/* Whether a tree's entry is a regular file: no link, folder or submodule. */
bool mode_is_file(uint32_t mode);
/* Joins a folder's path and a name in the arena. */
struct str tree_join(struct arena *arena, struct str folder, struct str name);
/* Counts bytes of trees and paths that a walk meets, which names can make long however
 * few entries there are; ERR_LIMIT beyond LIMIT_TREE_BYTES. */
int tree_spend(uint64_t *spent_bytes, size_t bytes, struct err *err) MUST_CHECK;

/* --- children --- */

enum git_child {
	GIT_CHILD_READS, /* no configuration but the repository's own, no transport */
	GIT_CHILD_WRITES /* system's and owner's configuration too, as in a push */
};

/* What a git child is run with. */
struct git_command {
	enum git_child kind;
	const char *const *args; /* behind `git --git-dir=DIR`, NULL-terminated */
	const char *const *env;  /* added to the built one; NULL: nothing */
	struct str input;
	struct buf *out;
	int64_t timeout_ms; /* 0: ten minutes */
};

/* Runs `git` to its end, one that reads with a limit on its memory. `errors` (a buffer of
 * the caller) gets its stderr. */
int git_run(struct repo *repo, const struct git_command *command, struct buf *errors,
	    int *exit_status, struct err *err) MUST_CHECK;
/* The first line of a git child's complaint, without `fatal: `, cleaned. */
const char *git_complaint(const struct buf *errors, struct arena *arena);

/* --- writing --- */

struct new_object {
	struct raw_oid oid;
	enum object_type type;
	struct str bytes; /* borrowed */
};

/* Objects that are to be written together. */
struct new_objects {
	struct new_object *items;
	size_t len;
	size_t cap;
};

/*
 * Writes all objects durably: loose ones when there are few, one pack otherwise, with the
 * modes that core.sharedRepository asks for. ERR_DENIED, ERR_IO.
 */
int objects_write(struct repo *repo, const struct new_objects *objects,
		  struct err *err) MUST_CHECK;
/* The two forms, a file for each object or one pack, with files of `mode`. ERR_IO;
 * ERR_LIMIT. */
int loose_write(struct repo *repo, const struct new_objects *objects, mode_t mode,
		struct err *err) MUST_CHECK;
int pack_write(struct repo *repo, const struct new_objects *objects, mode_t mode,
	       struct err *err) MUST_CHECK;
/* Why nobody may write here: quarantine, a mirror, an unknown extension, another owner.
 * 0 or ERR_DENIED, ERR_UNSUPPORTED. */
int repo_check_writable(struct repo *repo, struct err *err) MUST_CHECK;

/* --- configuration --- */

/* All of git's configuration for this repository, as a push into it would see it. */
int repo_effective_config(struct repo *repo, const struct gitconfig **out,
			  struct err *err) MUST_CHECK;

/* --- refs --- */

/* Reads a loose ref or HEAD: *target for a symbolic one (in the arena), else *out. */
int ref_read_loose(struct repo *repo, const char *name, struct arena *arena,
		   const char **target, struct raw_oid *out, struct err *err) MUST_CHECK;

/* What such a file holds: an id, or `ref: NAME` with a valid name. ERR_INVALID. */
int ref_judge(struct str text, const char *name, struct arena *arena, const char **target,
	      struct raw_oid *out, struct err *err) MUST_CHECK;

/* One line of packed-refs; `peeled` is set for a tag whose commit follows. */
struct packed_ref {
	struct str name;
	struct raw_oid oid;
	struct raw_oid peeled;
	bool has_peeled;
};

/* Takes the next ref from the text of packed-refs; malformed lines are passed over. */
bool ref_next_packed(struct str *rest, struct packed_ref *out);

#endif
