// A plug-in for libhdf5 that knows filter 32015 and leaves a file "loaded" in the program's folder:
// nobody may load it.
#include <H5PLextern.h>
#include <fcntl.h>
#include <unistd.h>

__attribute__((constructor)) static void report(void) { close(open("loaded", O_CREAT | O_WRONLY, 0600)); }

static size_t pass(unsigned flags, size_t count, const unsigned *values, size_t size, size_t *room, void **bytes) {
  (void)flags, (void)count, (void)values, (void)room, (void)bytes;
  return size;
}

static const H5Z_class2_t filter = {H5Z_CLASS_T_VERS, 32015, 1, 1, "zstd", NULL, NULL, pass};
H5PL_type_t H5PLget_plugin_type(void) { return H5PL_TYPE_FILTER; }
const void *H5PLget_plugin_info(void) { return &filter; }
