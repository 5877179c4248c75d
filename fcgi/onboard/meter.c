/* meter.c - who may ask the AI, how often, and for how much money. */
#include "base/conf.h"
#include "onboard/breaker.h"
#include "onboard/meter.h"

#define MINUTE_MS      60000
#define HOUR_MS	       3600000
#define CACHE_MS       (30 * INT64_C(86400000))
#define MICRO_PER_CENT 10000
#define PRICE_TOKENS   INT64_C(1000000) /* prices are for so many */

SQL rate_sql[] =
    "INSERT INTO ai_rate (account_id, who, count, since, created_at,"
    " updated_at) VALUES (app_account(), :ai_who, 1, :now_ms, :now_ms,"
    " :now_ms) ON CONFLICT (account_id, who) DO UPDATE SET"
    " count = CASE WHEN ai_rate.since <= :ai_since THEN 1"
    " ELSE ai_rate.count + 1 END,"
    " since = CASE WHEN ai_rate.since <= :ai_since THEN excluded.since"
    " ELSE ai_rate.since END, updated_at = :now_ms"
    " RETURNING count AS \"count:int\", since AS \"since:int\"";
SQL cached_sql[] = "SELECT answer FROM my_ai_cache WHERE key = :ai_key"
		   " AND expires_at > :now_ms";
SQL cache_sql[] =
    "INSERT INTO ai_cache (account_id, key, answer, expires_at, created_at,"
    " updated_at) VALUES (app_account(), :ai_key, :ai_answer, :ai_expires,"
    " :now_ms, :now_ms) ON CONFLICT (account_id, key) DO UPDATE SET"
    " answer = excluded.answer, expires_at = excluded.expires_at,"
    " updated_at = :now_ms";
SQL usage_sql[] =
    "INSERT INTO ai_usage (id, account_id, user_id, kind, status, source,"
    " reason, month, reserved, created_at, updated_at) VALUES (:ai_id,"
    " app_account(), :me, :ai_kind, :ai_status, :ai_source, :ai_reason,"
    " :ai_month, :ai_reserved, :now_ms, :now_ms)";
SQL month_sql[] =
    "INSERT INTO ai_budget (account_id, month, created_at, updated_at)"
    " VALUES (app_account(), :ai_month, :now_ms, :now_ms)"
    " ON CONFLICT (account_id, month) DO NOTHING";
SQL reserve_sql[] =
    "UPDATE ai_budget SET reserved = reserved + :ai_reserved,"
    " updated_at = :now_ms WHERE account_id = app_account()"
    " AND month = :ai_month AND spent + reserved + :ai_reserved <= :ai_limit"
    " RETURNING month";
SQL settle_usage_sql[] =
    "UPDATE ai_usage SET status = 'done', source = :ai_source,"
    " reason = :ai_reason, model = :ai_model, cost = :ai_cost,"
    " tokens_in = :ai_in, tokens_out = :ai_out, duration_ms = :ai_ms,"
    " updated_at = :now_ms WHERE account_id = app_account() AND id = :ai_id"
    " AND status = 'reserved'"
    " RETURNING month, reserved AS \"reserved:int\"";
SQL settle_budget_sql[] =
    "UPDATE ai_budget SET reserved = reserved - :ai_reserved,"
    " spent = spent + :ai_cost, updated_at = :now_ms"
    " WHERE account_id = app_account() AND month = :ai_month";
SQL lost_sql[] =
    "UPDATE ai_usage SET status = 'lost', cost = reserved, source = 'rules',"
    " reason = 'lost', updated_at = :now_ms WHERE account_id = app_account()"
    " AND status = 'reserved' AND created_at <= :ai_lost"
    " RETURNING month, reserved AS \"reserved:int\"";
SQL forget_sql[] = "DELETE FROM ai_cache WHERE account_id = app_account()"
		   " AND expires_at <= :now_ms";

