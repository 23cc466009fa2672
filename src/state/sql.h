/* SPDX-License-Identifier: MIT */
/*
 * Every query of the store, so that another database has one file to be compared with.
 * Parameters are numbered in the order in which the callers give them.
 */
#ifndef STATE_SQL_H
#define STATE_SQL_H

/* objects */
#define SQL_OBJECT_ID                                                \
	"SELECT id FROM object WHERE repo_id = ?1 AND cluster = ?2 " \
	"AND kind = ?3 AND namespace = ?4 AND name = ?5"
#define SQL_OBJECT_ADD                                                           \
	"INSERT INTO object (repo_id, cluster, kind, namespace, name, seen_ms) " \
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
#define SQL_OBJECT_STALE \
	"SELECT 1 FROM object WHERE repo_id = ?1 AND seen_ms < ?2 LIMIT 1"
#define SQL_OBJECT_TOUCH                                                      \
	"UPDATE object SET seen_ms = ?6 WHERE repo_id = ?1 AND cluster = ?2 " \
	"AND kind = ?3 AND namespace = ?4 AND name = ?5 AND seen_ms < ?7"
#define SQL_OBJECT_PRUNE "DELETE FROM object WHERE seen_ms < ?1"

/* scans */
#define SQL_SCAN_GET                                                               \
	"SELECT s.ready, s.stalled, s.reason, s.message, s.changed_ms, "           \
	"s.canonical, s.request_hash, s.spec_hash, s.scanned_ms, s.attempted_ms, " \
	"s.retry_ms, s.failures, s.exclusion_list, s.tag_count, s.revision, "      \
	"s.dropped, s.handled_request, t.tags FROM scan s LEFT JOIN scan_tags "    \
	"t ON t.object_id = s.object_id WHERE s.object_id = ?1"
#define SQL_SCAN_PUT                                                                   \
	"INSERT OR REPLACE INTO scan (object_id, ready, stalled, reason, message, "    \
	"changed_ms, canonical, request_hash, spec_hash, scanned_ms, attempted_ms, "   \
	"retry_ms, failures, exclusion_list, tag_count, revision, dropped, "           \
	"handled_request) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, " \
	"?13, ?14, ?15, ?16, ?17, ?18)"
/* The blob is only written when it differs: most scans find what the last one found. */
#define SQL_SCAN_TAGS_PUT                                                    \
	"INSERT INTO scan_tags (object_id, repo_id, bytes, tags) "           \
	"VALUES (?1, ?2, length(?3), ?3) ON CONFLICT (object_id) DO UPDATE " \
	"SET bytes = excluded.bytes, tags = excluded.tags WHERE tags <> excluded.tags"
#define SQL_SCAN_BYTES "SELECT coalesce(sum(bytes), 0) FROM scan_tags WHERE repo_id = ?1"

/* choices */
#define SQL_CHOICE_GET                                                      \
	"SELECT ready, stalled, reason, message, changed_ms, latest_name, " \
	"latest_tag, latest_digest, previous_name, previous_tag, "          \
	"previous_digest, spec_hash, scan_revision, digest_ms FROM choice " \
	"WHERE object_id = ?1"
#define SQL_CHOICE_PUT                                                                \
	"INSERT OR REPLACE INTO choice (object_id, ready, stalled, reason, message, " \
	"changed_ms, latest_name, latest_tag, latest_digest, previous_name, "         \
	"previous_tag, previous_digest, spec_hash, scan_revision, digest_ms) VALUES " \
	"(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"

/* automations */
#define SQL_AUTOMATION_GET                                                \
	"SELECT ready, stalled, reason, message, changed_ms, run_ms, "    \
	"push_ms, push_commit, source_revision, spec_hash, choices_hash " \
	"FROM automation WHERE object_id = ?1"
#define SQL_AUTOMATION_PUT                                                   \
	"INSERT OR REPLACE INTO automation (object_id, ready, stalled, "     \
	"reason, message, changed_ms, run_ms, push_ms, push_commit, "        \
	"source_revision, spec_hash, choices_hash) VALUES (?1, ?2, ?3, ?4, " \
	"?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"

/* intended commits, commits and branches of ours */
#define SQL_INTENT_ADD                                                                    \
	"INSERT INTO intent (repo_id, automation, ref, old_oid, new_oid, payload, "       \
	"hooks_pending, confirmed, created_ms, git_dir) VALUES (?1, ?2, ?3, ?4, ?5, ?6, " \
	"?7, ?8, ?9, ?10)"
