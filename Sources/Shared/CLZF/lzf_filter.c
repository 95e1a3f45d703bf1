/* A decoder for LZF, the compression that older AnnData files use (HDF5 filter 32000). The
 * stream is a sequence of pieces:
 *   000LLLLL                      L + 1 literal bytes follow;
 *   LLLOOOOO oooooooo             copy L + 2 bytes from O + 1 bytes back (L in 1..6, O of 13 bits);
 *   111OOOOO LLLLLLLL oooooooo    the same with a length of L + 9.
 * A first pass measures the size and checks every reference. So the second needs no checks, and
 * the size of the output is known. */
#include "include/lzf_filter.h"

#if __has_include(<hdf5.h>)
#include <hdf5.h>
#else
#include <hdf5/serial/hdf5.h>
#endif
#include <string.h>

enum { lzf_filter_number = 32000 };

size_t lzf_decoded_size(const unsigned char *input, size_t size) {
  size_t in = 0, out = 0;
  while (in < size) {
    size_t control = input[in++];
    if (control < 32) {
      if (size - in < control + 1) return 0;
      in += control + 1;
      out += control + 1;
      continue;
    }
    size_t length = control >> 5;
    if (length == 7) {
      if (in == size) return 0;
      length += input[in++];
    }
    if (in == size) return 0;
    size_t distance = ((control & 31) << 8) + input[in++] + 1;
    if (distance > out) return 0;
    out += length + 2;
  }
  return out;
}

void lzf_decode(const unsigned char *input, size_t size, unsigned char *output) {
  size_t in = 0, out = 0;
  while (in < size) {
    size_t control = input[in++];
    if (control < 32) {
      memcpy(output + out, input + in, control + 1);
      in += control + 1;
      out += control + 1;
      continue;
    }
    size_t length = control >> 5;
    if (length == 7) length += input[in++];
    size_t distance = ((control & 31) << 8) + input[in++] + 1;
    /* Source and target may overlap on purpose (runs): byte by byte, front to back. */
    for (size_t end = out + length + 2; out < end; out++) output[out] = output[out - distance];
  }
}

static size_t lzf_filter(unsigned flags, size_t value_count, const unsigned values[], size_t size,
                         size_t *buffer_size, void **buffer) {
  (void)value_count;
  (void)values;
  if (!(flags & H5Z_FLAG_REVERSE)) return 0; /* this filter only reads */
  size_t decoded = lzf_decoded_size(*buffer, size);
  if (decoded == 0) return 0;
  unsigned char *output = H5allocate_memory(decoded, 0);
  if (!output) return 0;
  lzf_decode(*buffer, size, output);
  H5free_memory(*buffer);
  *buffer = output;
  *buffer_size = decoded;
  return decoded;
}

int lzf_register_filter(void) {
  static const H5Z_class2_t filter = {
      H5Z_CLASS_T_VERS, lzf_filter_number, 0, 1, "lzf", NULL, NULL, lzf_filter,
  };
  return H5Zregister(&filter);
}