static const struct {
	const char *word, *text;
} whys[] = {
	[WHY_NOTHING] = { NULL, NULL },
	[WHY_NONE] = { "not_configured", "No AI is configured." },
	[WHY_BUDGET] = { "budget",
	    "The account's budget for the AI is used up for this month." },
	[WHY_BREAKER] = { "unavailable",
	    "The AI has failed just now and is given a rest." },
	[WHY_BUSY] = { "busy", "Too many were asking the AI at once." },
	[WHY_LATE] = { "timeout", "The AI did not answer in time." },
	[WHY_FAILED] = { "failed", "The AI could not be reached." },
	[WHY_NONSENSE] = { "nonsense", "The AI's answer could not be used." },
};

const char *
why_word(enum why why)
{
	return whys[why].word;
}

const char *
why_text(enum why why)
{
	return whys[why].text;
}

const char *
meter_month(struct arena *a, int64_t t_ms)
{
	char text[CLOCK_TEXT];

	clock_text(t_ms, text);
	return arena_copy(a, text, 7);
}

int64_t
meter_limit(void)
{
	return conf->ai_budget_cents * MICRO_PER_CENT;
}

/* Rounded up. */
static int64_t
price(int64_t tokens_in, int64_t tokens_out)
{
	int64_t cents = tokens_in * conf->ai_price_in_cents +
	    tokens_out * conf->ai_price_out_cents;

	return (cents * MICRO_PER_CENT + PRICE_TOKENS - 1) / PRICE_TOKENS;
}

/* --- before ------------------------------------------------------------------
 */

static enum rc
rate_count(struct req *r, const char *who, int64_t limit, int64_t window_ms)
{
	struct row row;
	int64_t left;

	req_set(r, "ai_who", val_text(who));
	req_set(r, "ai_since", val_int(r->now_ms - window_ms));
	if (sql_row(r, rate_sql, &row))
		return r->rc;
	if (row_int(&row, "count") <= limit)
		return OK;
	left = (row_int(&row, "since") + window_ms - r->now_ms) / 1000 + 1;
	req_head(r, "Retry-After",
	    arena_printf(r->arena, "%lld", (long long)left));
	return fail(r, E_LIMIT,
	    "%s asked for too many suggestions; try again in %lld seconds",
	    *who != '\0' ? "you have" : "your account has", (long long)left);
}

/* The models that may be asked; none: m->why. */
static enum rc
models_choose(struct req *r, struct meter *m, const struct ai_ask *q)
{
	const char *const all[METER_MODELS] = { conf->ai_model,
		conf->ai_fallback_model };
	bool yes = false;

	m->why = WHY_NONE;
	for (int i = 0; i < METER_MODELS && ai_configured(); i++) {
		if (*all[i] == '\0')
			continue;
		m->why = WHY_BREAKER;
		if (breaker_allows(r, all[i], &yes))
			return r->rc;
		if (yes)
			m->attempt[m->attempts++] = (struct attempt) {
				.model = all[i],
				.reserved =
				    price(ai_tokens_in(q), q->max_tokens),
			};
	}
	if (m->attempts > 0)
		m->why = WHY_NOTHING;
	return OK;
}

static enum rc
reserve(struct req *r, struct meter *m)
{
	int64_t sum = 0;
	struct row row;

	for (int i = 0; i < m->attempts; i++)
		sum += m->attempt[i].reserved;
	req_set(r, "ai_reserved", val_int(sum));
	req_set(r, "ai_limit", val_int(meter_limit()));
	if (m->attempts == 0)
		return OK;
	if (sql_do(r, month_sql) || sql_find(r, reserve_sql, &row))
		return r->rc;
	if (row.count > 0)
		return OK;
	req_set(r, "ai_reserved", val_int(0));
	m->attempts = 0;
	m->why = WHY_BUDGET;
	return OK;
}

static enum rc
usage_add(struct req *r, struct meter *m)
{
	m->id = req_new_id(r, "ai_id");
	req_set(r, "ai_kind", val_text(m->kind));
	req_set(r, "ai_status",
	    val_text(m->attempts > 0 ? "reserved" : "done"));
	req_set(r, "ai_source",
	    val_text(m->attempts > 0  ? NULL :
		    m->cached != NULL ? "cache" :
					"rules"));
	req_set(r, "ai_reason", val_text(why_word(m->why)));
	return sql_do(r, usage_sql);
}

