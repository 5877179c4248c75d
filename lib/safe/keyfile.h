/*
 * keyfile.h - the file of the master keys; for seal.c only, see seal.h.
 */
#ifndef SAFE_KEYFILE_H
#define SAFE_KEYFILE_H

#define KEY_BYTES 32

/* Read the file again if its stamps changed since it was loaded. */
void keyfile_renew(void);
/*
 * The master key of an id, valid until the next call of this module; a
 * missing one is looked for in a changed file. NULL when it is not here.
 */
const unsigned char *keyfile_key(int id);

#endif
