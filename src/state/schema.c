/* SPDX-License-Identifier: MIT */
/*
 * What tables there are, and in which order they came to be. A step that was released is
 * never edited: a change is a new step at the end.
 */
#include "state/schema.h"
#include "base/limits.h"

/* "imhk": tells a file of ours from any other SQLite file. */
enum {
	APPLICATION_ID = 0x696d686b
};

/*
 * Everything known about one document hangs on its row in `object`, so that dropping
 * that row drops all of it. Tag lists have a table of their own: their rows are long and
 * seldom change, those of `scan` are short and change with every attempt.
 */
static const char step_1[] = "CREATE TABLE object ("
			     " id INTEGER PRIMARY KEY,"
			     " repo_id TEXT NOT NULL,"
			     " cluster TEXT NOT NULL,"
			     " kind TEXT NOT NULL,"
			     " namespace TEXT NOT NULL,"
			     " name TEXT NOT NULL,"
			     " seen_ms INTEGER NOT NULL,"
			     " UNIQUE (repo_id, cluster, kind, namespace, name));"
			     "CREATE INDEX object_seen ON object (repo_id, seen_ms);"

			     "CREATE TABLE scan ("
			     " object_id INTEGER PRIMARY KEY"
			     "  REFERENCES object (id) ON DELETE CASCADE,"
			     " ready INTEGER NOT NULL,"
			     " stalled INTEGER NOT NULL,"
			     " reason TEXT,"
			     " message TEXT,"
			     " changed_ms INTEGER NOT NULL,"
			     " canonical TEXT,"
			     " request_hash TEXT,"
			     " spec_hash TEXT,"
			     " scanned_ms INTEGER NOT NULL,"
			     " attempted_ms INTEGER NOT NULL,"
			     " retry_ms INTEGER NOT NULL,"
			     " failures INTEGER NOT NULL,"
			     " exclusion_list BLOB NOT NULL,"
			     " tag_count INTEGER NOT NULL,"
			     " revision TEXT,"
			     " dropped INTEGER NOT NULL,"
			     " handled_request TEXT);"
			     "CREATE TABLE scan_tags ("
			     " object_id INTEGER PRIMARY KEY"
			     "  REFERENCES object (id) ON DELETE CASCADE,"
			     " repo_id TEXT NOT NULL,"
			     " bytes INTEGER NOT NULL,"
			     " tags BLOB NOT NULL);"
			     "CREATE INDEX scan_tags_bytes ON scan_tags (repo_id, bytes);"

			     "CREATE TABLE choice ("
			     " object_id INTEGER PRIMARY KEY"
			     "  REFERENCES object (id) ON DELETE CASCADE,"
			     " ready INTEGER NOT NULL,"
			     " stalled INTEGER NOT NULL,"
			     " reason TEXT,"
			     " message TEXT,"
			     " changed_ms INTEGER NOT NULL,"
			     " latest_name TEXT,"
			     " latest_tag TEXT,"
			     " latest_digest TEXT,"
			     " previous_name TEXT,"
			     " previous_tag TEXT,"
			     " previous_digest TEXT,"
			     " spec_hash TEXT,"
			     " scan_revision TEXT,"
			     " digest_ms INTEGER NOT NULL);"

			     "CREATE TABLE automation ("
			     " object_id INTEGER PRIMARY KEY"
			     "  REFERENCES object (id) ON DELETE CASCADE,"
			     " ready INTEGER NOT NULL,"
			     " stalled INTEGER NOT NULL,"
			     " reason TEXT,"
			     " message TEXT,"
			     " changed_ms INTEGER NOT NULL,"
			     " run_ms INTEGER NOT NULL,"
			     " push_ms INTEGER NOT NULL,"
			     " push_commit TEXT,"
			     " source_revision TEXT,"
			     " spec_hash TEXT,"
			     " choices_hash TEXT);"

			     "CREATE TABLE intent ("
			     " id INTEGER PRIMARY KEY AUTOINCREMENT,"
			     " repo_id TEXT NOT NULL,"
			     " automation TEXT NOT NULL,"
			     " ref TEXT NOT NULL,"
			     " old_oid TEXT NOT NULL,"
			     " new_oid TEXT NOT NULL,"
			     " payload TEXT NOT NULL,"
			     " hooks_pending INTEGER NOT NULL,"
			     " confirmed INTEGER NOT NULL,"
			     " created_ms INTEGER NOT NULL);"
			     "CREATE INDEX intent_open ON intent (repo_id)"
			     " WHERE confirmed = 0 OR hooks_pending = 1;"

			     "CREATE TABLE our_commit ("
			     " repo_id TEXT NOT NULL,"
			     " oid TEXT NOT NULL,"
			     " automation TEXT NOT NULL,"
			     " ref TEXT NOT NULL,"
			     " written_ms INTEGER NOT NULL,"
			     " PRIMARY KEY (repo_id, oid)) WITHOUT ROWID;"
			     "CREATE INDEX our_commit_rate"
			     " ON our_commit (repo_id, automation, written_ms);"

			     "CREATE TABLE our_branch ("
			     " repo_id TEXT NOT NULL,"
			     " ref TEXT NOT NULL,"
			     " oid TEXT NOT NULL,"
			     " created_ms INTEGER NOT NULL,"
			     " PRIMARY KEY (repo_id, ref)) WITHOUT ROWID;"

			     "CREATE TABLE written ("
			     " id INTEGER PRIMARY KEY,"
			     " repo_id TEXT NOT NULL,"
			     " automation TEXT NOT NULL,"
			     " path TEXT NOT NULL,"
			     " setter TEXT NOT NULL,"
			     " old_value TEXT NOT NULL,"
			     " new_value TEXT NOT NULL,"
			     " written_ms INTEGER NOT NULL);"
			     "CREATE INDEX written_value"
			     " ON written (repo_id, path, setter, old_value, written_ms);"
			     "CREATE INDEX written_age ON written (written_ms);"

			     "CREATE TABLE note ("
			     " repo_id TEXT NOT NULL,"
			     " name TEXT NOT NULL,"
			     " value TEXT NOT NULL,"
			     " PRIMARY KEY (repo_id, name)) WITHOUT ROWID;";