#define SQL_INTENT_LIST                                                                     \
	"SELECT id, automation, ref, old_oid, new_oid, payload, hooks_pending, "            \
	"confirmed, created_ms, git_dir FROM intent WHERE repo_id = ?1 AND (confirmed = 0 " \
	"OR hooks_pending = 1) ORDER BY id"
#define SQL_INTENT_CONFIRM "UPDATE intent SET confirmed = 1 WHERE id = ?1"
#define SQL_INTENT_COMMIT                                                   \
	"INSERT OR IGNORE INTO our_commit (repo_id, oid, automation, ref, " \
	"written_ms) SELECT repo_id, new_oid, automation, ref, created_ms " \
	"FROM intent WHERE id = ?1"
/* A branch of a mapped repository is kept as `DIR:REF`. */
#define SQL_REF_IN(dir, ref) \
	"CASE " dir " WHEN '' THEN '' ELSE " dir " || ':' END || " ref
/* A branch is created by a commit whose old id is all zeros. */
#define SQL_INTENT_BRANCH                                                            \
	"INSERT OR REPLACE INTO our_branch (repo_id, ref, oid, created_ms) "         \
	"SELECT repo_id, " SQL_REF_IN(                                               \
	    "git_dir", "ref") ", new_oid, created_ms FROM intent WHERE id = ?1 AND " \
			      "trim(old_oid, '0') = ''"
#define SQL_INTENT_HOOKS_DONE "UPDATE intent SET hooks_pending = 0 WHERE id = ?1"
#define SQL_INTENT_DROP       "DELETE FROM intent WHERE id = ?1"
#define SQL_INTENT_PRUNE                                                    \
	"DELETE FROM intent WHERE confirmed = 1 AND hooks_pending = 0 AND " \
	"created_ms < ?1"
#define SQL_COMMIT_WRITER \
	"SELECT automation FROM our_commit WHERE repo_id = ?1 AND oid = ?2"
#define SQL_COMMIT_COUNT                                                              \
	"SELECT count(*) FROM our_commit WHERE repo_id = ?1 AND automation = ?2 AND " \
	"written_ms >= ?3"
#define SQL_BRANCH_IS_OURS \
	"SELECT 1 FROM our_branch WHERE repo_id = ?1 AND ref = " SQL_REF_IN("?2", "?3")

/* written values */
#define SQL_WRITTEN_ADD                                                       \
	"INSERT INTO written (repo_id, automation, path, setter, old_value, " \
	"new_value, written_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
#define SQL_WRITTEN_REPLACED                                                          \
	"SELECT 1 FROM written WHERE repo_id = ?1 AND path = ?2 AND setter = ?3 AND " \
	"old_value = ?4 AND written_ms >= ?5 LIMIT 1"
#define SQL_WRITTEN_CLEAR "DELETE FROM written WHERE repo_id = ?1"
#define SQL_WRITTEN_PRUNE "DELETE FROM written WHERE written_ms < ?1"

/* notes */
#define SQL_NOTE_GET "SELECT value FROM note WHERE repo_id = ?1 AND name = ?2"
#define SQL_NOTE_PUT                                                              \
	"INSERT INTO note (repo_id, name, value) VALUES (?1, ?2, ?3) "            \
	"ON CONFLICT (repo_id, name) DO UPDATE SET value = excluded.value WHERE " \
	"value <> excluded.value"

/* the outbox; the columns are those of struct outbox_row, in its order */
#define SQL_OUTBOX_COLUMNS                                                                       \
	"SELECT row, id, repo_id, provider, alert, payload, created_ms, max(due_ms, lease_ms), " \
	"expires_ms, attempts, status, last_error, last_attempt_ms FROM outbox "
#define SQL_OUTBOX_ADD                                                          \
	"INSERT OR IGNORE INTO outbox (id, repo_id, provider, alert, payload, " \
	"created_ms, due_ms, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
