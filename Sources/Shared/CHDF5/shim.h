#if __has_include(<hdf5.h>)
#include <hdf5.h>
#else
#include <hdf5/serial/hdf5.h>
#endif
#include <string.h>

/* Names that are macros in hdf5.h, which Swift cannot import. */
static inline hid_t sc_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t sc_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t sc_native_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t sc_native_int16(void) { return H5T_NATIVE_INT16; }
static inline hid_t sc_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t sc_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t sc_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t sc_native_uint16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t sc_native_uint32(void) { return H5T_NATIVE_UINT32; }
static inline hid_t sc_native_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t sc_c_string(void) { return H5T_C_S1; }
static inline hid_t sc_object_reference(void) { return H5T_STD_REF_OBJ; }
static inline hid_t sc_default(void) { return H5P_DEFAULT; }
static inline hid_t sc_all(void) { return H5S_ALL; }
static inline hid_t sc_property_list_for_file_creation(void) { return H5P_FILE_CREATE; }
static inline hid_t sc_property_list_for_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t sc_property_list_for_dataset_creation(void) { return H5P_DATASET_CREATE; }
static inline hid_t sc_property_list_for_dataset_access(void) { return H5P_DATASET_ACCESS; }
static inline hid_t sc_property_list_for_link_creation(void) { return H5P_LINK_CREATE; }
static inline unsigned sc_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned sc_truncate(void) { return H5F_ACC_TRUNC; }
static inline size_t sc_variable_size(void) { return H5T_VARIABLE; }

/* HDF5's own error printing off. Debian's library keeps this by thread. */
static inline void sc_hdf5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

/* Once, before anything else: plug-ins off, external links never followed. */
static inline int sc_hdf5_prepare(void) {
  if (H5dont_atexit() < 0 || H5open() < 0) return -1;
  H5PLset_loading_state(0);
  return H5Lunregister(H5L_TYPE_EXTERNAL);
}

/* Opens a copy of `size` bytes, the content of a file, as that file; negative on failure. */
static inline hid_t sc_hdf5_open_image(void *bytes, size_t size) {
  hid_t list = H5Pcreate(H5P_FILE_ACCESS);
  hid_t file = -1;
  if (list >= 0 && H5Pset_fapl_core(list, 1 << 20, 0) >= 0 && H5Pset_file_image(list, bytes, size) >= 0) {
    file = H5Fopen("image", H5F_ACC_RDONLY, list);
  }
  /* Closing clears the message of a failure, so the list of a failed call stays. */
  if (file >= 0) H5Pclose(list);
  return file;
}

struct sc_error_text {
  char *text;
  size_t size;
};

static inline herr_t sc_hdf5_note_error(unsigned n, const H5E_error2_t *error, void *context) {
  struct sc_error_text *target = (struct sc_error_text *)context;
  if (n == 0 && error->desc) strncpy(target->text, error->desc, target->size - 1);
  return 0;
}

/* The innermost message of the error stack, into `text` of `size` bytes, always with a zero byte
 * at its end. */
static inline void sc_hdf5_last_error(char *text, size_t size) {
  struct sc_error_text target = {text, size};
  memset(text, 0, size);
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, sc_hdf5_note_error, &target);
}
