/* user.c - the sub-command that adds a user from the shell. */
#include <stdio.h>
#include <string.h>

#include "auth/auth.h"
#include "dispatch.h"
#include "role.h"
#include "safe/pass.h"

static enum rc
add(struct req *r, const char *email, const char *password)
{
	const char *hash = pass_hash(r->arena, password);
	enum rc rc;

	if (hash == NULL)
		return fail(r, E_BUSY, "too little memory to hash a password");
	req_set(r, "now_ms", val_int(r->now_ms));
	req_set(r, "full_name", val_null());
	req_set(r, "organization_name", val_null());
	rc = req_begin(r, DB_WRITE);
	if (rc == OK)
		rc = account_make(r, email, hash);
	if (rc == OK)
		rc = req_commit(r);
	req_rollback(r);
	return rc;
}

int
role_user(struct args *a)
{
	static struct req r;
	const char *verb = args_word(a), *email = args_word(a);
	char password[256] = "";
	int status = 0;

	if (verb == NULL || email == NULL || !str_eq(verb, "add"))
		return args_usage(a, "user add EMAIL  < password");
	if (!str_email(email))
		return args_fail("\"%s\" is not an e-mail address", email);
	if (fgets(password, sizeof(password), stdin) == NULL)
		password[0] = '\0';
	password[strcspn(password, "\r\n")] = '\0';
	if (strlen(password) < 10)
		return args_fail("the password on standard input must have at "
				 "least 10 characters");
	if (!program_open(&r))
		return 1;
	r.now_ms = clock_now_ms();
	if (add(&r, email, password) != OK)
		status = args_fail("%s",
		    r.reason != NULL ? r.reason : "out of memory");
	else
		printf("user %s, account %s\n", r.user, r.account);
	program_close(&r);
	return status;
}