/*
 * What is to be sent, what happened, and what alerts were told of it. A waiting row's due
 * time stands in a partial index, so that a drain reads only what it may send.
 */
static const char step_2[] =
    "CREATE TABLE outbox ("
    " row INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " repo_id TEXT NOT NULL,"
    " provider TEXT NOT NULL,"
    " alert TEXT NOT NULL,"
    " payload TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " due_ms INTEGER NOT NULL,"
    " expires_ms INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL DEFAULT 0,"
    " status INTEGER NOT NULL DEFAULT 0,"
    " last_error TEXT NOT NULL DEFAULT '',"
    " last_attempt_ms INTEGER NOT NULL DEFAULT 0,"
    " lease_ms INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX outbox_due ON outbox (due_ms) WHERE status = 0;"
    "CREATE INDEX outbox_tried ON outbox (last_attempt_ms)"
    " WHERE last_attempt_ms > 0;"

    "CREATE TABLE event ("
    " id INTEGER PRIMARY KEY,"
    " repo_id TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " namespace TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " severity TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " message TEXT NOT NULL,"
    " metadata TEXT NOT NULL,"
    " time_ms INTEGER NOT NULL,"
    " count INTEGER NOT NULL,"
    " first_ms INTEGER NOT NULL);"
    "CREATE INDEX event_object ON event (repo_id, kind, namespace, name, id);"
    "CREATE INDEX event_time ON event (time_ms);"

    "CREATE TABLE alert_state ("
    " object_id INTEGER PRIMARY KEY"
    "  REFERENCES object (id) ON DELETE CASCADE,"
    " failing INTEGER NOT NULL,"
    " normalised TEXT NOT NULL,"
    " since_ms INTEGER NOT NULL,"
    " told_ms INTEGER NOT NULL,"
    " told BLOB NOT NULL);";

/* What ends when an object recovers. */
static const char step_3[] =
    "ALTER TABLE alert_state ADD COLUMN failures BLOB NOT NULL DEFAULT x'';";

/* Where an intended commit belongs: "" is the repository itself. */
static const char step_4[] = "ALTER TABLE intent ADD COLUMN git_dir TEXT NOT NULL"
			     " DEFAULT '';";

