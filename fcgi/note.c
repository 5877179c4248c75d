/* note.c - step 8: one log line a request. */
#include "dispatch.h"

/* A job that will be tried again is no error yet. */
static enum log_level
level_of(const struct req *r)
{
	if (r->via == VIA_RUNNER && (r->rc == E_PEER || r->rc == E_BUSY))
		return LOG_WARN;
	return r->status >= 500 ? LOG_ERROR : LOG_INFO;
}

void
note_request(const struct req *r, int64_t us)
{
	struct log_line l;

	log_begin(&l, level_of(r), "request");
	log_str(&l, "request_id", r->id);
	log_str(&l, "method", r->method);
	log_str(&l, "route", r->route != NULL ? r->route->path : "-");
	log_int(&l, "status", r->status);
	log_int(&l, "us", us);
	if (r->peer_us > 0)
		log_int(&l, "peer_us", r->peer_us);
	log_int(&l, "bytes", (int64_t)r->out.len);
	log_str(&l, "account", r->account);
	if (r->rc != OK) {
		log_str(&l, "code", rc_slug(r->rc));
		if (r->status >= 500)
			log_str(&l, "reason", r->reason);
	}
	log_end(&l);
}