enum rc
meter_open(struct req *r, struct meter *m, const struct ai_ask *q)
{
	struct row row;

	m->start_us = clock_tick_us();
	req_set(r, "ai_key", val_text(m->key));
	req_set(r, "ai_month", val_text(meter_month(r->arena, r->now_ms)));
	req_set(r, "ai_reserved", val_int(0));
	if (rate_count(r, r->user, conf->ai_user_rate, MINUTE_MS) ||
	    rate_count(r, "", conf->ai_account_rate, HOUR_MS) ||
	    sql_find(r, cached_sql, &row))
		return r->rc;
	m->cached = row_text(&row, "answer");
	if (m->cached == NULL && (models_choose(r, m, q) || reserve(r, m)))
		return r->rc;
	return usage_add(r, m);
}

/* --- after -------------------------------------------------------------------
 */

/* What an attempt cost: nothing when it was refused, all when unknown. */
static int64_t
cost_of(const struct attempt *a)
{
	const struct ai_reply *p = &a->reply;

	if (!a->asked || p->end == AI_REFUSED)
		return 0;
	if (p->tokens_in < 0 || p->tokens_out < 0)
		return a->reserved;
	return price(p->tokens_in, p->tokens_out);
}

/* What all attempts cost, and the model that answered last. */
static enum rc
attempts_sum(struct req *r, const struct meter *m)
{
	int64_t cost = 0, in = 0, out = 0;
	const char *model = NULL;

	for (int i = 0; i < m->attempts; i++) {
		const struct attempt *a = &m->attempt[i];

		if (!a->asked)
			continue;
		if (breaker_tell(r, a->model,
			a->reply.end == AI_OK || a->reply.end == AI_NONSENSE))
			return r->rc;
		cost += cost_of(a);
		in += a->reply.tokens_in > 0 ? a->reply.tokens_in : 0;
		out += a->reply.tokens_out > 0 ? a->reply.tokens_out : 0;
		model = a->model;
	}
	req_set(r, "ai_model", val_text(model));
	req_set(r, "ai_cost", val_int(cost));
	req_set(r, "ai_in", val_int(in));
	req_set(r, "ai_out", val_int(out));
	return OK;
}

enum rc
meter_close(struct req *r, struct meter *m, const char *answer)
{
	struct row row;

	if (attempts_sum(r, m))
		return r->rc;
	req_set(r, "ai_source", val_text(answer != NULL ? "ai" : "rules"));
	req_set(r, "ai_reason", val_text(why_word(m->why)));
	req_set(r, "ai_ms", val_int((clock_tick_us() - m->start_us) / 1000));
	if (sql_find(r, settle_usage_sql, &row))
		return r->rc;
	if (row.count > 0) { /* else it has been given up as lost */
		req_set(r, "ai_month", row_val(&row, "month"));
		req_set(r, "ai_reserved", row_val(&row, "reserved"));
		if (sql_do(r, settle_budget_sql))
			return r->rc;
	}
	if (answer == NULL)
		return OK;
	req_set(r, "ai_answer", val_text(answer));
	req_set(r, "ai_expires", val_int(r->now_ms + CACHE_MS));
	return sql_do(r, cache_sql);
}

enum rc
meter_prune(struct req *r)
{
	struct row *list;

	req_set(r, "ai_lost", val_int(r->now_ms - METER_LOST_MS));
	if (sql_rows(r, lost_sql, &list))
		return r->rc;
	for (; list != NULL; list = list->next) {
		req_set(r, "ai_month", row_val(list, "month"));
		req_set(r, "ai_reserved", row_val(list, "reserved"));
		req_set(r, "ai_cost", row_val(list, "reserved"));
		if (sql_do(r, settle_budget_sql))
			return r->rc;
	}
	return sql_do(r, forget_sql);
}