/* In which order events were written, also those that only count on. */
static const char step_5[] =
    "ALTER TABLE event ADD COLUMN change INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX event_change ON event (repo_id, change);";

/* What an event was against the one before it: new, a repetition, a recovery. */
static const char step_6[] =
    "ALTER TABLE event ADD COLUMN transition TEXT NOT NULL DEFAULT '';";

/* Each time that a delivery was sent, for budgets: a row of the outbox may be sent often,
 * or be gone. */
static const char step_7[] =
    "CREATE TABLE attempt ("
    " repo_id TEXT NOT NULL,"
    " provider TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL);"
    "CREATE INDEX attempt_time ON attempt (repo_id, at_ms);"
    "INSERT INTO attempt SELECT repo_id, provider, last_attempt_ms FROM outbox"
    " WHERE last_attempt_ms > 0;"
    "DROP INDEX outbox_tried;";

static const char *const steps[] = { step_1, step_2, step_3, step_4,
				     step_5, step_6, step_7 };

const struct schema schema_current = { steps, ARRAY_LEN(steps) };

int schema_judge(const struct schema *schema, struct db *db, enum schema_verdict *verdict,
		 int64_t *version, struct err *err)
{
	int64_t id = 0;
	int64_t tables = 0;
	int code = db_number(db, "PRAGMA application_id", DB_NO_ARGS, &id, err);
	if (!code)
		code = db_number(db, "PRAGMA user_version", DB_NO_ARGS, version, err);
	if (!code && id == 0)
		code = db_number(db, "SELECT count(*) FROM sqlite_schema", DB_NO_ARGS,
				 &tables, err);
	if (code)
		return code;
	bool empty = id == 0 && *version == 0 && tables == 0;
	if (!empty && id != APPLICATION_ID)
		*verdict = SCHEMA_FOREIGN;
	else if (*version > (int64_t)schema->n_steps)
		*verdict = SCHEMA_NEWER;
	else if (*version < (int64_t)schema->n_steps)
		*verdict = SCHEMA_OLDER;
	else
		*verdict = SCHEMA_READY;
	return 0;
}

static int copy_beside(struct db *db, const char *path, int64_t version, struct err *err)
{
	char copy[LIMIT_PATH_BYTES];
	if ((size_t)snprintf(copy, sizeof(copy), "%s.v%lld", path, (long long)version) >=
	    sizeof(copy))
		return err_set(err, ERR_LIMIT, "path of more than %d bytes",
			       LIMIT_PATH_BYTES);
	return db_copy(db, copy, err);
}

/* One step with its version number, all or nothing. */
static int take_step(const struct schema *schema, struct db *db, size_t version,
		     struct err *err)
{
	char mark[96];
	(void)snprintf(mark, sizeof(mark),
		       "PRAGMA application_id = %d; PRAGMA user_version = %zu; COMMIT",
		       APPLICATION_ID, version + 1);
	int code = db_script(db, "BEGIN IMMEDIATE", err);
	if (!code)
		code = db_script(db, schema->steps[version], err);
	if (!code)
		code = db_script(db, mark, err);
	if (code && db_in_transaction(db)) {
		struct err ignored = ERR_INIT;
		(void)!db_script(db, "ROLLBACK", &ignored);
	}
	return code;
}

int schema_migrate(const struct schema *schema, struct db *db, const char *path,
		   struct err *err)
{
	enum schema_verdict verdict = SCHEMA_READY;
	int64_t version = 0;
	int code = schema_judge(schema, db, &verdict, &version, err);
	int64_t found = version;
	/* the journal mode is kept in the file; it cannot change inside a transaction */
	if (!code && version == 0)
		code = db_script(db, "PRAGMA journal_mode = WAL", err);
	while (!code && version < (int64_t)schema->n_steps) {
		/* a file that is being made has nothing to keep */
		if (found > 0)
			code = copy_beside(db, path, version, err);
		if (!code)
			code = take_step(schema, db, (size_t)version, err);
		version++;
	}
	return code ? err_prefix(err, "cannot bring the state file to version %zu",
				 schema->n_steps)
		    : 0;
}