#define SQL_OUTBOX_REFUSE                                                        \
	"INSERT OR REPLACE INTO outbox (id, repo_id, provider, alert, payload, " \
	"created_ms, due_ms, expires_ms, status, last_error) "                   \
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 2, ?9)"
/* A row whose lease has not ended is somebody else's. */
#define SQL_OUTBOX_DUE                                                                     \
	"WITH held AS (SELECT repo_id AS r, provider AS p, min(row) AS m FROM outbox "     \
	"WHERE status = 0 AND (due_ms > ?1 OR lease_ms > ?1) AND last_error NOT LIKE "     \
	"'commit unknown: %' GROUP BY repo_id, provider) "                                 \
	"SELECT row, id, repo_id, provider, alert, payload, created_ms, due_ms, "          \
	"expires_ms, attempts, status, last_error, last_attempt_ms FROM (SELECT *, "       \
	"row_number() OVER (PARTITION BY repo_id, provider ORDER BY row) AS turn "         \
	"FROM outbox LEFT JOIN held ON r = repo_id AND p = provider "                      \
	"WHERE status = 0 AND due_ms <= ?1 AND lease_ms <= ?1 AND (m IS NULL OR row < m) " \
	"AND (?2 IS NULL OR repo_id = ?2)) ORDER BY turn, row LIMIT ?3"
#define SQL_OUTBOX_CLAIM                                                              \
	"UPDATE outbox SET lease_ms = ?3, last_attempt_ms = ?2, attempts = attempts " \
	"+ 1 WHERE row = ?1 AND status = 0 AND due_ms <= ?2 AND lease_ms <= ?2"
#define SQL_ATTEMPT_ADD                                                                \
	"INSERT INTO attempt (repo_id, provider, at_ms) SELECT repo_id, provider, ?2 " \
	"FROM outbox WHERE row = ?1"
#define SQL_OUTBOX_SENT                                                      \
	"UPDATE outbox SET status = 1, lease_ms = 0, last_attempt_ms = ?2, " \
	"last_error = '' WHERE row = ?1 AND status = 0"
#define SQL_OUTBOX_FAILED                                                   \
	"UPDATE outbox SET status = CASE WHEN ?4 = 0 THEN 2 ELSE 0 END, "   \
	"due_ms = CASE WHEN ?4 = 0 THEN due_ms ELSE ?4 END, lease_ms = 0, " \
	"last_error = ?2, last_attempt_ms = ?3 WHERE row = ?1 AND status = 0"
#define SQL_OUTBOX_POSTPONE                                              \
	"UPDATE outbox SET due_ms = ?2, last_error = ?3 WHERE row = ?1 " \
	"AND status = 0"
#define SQL_OUTBOX_LIST                                               \
	SQL_OUTBOX_COLUMNS "WHERE (?1 IS NULL OR repo_id = ?1) AND "  \
			   "(?2 = -1 OR status = ?2 OR (?2 = -2 AND " \
			   "status <> 1)) ORDER BY row DESC LIMIT ?3"
#define SQL_OUTBOX_TALLIES                                                                \
	"WITH tally AS (SELECT provider AS p, alert AS a, sum(status = 0) AS waiting, "   \
	"sum(status = 2) AS dead, max(iif(status = 1, last_attempt_ms, 0)) AS sent, "     \
	"max(iif(status <> 1 AND last_error <> '', row, 0)) AS failed FROM outbox WHERE " \
	"repo_id = ?1 GROUP BY provider, alert) SELECT p, a, waiting, dead, sent, "       \
	"failed, coalesce((SELECT last_error FROM outbox WHERE row = failed), '') "       \
	"FROM tally ORDER BY p, a"
#define SQL_OUTBOX_BACKLOG                                                             \
	"SELECT provider, '', count(*), 0, 0, 0, '' FROM outbox WHERE status = 0 AND " \
	"repo_id = ?1 GROUP BY provider"
/* An unsent row by its id; without one every row that was given up. */
#define SQL_OUTBOX_NAMED "(id = ?2 AND status <> 1 OR ?2 IS NULL AND status = 2)"
#define SQL_OUTBOX_RETRY                                                         \
	"UPDATE outbox SET status = 0, due_ms = ?3, lease_ms = 0, expires_ms = " \
	"max(expires_ms, ?3 + expires_ms - created_ms) "                         \
	"WHERE repo_id = ?1 AND " SQL_OUTBOX_NAMED
#define SQL_OUTBOX_WAKE                                                         \
	"UPDATE outbox SET due_ms = ?2 WHERE (?1 IS NULL OR repo_id = ?1) AND " \
	"status = 0 AND due_ms > ?2 AND last_error LIKE 'not sent: %'"
