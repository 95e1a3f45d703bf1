#include <hdf5.h>

/* Names that hdf5.h gives as macros, which Swift cannot import. */
static inline hid_t sc_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t sc_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t sc_native_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t sc_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t sc_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t sc_native_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t sc_c_string(void) { return H5T_C_S1; }
