/* seal.c - credentials at rest: envelopes under keys of accounts. */
#include <stdint.h>
#include <string.h>

#include <sodium.h>

#include "base/buf.h"
#include "safe/keyfile.h"
#include "safe/seal.h"

#define SEAL_VERSION 1
#define SEAL_VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define HEAD_BYTES   2 /* version, key id */
#define NONCE_BYTES  crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES    crypto_aead_xchacha20poly1305_ietf_ABYTES
#define FRAME_BYTES  (HEAD_BYTES + NONCE_BYTES + TAG_BYTES)

_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == KEY_BYTES,
    "a derived key fits the cipher");

struct secret {
	char *text;
	size_t len;
};

static void
secret_wipe(void *arg)
{
	struct secret *s = arg;

	sodium_memzero(s->text, s->len);
}

/* key = BLAKE2b(label | name) under the master key id; false: not here. */
static bool
derive(int id, const char *label, const char *name,
    unsigned char key[KEY_BYTES])
{
	const unsigned char *master = keyfile_key(id);
	crypto_generichash_state st;

	if (master == NULL) {
		sodium_memzero(key, KEY_BYTES);
		return false;
	}
	crypto_generichash_init(&st, master, KEY_BYTES, KEY_BYTES);
	crypto_generichash_update(&st, (const unsigned char *)label,
	    strlen(label));
	crypto_generichash_update(&st, (const unsigned char *)name,
	    strlen(name));
	crypto_generichash_final(&st, key, KEY_BYTES);
	sodium_memzero(&st, sizeof(st));
	return true;
}

/* The associated data of a place; false when it is none, or out of room. */
static bool
place_text(struct buf *b, struct arena *a, const struct seal_place *p, int id)
{
	const char *const parts[] = { p->account, p->table, p->row, p->column };

	buf_init(b, a);
	for (size_t i = 0; i < COUNT(parts); i++) {
		if (parts[i] == NULL || strchr(parts[i], '|') != NULL)
			return false;
		buf_str(b, parts[i]);
		buf_char(b, '|');
	}
	buf_printf(b, "%d", id);
	return !b->bad;
}

char *
seal_close(struct arena *a, const struct seal_place *place, const char *secret)
{
	unsigned char key[KEY_BYTES], *raw;
	size_t len = strlen(secret), text_len;
	struct buf ad;
	char *text;
	int id;

	keyfile_renew();
	id = seal_current();
	if (id == 0 || !place_text(&ad, a, place, id))
		return NULL;
	text_len = sodium_base64_ENCODED_LEN(FRAME_BYTES + len, SEAL_VARIANT);
	raw = arena_get(a, FRAME_BYTES + len);
	text = arena_get(a, text_len);
	if (raw == NULL || text == NULL ||
	    !derive(id, "seal|", place->account, key))
		return NULL;
	raw[0] = SEAL_VERSION;
	raw[1] = (unsigned char)id;
	randombytes_buf(raw + HEAD_BYTES, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(raw + HEAD_BYTES +
		NONCE_BYTES,
	    NULL, (const unsigned char *)secret, len, (unsigned char *)ad.data,
	    ad.len, NULL, raw + HEAD_BYTES, key);
	sodium_memzero(key, sizeof(key));
	return sodium_bin2base64(text, text_len, raw, FRAME_BYTES + len,
	    SEAL_VARIANT);
}

/* Bytes of an envelope; NULL unless it has the frame of one. */
static unsigned char *
envelope_read(struct arena *a, const char *text, size_t *len)
{
	size_t n = strlen(text);
	unsigned char *raw = arena_get(a, n / 4 * 3 + 3);

	if (raw == NULL ||
	    sodium_base642bin(raw, n / 4 * 3 + 3, text, n, NULL, len, NULL,
		SEAL_VARIANT) != 0)
		return NULL;
	if (*len < FRAME_BYTES || raw[0] != SEAL_VERSION || raw[1] == 0)
		return NULL;
	return raw;
}

/* Room for a plain text of len bytes that will be wiped. */
static char *
secret_room(struct arena *a, size_t len)
{
	struct secret *s = arena_get(a, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->text = arena_get(a, len + 1);
	s->len = len + 1;
	if (s->text == NULL || !arena_defer(a, secret_wipe, s))
		return NULL;
	s->text[len] = '\0';
	return s->text;
}

const char *
seal_open(struct arena *a, const struct seal_place *place, const char *envelope)
{
	unsigned char key[KEY_BYTES], *raw;
	struct buf ad;
	size_t len;
	char *text;
	int bad;

	raw = envelope_read(a, envelope, &len);
	if (raw == NULL || !place_text(&ad, a, place, raw[1]))
		return NULL;
	text = secret_room(a, len - FRAME_BYTES);
	if (text == NULL || !derive(raw[1], "seal|", place->account, key))
		return NULL;
	bad = crypto_aead_xchacha20poly1305_ietf_decrypt((unsigned char *)text,
	    NULL, NULL, raw + HEAD_BYTES + NONCE_BYTES,
	    len - HEAD_BYTES - NONCE_BYTES, (unsigned char *)ad.data, ad.len,
	    raw + HEAD_BYTES, key);
	sodium_memzero(key, sizeof(key));
	return bad == 0 ? text : NULL;
}

int
seal_key_id(const char *envelope)
{
	unsigned char head[3];
	size_t len;

	/* four characters are version, key id and a byte of the nonce */
	if (strlen(envelope) <
		sodium_base64_ENCODED_LEN(FRAME_BYTES, SEAL_VARIANT) - 1 ||
	    sodium_base642bin(head, sizeof(head), envelope, 4, NULL, &len, NULL,
		SEAL_VARIANT) != 0)
		return 0;
	return head[0] == SEAL_VERSION ? head[1] : 0;
}

bool
seal_derive(const char *purpose, int *id, unsigned char key[32])
{
	if (*id == 0) {
		keyfile_renew();
		*id = seal_current();
	}
	return derive(*id, "derive|", purpose, key);
}