#define SQL_OUTBOX_DROP "DELETE FROM outbox WHERE repo_id = ?1 AND " SQL_OUTBOX_NAMED
/* Only the oldest row of a provider can be next, and what waits for its commit. */
#define SQL_OUTBOX_OF_HEADS(columns)                                                   \
	"WITH head AS (SELECT repo_id AS r, provider AS p, min(row) AS m FROM outbox " \
	"WHERE status = 0 AND last_error NOT LIKE 'commit unknown: %' "                \
	"GROUP BY repo_id, provider) "                                                 \
	"SELECT " columns " FROM outbox LEFT JOIN head ON r = repo_id "                \
	"AND p = provider WHERE status = 0 AND (row = m OR last_error LIKE "           \
	"'commit unknown: %') AND "
#define SQL_OUTBOX_NEXT                              \
	SQL_OUTBOX_OF_HEADS("max(due_ms, lease_ms)") \
	"(?1 IS NULL OR repo_id = ?1) ORDER BY max(due_ms, lease_ms) LIMIT 1"
#define SQL_OUTBOX_DUE_REPOS                    \
	SQL_OUTBOX_OF_HEADS("DISTINCT repo_id") \
	"due_ms <= ?1 AND lease_ms <= ?1 ORDER BY repo_id"
#define SQL_OUTBOX_USED                                                        \
	"SELECT provider, count(*) FROM attempt WHERE repo_id = ?1 AND at_ms " \
	">= ?2 GROUP BY provider"
#define SQL_ATTEMPT_PRUNE "DELETE FROM attempt WHERE at_ms < ?1"
#define SQL_OUTBOX_PRUNE  "DELETE FROM outbox WHERE status <> 0 AND created_ms < ?1"

/* events */
#define SQL_EVENT_NEXT_CHANGE \
	"(SELECT coalesce(max(change), 0) + 1 FROM event WHERE repo_id = ?1)"
#define SQL_EVENT_FOLD                                                                      \
	"UPDATE event SET count = count + 1, time_ms = ?9, change = " SQL_EVENT_NEXT_CHANGE \
	" WHERE id = (SELECT max(id) FROM event WHERE repo_id = ?1 AND kind = ?2 AND "      \
	"namespace = ?3 AND name = ?4) AND severity = ?5 AND reason = ?6 AND message = "    \
	"?7 AND metadata = ?8"
#define SQL_EVENT_ADD                                                                                   \
	"INSERT INTO event (repo_id, kind, namespace, name, severity, reason, "                         \
	"message, metadata, time_ms, count, first_ms, change, transition) VALUES (?1, ?2, ?3, ?4, ?5, " \
	"?6, ?7, ?8, ?9, 1, ?9, " SQL_EVENT_NEXT_CHANGE ", ?10)"
/* In the order of writing; what an older version wrote has the change 0. */
#define SQL_EVENT_LIST                                                                   \
	"SELECT repo_id, kind, namespace, name, severity, reason, message, "             \
	"metadata, time_ms, count, first_ms, change, transition FROM event WHERE "       \
	"repo_id = ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR namespace = ?3) " \
	"AND (?4 IS NULL OR name = ?4) AND (?5 IS NULL OR severity = ?5) AND "           \
	"change >= ?6 ORDER BY change DESC, time_ms DESC, id DESC LIMIT ?7"
#define SQL_EVENT_PRUNE "DELETE FROM event WHERE time_ms < ?1"

/* what alerts were told */
#define SQL_ALERT_STATE_COLUMNS "failing, normalised, since_ms, told_ms, told, failures"
#define SQL_ALERT_STATE_GET \
	"SELECT " SQL_ALERT_STATE_COLUMNS " FROM alert_state WHERE object_id = ?1"
#define SQL_ALERT_STATE_FAILING                                               \
	"SELECT " SQL_ALERT_STATE_COLUMNS ", cluster, kind, namespace, name " \
	"FROM alert_state JOIN object ON id = object_id WHERE failing = 1 "   \
	"AND repo_id = ?1 ORDER BY id"
#define SQL_ALERT_STATE_PUT                                                    \
	"INSERT OR REPLACE INTO alert_state (object_id, failing, normalised, " \
	"since_ms, told_ms, told, failures) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"

#endif
