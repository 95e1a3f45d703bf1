#ifndef CLZF_LZF_FILTER_H
#define CLZF_LZF_FILTER_H

#include <stddef.h>

/* The number of bytes that `input` (LZF-compressed, `size` bytes) decodes to; 0 if it is not
 * well-formed. */
size_t lzf_decoded_size(const unsigned char *input, size_t size);

/* Decodes `input` into `output`, which holds exactly lzf_decoded_size() bytes and must not
 * overlap it. */
void lzf_decode(const unsigned char *input, size_t size, unsigned char *output);

/* Makes HDF5 able to read chunks stored with filter 32000 (LZF). Returns a negative number on
 * failure. */
int lzf_register_filter(void);

#endif
